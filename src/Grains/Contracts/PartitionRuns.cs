using System.Buffers;

namespace MicroSpark.Grains.Contracts;

/// <summary>
/// Partitions by their runs of neighbours: for each run the gap before it and its length, as varints. All of a million take four bytes, and
/// every second one a million bytes: what names partitions stays far below what a message may carry. Any order, also with repetitions.
/// </summary>
[GenerateSerializer, Immutable, Alias("microspark.PartitionRuns")]
internal sealed record PartitionRuns([property: Id(0)] byte[] Runs)
{
    /// <summary>
    /// More are refused. A run takes few bytes whatever its length, so the bytes do not bound what it takes when it is spread out; what a
    /// job can have does.
    /// </summary>
    public const int Most = 1 << 24;

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

    /// <exception cref="InvalidDataException">The bytes are no runs, or name more than <see cref="Most"/> partitions.</exception>
    public int[] ToArray()
    {
        long count = 0;
        for (var at = 0; at < Runs.Length;)
        {
            Read(Runs, ref at);
            count += Read(Runs, ref at);
            if (count > Most)
            {
                throw new InvalidDataException($"{Runs.Length} bytes name {count} partitions or more; at most {Most} are possible.");
            }
        }

        var partitions = new int[count];
        var filled = 0;
        long next = 0;
        for (var at = 0; at < Runs.Length;)
        {
            var gap = Read(Runs, ref at);
            next += (int)(gap >> 1) ^ -(int)(gap & 1);
            var length = Read(Runs, ref at);
            if (next < 0 || next + length > int.MaxValue)
            {
                throw new InvalidDataException($"A run of {length} partitions begins at {next}, which is no partition.");
            }

            for (; length > 0; length--)
            {
                partitions[filled++] = (int)next++;
            }
        }

        return partitions;
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
        for (var shift = 0; shift < 35 && at < bytes.Length; shift += 7)
        {
            var next = bytes[at++];
            value |= (uint)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw new InvalidDataException($"{bytes.Length} bytes of runs end in a number, at {at}, or one has more than 5 bytes.");
    }
}
