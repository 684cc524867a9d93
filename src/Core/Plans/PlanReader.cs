using System.Buffers.Binary;
using System.Text;
using MicroSpark.Closures;
using MicroSpark.Code;
using MicroSpark.Codecs;
using MicroSpark.Model;

namespace MicroSpark.Plans;

/// <summary>
/// Reads what <see cref="PlanWriter"/> wrote, on a worker. Nothing in the bytes is trusted: what does not fit is an
/// <see cref="InvalidDataException"/>, and no count allocates more than the remaining bytes can fill.
/// </summary>
internal sealed class PlanReader(ReadOnlyMemory<byte> arguments, IReadOnlyList<PlanNode> parents, CodeSpace space)
{
    private int _position;

    public CodeSpace Space { get; } = space;

    public int ParentCount => parents.Count;

    public PlanNode<T> Parent<T>(int index = 0) =>
        (uint)index < (uint)parents.Count && parents[index] is PlanNode<T> parent
            ? parent
            : throw Damaged($"parent {index} of {parents.Count} is no {TypeNames.Of(typeof(PlanNode<T>))}");

    /// <summary>Reads a count of things of at least so many bytes each, and checks that they can still follow.</summary>
    public int Count(int leastBytes)
    {
        var count = Int32();
        return count >= 0 && (long)count * leastBytes <= Left
            ? count
            : throw Damaged($"{count} items of at least {leastBytes} bytes are announced at {_position - 4}, and {Left} bytes follow");
    }

    /// <summary>Reads an index into a list of so many.</summary>
    public int Index(int count)
    {
        var index = Int32();
        return (uint)index < (uint)count ? index : throw Damaged($"item {index} of {count} is referenced at {_position - 4}");
    }

    public int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4).Span);

    public long Int64() => BinaryPrimitives.ReadInt64LittleEndian(Take(8).Span);

    public bool Boolean() => Int32() != 0;

    public double Double() => BitConverter.Int64BitsToDouble(Int64());

    public ReadOnlyMemory<byte> Bytes() => Take(Int32());

    public string Text() => TextOrNull() ?? throw Damaged($"a text is missing at {_position - 4}");

    public string? TextOrNull()
    {
        var length = Int32();
        return length == -1 ? null : Encoding.UTF8.GetString(Take(length).Span);
    }

    public Guid Guid()
    {
        var bytes = Bytes();
        return bytes.Length == 16 ? new Guid(bytes.Span) : throw Damaged($"an id has {bytes.Length} bytes instead of 16");
    }

    public LineageId Lineage() => LineageId.FromHash(Take(32).Span);

    public BlobName Blob() => new(Lineage());

    public Closure<TDelegate> Closure<TDelegate>()
        where TDelegate : Delegate => Closures.Closure<TDelegate>.FromEncoded(Bytes(), Space);

    public T Value<T>() => ValueCodec.Decode<T>(Bytes().Span, Space, ClosureFunctions.Instance);

    public static InvalidDataException Damaged(string found) => new($"The plan is damaged: {found}.");

    private int Left => arguments.Length - _position;

    private ReadOnlyMemory<byte> Take(int count)
    {
        if ((uint)count > (uint)Left)
        {
            throw Damaged($"{count} bytes are expected at {_position}, and {Left} follow");
        }

        var taken = arguments.Slice(_position, count);
        _position += count;
        return taken;
    }
}
