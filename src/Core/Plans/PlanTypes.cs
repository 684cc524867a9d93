using System.Buffers;
using System.Runtime.CompilerServices;
using MicroSpark.Closures;
using MicroSpark.Code;
using MicroSpark.Codecs;
using MicroSpark.Model;

namespace MicroSpark.Plans;

/// <summary>The type arguments that a plan's nodes have: a closed table, in the plan. Nodes refer to it by index.</summary>
internal sealed class PlanTypes
{
    private static readonly ConditionalWeakTable<Type, byte[]> s_identities = new();

    private readonly Dictionary<Type, int> _index = [];
    private readonly List<Type> _types = [];

    /// <summary>User assemblies that the table names; complete after <see cref="ToBytes"/>.</summary>
    public HashSet<AssemblyId> Assemblies { get; } = [];

    /// <summary>What tells a type from others in every process: names of the framework's, assembly id and row of a user's.</summary>
    public static byte[] IdentityOf(Type type) => s_identities.GetValue(type, static t => Write([t], []));

    public int IndexOf(Type type)
    {
        if (!_index.TryGetValue(type, out var index))
        {
            index = _types.Count;
            _index.Add(type, index);
            _types.Add(type);
        }

        return index;
    }

    public byte[] ToBytes() => Write(_types, Assemblies);

    public static Type[] Read(ReadOnlyMemory<byte> bytes, CodeSpace space)
    {
        var reader = new ValueReader(bytes.Span, space, ClosureFunctions.Instance);
        try
        {
            var types = new Type[reader.ReadCount()];
            for (var i = 0; i < types.Length; i++)
            {
                types[i] = reader.ReadCodeType();
            }

            return types;
        }
        finally
        {
            reader.Dispose();
        }
    }

    private static byte[] Write(List<Type> types, HashSet<AssemblyId> assemblies)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new ValueWriter(output, CodeSpace.Process, ClosureFunctions.Instance);
        try
        {
            writer.WriteVarint((uint)types.Count);
            foreach (var type in types)
            {
                writer.WriteCodeType(type);
            }

            assemblies.UnionWith(writer.Assemblies);
            writer.Flush();
            return output.WrittenSpan.ToArray();
        }
        finally
        {
            writer.Dispose();
        }
    }
}
