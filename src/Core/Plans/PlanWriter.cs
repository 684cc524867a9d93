using System.Buffers;
using System.Buffers.Binary;
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

    /// <summary>Whether tasks that use the arguments may add to accumulators.</summary>
    public bool Counts { get; private set; }

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
    }

    /// <summary>A value that is part of the recipe: a partitioner, a comparer, a zero.</summary>
    public void Value<T>(T value)
    {
        Bytes(ValueCodec.Encode(value, CodeSpace.Process, out var assemblies));
        Assemblies.UnionWith(assemblies);
    }
}

/// <summary>Reads what <see cref="PlanWriter"/> wrote, on a worker.</summary>
internal sealed class PlanReader(ReadOnlyMemory<byte> arguments, IReadOnlyList<PlanNode> parents, CodeSpace space)
{
    private int _position;

    public CodeSpace Space { get; } = space;

    public int ParentCount => parents.Count;

    public PlanNode<T> Parent<T>(int index = 0) => (PlanNode<T>)parents[index];

    public int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4).Span);

    public long Int64() => BinaryPrimitives.ReadInt64LittleEndian(Take(8).Span);

    public bool Boolean() => Int32() != 0;

    public double Double() => BitConverter.Int64BitsToDouble(Int64());

    public ReadOnlyMemory<byte> Bytes() => Take(Int32());

    public string? Text()
    {
        var length = Int32();
        return length < 0 ? null : Encoding.UTF8.GetString(Take(length).Span);
    }

    public LineageId Lineage() => LineageId.FromHash(Take(32).Span);

    public BlobName Blob() => new(Lineage());

    public Closure<TDelegate> Closure<TDelegate>()
        where TDelegate : Delegate => Closures.Closure<TDelegate>.FromEncoded(Bytes(), Space);

    public T Value<T>() => ValueCodec.Decode<T>(Bytes().Span, Space);

    private ReadOnlyMemory<byte> Take(int count)
    {
        if ((uint)count > (uint)(arguments.Length - _position))
        {
            throw new InvalidDataException($"The plan is damaged: {count} bytes expected at {_position}, {arguments.Length - _position} left.");
        }

        var taken = arguments.Slice(_position, count);
        _position += count;
        return taken;
    }
}
