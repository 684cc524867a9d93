using System.Buffers;

namespace MicroSpark.Formats.Parquet.Writing;

/// <summary>Writes small numbers as runs and packed bits; <see cref="Pages.HybridReader"/> is its other half.</summary>
internal static class HybridWriter
{
    private const int Group = 8;

    public static void Write(ReadOnlySpan<int> values, int width, ArrayBufferWriter<byte> into)
    {
        for (var at = 0; at < values.Length;)
        {
            var run = RunAt(values, at);
            if (run >= Group)
            {
                Varint((ulong)run << 1, into);
                Number((ulong)values[at], (width + 7) / 8, into);
                at += run;
                continue;
            }

            // Whole groups until a run begins; the last one of all is filled up with zeros.
            var end = at;
            while (end < values.Length && RunAt(values, end) < Group)
            {
                end = Math.Min(end + Group, values.Length);
            }

            Pack(values[at..end], width, into);
            at = end;
        }
    }

    private static int RunAt(ReadOnlySpan<int> values, int at)
    {
        var rest = values[at..];
        var other = rest.IndexOfAnyExcept(rest[0]);
        return other < 0 ? rest.Length : other;
    }

    private static void Pack(ReadOnlySpan<int> values, int width, ArrayBufferWriter<byte> into)
    {
        var groups = (values.Length + Group - 1) / Group;
        Varint(((ulong)groups << 1) | 1, into);
        ulong bits = 0;
        var count = 0;
        for (var i = 0; i < groups * Group; i++)
        {
            bits |= (ulong)(i < values.Length ? values[i] : 0) << count;
            count += width;
            for (; count >= 8; count -= 8, bits >>= 8)
            {
                Number(bits & 0xFF, 1, into);
            }
        }
    }

    private static void Varint(ulong value, ArrayBufferWriter<byte> into)
    {
        for (; value > 127; value >>= 7)
        {
            Number((value & 127) | 128, 1, into);
        }

        Number(value, 1, into);
    }

    private static void Number(ulong value, int bytes, ArrayBufferWriter<byte> into)
    {
        var span = into.GetSpan(sizeof(ulong));
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64LittleEndian(span, value);
        into.Advance(bytes);
    }
}
