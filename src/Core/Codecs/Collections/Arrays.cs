using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MicroSpark.Codecs.Collections;

/// <summary>Arrays: the length and a run of the elements.</summary>
internal sealed class ArrayCodec<T> : ClassCodec<T[]>
{
    private static Codec<T> Item => CodecOf<T>.Instance;

    protected override bool IsDeep => !typeof(T).IsPrimitive;

    protected override void WriteContent(ref ValueWriter writer, T[] value)
    {
        writer.WriteVarint((uint)value.Length);
        Item.WriteRun(ref writer, value);
    }

    protected override T[] ReadContent(ref ValueReader reader, int number)
    {
        var item = Item;

        // Not Array.Empty for none: two arrays that were two stay two.
        var value = new T[reader.ReadCount(item.MinBytes)];
        reader.Register(number, value);
        item.ReadRun(ref reader, value);
        return value;
    }
}

/// <summary>Arrays of several dimensions: the lengths and a run of the elements, the last index running fastest.</summary>
internal sealed class MatrixCodec<TArray, T> : ClassCodec<TArray>
    where TArray : class
{
    private static readonly int s_rank = typeof(TArray).GetArrayRank();

    protected override void WriteContent(ref ValueWriter writer, TArray value)
    {
        var array = Unsafe.As<Array>(value);
        for (var dimension = 0; dimension < s_rank; dimension++)
        {
            if (array.GetLowerBound(dimension) != 0)
            {
                throw new NotEncodableException("", "it is an array that does not start at index 0. Copy it into one that does.", value);
            }

            writer.WriteVarint((uint)array.GetLength(dimension));
        }

        CodecOf<T>.Instance.WriteRun(ref writer, Cells(array));
    }

    protected override TArray ReadContent(ref ValueReader reader, int number)
    {
        var lengths = new int[s_rank];
        long cells = 1; // of the dimensions that have any: the runtime bounds their product, whatever the others are
        var isEmpty = false;
        for (var dimension = 0; dimension < s_rank; dimension++)
        {
            var length = reader.ReadVarint();
            isEmpty |= length == 0;
            cells *= Math.Max(length, 1);
            lengths[dimension] = cells <= Array.MaxLength
                ? (int)length
                : throw ValueReader.Corrupt($"an array has {cells} elements or more");
        }

        reader.CheckCount(isEmpty ? 0 : (uint)cells, CodecOf<T>.Instance.MinBytes);
        var array = Array.CreateInstance(typeof(T), lengths);
        var value = array as TArray ?? throw ValueReader.Corrupt($"an array of {s_rank} dimensions is no {typeof(TArray)}");
        reader.Register(number, value);
        CodecOf<T>.Instance.ReadRun(ref reader, Cells(array));
        return value;
    }

    private static Span<T> Cells(Array array) =>
        MemoryMarshal.CreateSpan(ref Unsafe.As<byte, T>(ref MemoryMarshal.GetArrayDataReference(array)), array.Length);
}
