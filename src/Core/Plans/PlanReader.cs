using System.Buffers.Binary;
using System.Text;
using MicroSpark.Closures;
using MicroSpark.Code;
using MicroSpark.Codecs;
using MicroSpark.Model;

namespace MicroSpark.Plans;

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
            throw new InvalidDataException(
                $"The plan is damaged: {count} bytes expected at {_position}, {arguments.Length - _position} left.");
        }

        var taken = arguments.Slice(_position, count);
        _position += count;
        return taken;
    }
}
