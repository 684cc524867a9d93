using System.Buffers;
using System.Runtime.CompilerServices;
using MicroSpark.Code;
using MicroSpark.Codecs;
using MicroSpark.Model;
using MicroSpark.Tasks;

namespace MicroSpark.SharedVariables;

/// <summary>
/// An accumulator captured by a lambda: which one it is, and what a task starts from. All lambdas of a task that captured it share one
/// copy. Anywhere else, in a task's update or inside another accumulator, it is its fields.
/// </summary>
internal sealed class AccumulatorCodec<T> : ClassCodec<T>
    where T : class
{
    private const byte Captured = 0;
    private const byte Fields = 1;
    private const int IdSize = 16;

    private FieldsWriter<T>? _write;
    private FieldsReader<T>? _read;

    protected override void WriteContent(ref ValueWriter writer, T value)
    {
        if (writer.State.Capture is not { } capture)
        {
            writer.WriteByte(Fields);
            (_write ??= FieldsEmitter.Writer<T>())(ref writer, ref value);
            return;
        }

        var accumulator = (IAccumulator)value;
        var tag = accumulator.Tag!;
        var empty = AccumulatorState.Encode(accumulator.Empty(), writer.Space, out var assemblies);
        capture.Need(assemblies);
        writer.WriteByte(Captured);
        tag.Id.TryWriteBytes(writer.Claim(IdSize));
        writer.Advance(IdSize);
        writer.WriteString(tag.Name);
        writer.WriteVarint((uint)empty.Length);
        writer.WriteBytes(empty);
    }

    protected override T ReadContent(ref ValueReader reader, int number) => reader.ReadByte() switch
    {
        Captured => ReadCaptured(ref reader),
        Fields => ReadFields(ref reader, number),
        byte other => throw ValueReader.Corrupt($"{other} is no kind of accumulator"),
    };

    private static T ReadCaptured(ref ValueReader reader)
    {
        _ = reader.RequirePlan("an accumulator of a lambda");
        var id = new Guid(reader.ReadBytes(IdSize));
        var name = reader.ReadString();
        var empty = reader.ReadBytes(reader.ReadCount());
        if (TaskContext.Current is not { } task)
        {
            throw ValueReader.Corrupt("an accumulator follows, which is there for tasks only");
        }

        task.Accumulators ??= new TaskAccumulators();
        if (task.Accumulators.Find(id) is not { } known)
        {
            known = AccumulatorState.Decode(typeof(T), empty, reader.Space);
            known.Tag = new AccumulatorTag(id, name, InTask: true);
            task.Accumulators.Add(known);
        }

        return known as T ?? throw ValueReader.Corrupt($"the accumulator {id} is a {known.GetType()} where {typeof(T)} is expected");
    }

    private T ReadFields(ref ValueReader reader, int number)
    {
        var value = (T)RuntimeHelpers.GetUninitializedObject(typeof(T));
        reader.Register(number, value);
        (_read ??= FieldsEmitter.Reader<T>())(ref reader, ref value);
        return value;
    }
}

/// <summary>The rule of accumulators, the user's own classes too.</summary>
internal static class AccumulatorCodecs
{
#pragma warning disable CA2255 // The rule keeps libraries from work that their users do not expect; this adds to a table of our own.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void AddRule() => CodecRules.Add(
        CodecRank.Family,
        static type => typeof(IAccumulator).IsAssignableFrom(type) && !type.IsAbstract
            ? CodecRules.Make(typeof(AccumulatorCodec<>), [type])
            : null);
}

/// <summary>What an accumulator holds, as bytes: its type is known on both sides.</summary>
internal static class AccumulatorState
{
    public static byte[] Encode(IAccumulator accumulator, CodeSpace space, out IReadOnlyList<AssemblyId> assemblies)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new ValueWriter(output, space);
        try
        {
            CodecOf.DeclaredAs(accumulator.GetType()).WriteBoxed(ref writer, accumulator);
            writer.Flush();
            assemblies = writer.Assemblies;
            return output.WrittenSpan.ToArray();
        }
        catch (NotEncodableException error) when (error.Path.Length == 0)
        {
            throw error.Below(TypeNames.Of(accumulator.GetType()), accumulator);
        }
        finally
        {
            writer.Dispose();
        }
    }

    public static IAccumulator Decode(Type type, ReadOnlySpan<byte> bytes, CodeSpace space)
    {
        var reader = new ValueReader(bytes, space);
        try
        {
            var accumulator = CodecOf.DeclaredAs(type).ReadBoxed(ref reader) as IAccumulator
                ?? throw ValueReader.Corrupt($"nothing follows where a {type} is expected");
            reader.Complete();
            return accumulator;
        }
        finally
        {
            reader.Dispose();
        }
    }
}
