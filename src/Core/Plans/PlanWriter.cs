using System.Buffers;
using System.Buffers.Binary;
using System.Reflection;
using System.Text;
using MicroSpark.Closures;
using MicroSpark.Code;
using MicroSpark.Codecs;
using MicroSpark.Model;

namespace MicroSpark.Plans;

/// <summary>Collects a node's arguments, and what a worker must have before it can use them.</summary>
internal sealed class PlanWriter
{
    private readonly ArrayBufferWriter<byte> _buffer = new();

    public ReadOnlySpan<byte> WrittenSpan => _buffer.WrittenSpan;

    /// <summary>User assemblies that the arguments name.</summary>
    public HashSet<AssemblyId> Assemblies { get; } = [];

    /// <summary>Data that the arguments name; pulled by the tasks that read it.</summary>
    public List<PlanBlob> Blobs { get; } = [];

    /// <summary>The lambdas that the arguments hold, by the methods that they are compiled to.</summary>
    public List<(MethodInfo Method, long Captured)> Methods { get; } = [];

    /// <summary>Whether tasks that use the arguments may add to accumulators.</summary>
    public bool Counts { get; private set; }

    /// <summary>The first call in the arguments' lambdas that depends on the process's time zone; null for none.</summary>
    public string? LocalTime { get; private set; }

    public void Int32(int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(_buffer.GetSpan(4), value);
        _buffer.Advance(4);
    }

    public void Int64(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(_buffer.GetSpan(8), value);
        _buffer.Advance(8);
    }

    public void Boolean(bool value) => Int32(value ? 1 : 0);

    public void Double(double value) => Int64(BitConverter.DoubleToInt64Bits(value));

    public void Bytes(ReadOnlySpan<byte> value)
    {
        Int32(value.Length);
        _buffer.Write(value);
    }

    public void Text(string? value)
    {
        if (value is null)
        {
            Int32(-1);
            return;
        }

        Bytes(Encoding.UTF8.GetBytes(value));
    }

    public void Lineage(LineageId id)
    {
        id.CopyTo(_buffer.GetSpan(32));
        _buffer.Advance(32);
    }

    public void Blob(PlanBlob blob)
    {
        Lineage(blob.Name.Hash);
        Blobs.Add(blob);
    }

    public void Closure(Closure closure)
    {
        Bytes(closure.Encoded.Span);
        Assemblies.UnionWith(closure.Assemblies);
        Blobs.AddRange(closure.Blobs);
        Counts |= closure.Counts;
        Methods.Add((closure.Method, closure.Encoded.Length));
        LocalTime ??= closure.LocalTime;
    }

    /// <summary>A value that is part of the recipe: a partitioner, a comparer, a zero.</summary>
    public void Value<T>(T value)
    {
        Bytes(ValueCodec.Encode(value, CodeSpace.Process, out var assemblies, ClosureFunctions.Instance));
        Assemblies.UnionWith(assemblies);
    }
}
