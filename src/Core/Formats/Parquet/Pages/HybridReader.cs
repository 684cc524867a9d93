using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace MicroSpark.Formats.Parquet.Pages;

/// <summary>
/// The format's hybrid of runs and packed bits, in which levels, dictionary indices and booleans are stored. It is read in pieces: a run of
/// a thousand million zeros takes five bytes in the file, and no more here.
/// </summary>
internal struct HybridReader(byte[] bytes, int start, int end, int width)
{
    private int _at = start;
    private long _repeats;
    private int _repeated;
    private long _packed;
    private long _bit;

    public static int WidthOf(int most) => 32 - BitOperations.LeadingZeroCount((uint)most);

    public void Read(Span<byte> into)
    {
        while (!into.IsEmpty)
        {
            var count = Run(into.Length);
            if (_repeats > 0)
            {
                into[..count].Fill((byte)_repeated);
                _repeats -= count;
            }
            else
            {
                if (width == 1)
                {
                    Bits.Spread(bytes, end, _bit, into[..count]);
                }
                else
                {
                    for (var i = 0; i < count; i++)
                    {
                        into[i] = (byte)Bits.At(bytes, end, _bit + ((long)i * width), width);
                    }
                }

                _bit += (long)count * width;
                _packed -= count;
            }

            into = into[count..];
        }
    }

    public void Read(Span<int> into)
    {
        while (!into.IsEmpty)
        {
            var count = Run(into.Length);
            if (_repeats > 0)
            {
                into[..count].Fill(_repeated);
                _repeats -= count;
            }
            else
            {
                Bits.Unpack(bytes, end, _bit, width, into[..count]);
                _bit += (long)count * width;
                _packed -= count;
            }

            into = into[count..];
        }
    }

    /// <summary>How many values of one run can be read next.</summary>
    private int Run(int wanted)
    {
        while (_repeats == 0 && _packed == 0)
        {
            if (_at >= end)
            {
                throw new InvalidDataException($"expected {wanted} more values in a run, found the end of the page's part");
            }

            // More than a page can count is as good as that.
            var head = Bits.Varint(bytes, ref _at, end);
            var length = (long)Math.Min(head >> 1, int.MaxValue);
            if ((head & 1) == 0)
            {
                _repeats = length;
                _repeated = 0;
                var size = (width + 7) / 8;
                if (size > end - _at)
                {
                    throw new InvalidDataException($"expected a value of {size} bytes, found the end of the page's part");
                }

                for (var i = 0; i < size; i++)
                {
                    _repeated |= bytes[_at++] << (8 * i);
                }

                // A boolean that is neither 0 nor 1 would be no boolean in memory.
                if (width < 32 && _repeated >>> width != 0)
                {
                    throw new InvalidDataException($"expected a value of at most {width} bits, found {(uint)_repeated}");
                }
            }
            else
            {
                // Some writers leave out the padding of the last group.
                var stored = Math.Min(length * width, end - _at);
                _packed = stored == length * width ? length * 8 : stored * 8 / width;
                _bit = 8L * _at;
                _at += (int)stored;
            }
        }

        return (int)Math.Min(wanted, Math.Max(_repeats, _packed));
    }
}

/// <summary>Numbers of a few bits each.</summary>
internal static class Bits
{
    /// <summary>One bit each as a byte each, the lowest bit first.</summary>
    public static void Spread(byte[] bytes, int end, long bit, Span<byte> into)
    {
        const ulong Each = 0x0101010101010101, Own = 0x8040201008040201, Below = 0x7F7F7F7F7F7F7F7F;
        if (bit + into.Length > 8L * end)
        {
            throw new InvalidDataException($"expected {into.Length} bits, found {(8L * end) - bit}");
        }

        var i = 0;
        for (; i < into.Length && (bit & 7) != 0; i++, bit++)
        {
            into[i] = (byte)((bytes[bit >> 3] >> (int)(bit & 7)) & 1);
        }

        var at = (int)(bit >> 3);
        for (; i + 8 <= into.Length; i += 8)
        {
            var own = (bytes[at++] * Each) & Own;
            BinaryPrimitives.WriteUInt64LittleEndian(into[i..], ((own + Below) >> 7) & Each);
        }

        for (var rest = 0; i < into.Length; i++, rest++)
        {
            into[i] = (byte)((bytes[at] >> rest) & 1);
        }
    }

    /// <summary>At most 32 bits each.</summary>
    public static void Unpack(byte[] bytes, int end, long bit, int width, Span<int> into)
    {
        var mask = (uint)((1UL << width) - 1);
        var i = 0;
        var last = end - sizeof(ulong);
        for (; i < into.Length && bit >> 3 <= last; i++, bit += width)
        {
            into[i] = (int)((uint)(BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan((int)(bit >> 3))) >> (int)(bit & 7)) & mask);
        }

        for (; i < into.Length; i++, bit += width)
        {
            into[i] = (int)At(bytes, end, bit, width);
        }
    }

    /// <summary>One number of at most 64 bits.</summary>
    public static ulong At(byte[] bytes, int end, long bit, int width)
    {
        if (width == 0)
        {
            return 0;
        }

        var at = (int)(bit >> 3);
        var shift = (int)(bit & 7);
        var mask = ulong.MaxValue >> (64 - width);
        if (at + 9 <= end)
        {
            var low = MemoryMarshal.Read<ulong>(bytes.AsSpan(at)) >> shift;
            return (shift + width <= 64 ? low : low | ((ulong)bytes[at + 8] << (64 - shift))) & mask;
        }

        if (bit + width > 8L * end)
        {
            throw new InvalidDataException($"expected a number of {width} bits, found {(8L * end) - bit}");
        }

        ulong value = 0;
        for (var done = 0; done < width;)
        {
            var part = Math.Min(8 - shift, width - done);
            value |= (ulong)((bytes[at++] >> shift) & ((1 << part) - 1)) << done;
            done += part;
            shift = 0;
        }

        return value;
    }

    public static ulong Varint(byte[] bytes, ref int at, int end)
    {
        ulong value = 0;
        for (var shift = 0; shift < 64 && at < end; shift += 7)
        {
            var part = bytes[at++];
            value |= (ulong)(part & 127) << shift;
            if (part < 128)
            {
                return value;
            }
        }

        throw new InvalidDataException("expected a number of at most 10 bytes, found none");
    }
}
