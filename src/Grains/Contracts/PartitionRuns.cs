using System.Buffers;

namespace MicroSpark.Grains.Contracts;

/// <summary>
/// Partitions by their runs of neighbours: for each run the gap before it and its length, as varints. All of a million take four bytes, and
/// every second one a million bytes: what names partitions stays far below what a message may carry. Any order, also with repetitions.
/// </summary>
[GenerateSerializer, Immutable, Alias("microspark.PartitionRuns")]
internal sealed record PartitionRuns([property: Id(0)] byte[] Runs)
{
    public static PartitionRuns Of(IReadOnlyList<int> partitions)
    {
        var bytes = new ArrayBufferWriter<byte>();
        var end = 0;
        for (var i = 0; i < partitions.Count;)
        {
            var start = i;
            var first = partitions[i];
            for (i++; i < partitions.Count && partitions[i] == first + (i - start); i++)
            {
            }

            // A gap is negative where a later run has lower numbers: zigzag, so that a small one stays short.
            var gap = first - end;
            Write(bytes, (uint)((gap << 1) ^ (gap >> 31)));
            Write(bytes, (uint)(i - start));
            end = first + (i - start);
        }

        return new PartitionRuns(bytes.WrittenSpan.ToArray());
    }

    public int[] ToArray()
    {
        var partitions = new List<int>();
        var at = 0;
        for (var next = 0; at < Runs.Length;)
        {
            var gap = Read(Runs, ref at);
            next += (int)(gap >> 1) ^ -(int)(gap & 1);
            for (var left = Read(Runs, ref at); left > 0; left--)
            {
                partitions.Add(next++);
            }
        }

        return [.. partitions];
    }

    internal static void Write(ArrayBufferWriter<byte> bytes, uint value)
    {
        var span = bytes.GetSpan(5);
        var at = 0;
        for (; value >= 0x80; value >>= 7)
        {
            span[at++] = (byte)(value | 0x80);
        }

        span[at++] = (byte)value;
        bytes.Advance(at);
    }

    internal static uint Read(byte[] bytes, ref int at)
    {
        uint value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var next = bytes[at++];
            value |= (uint)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
    }
}
