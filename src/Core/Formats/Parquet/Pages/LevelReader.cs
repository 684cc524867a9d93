using System.Buffers.Binary;

namespace MicroSpark.Formats.Parquet.Pages;

/// <summary>The definition or repetition levels of a page.</summary>
internal struct LevelReader
{
    private readonly int _most;
    private readonly byte[]? _packed;
    private readonly int _packedEnd;
    private long _bit;
    private HybridReader _runs;

    private LevelReader(int most, HybridReader runs)
    {
        (_most, _runs) = (most, runs);
    }

    private LevelReader(int most, byte[] packed, int start, int end)
    {
        (_most, _packed, _packedEnd, _bit) = (most, packed, end, 8L * start);
    }

    /// <summary>Levels of a page of the first version, which begin at <paramref name="at"/>; it is left where they end.</summary>
    public static LevelReader OfV1(byte[] page, ref int at, int end, int most, int count, PageEncoding encoding)
    {
        if (most == 0)
        {
            return default;
        }

        var start = at;
        if (encoding == PageEncoding.BitPacked)
        {
            var bytes = (((long)count * HybridReader.WidthOf(most)) + 7) / 8;
            at = bytes <= end - at
                ? at + (int)bytes
                : throw new InvalidDataException($"expected {bytes} bytes of levels, found {end - at}");
            return new LevelReader(most, page, start, at);
        }

        var size = end - at >= sizeof(int) ? BinaryPrimitives.ReadUInt32LittleEndian(page.AsSpan(at)) : uint.MaxValue;
        if (size > end - at - sizeof(int))
        {
            throw new InvalidDataException($"expected {size} bytes of levels, found {end - at}");
        }

        at += sizeof(int) + (int)size;
        return Of(page, start + sizeof(int), at, most);
    }

    public static LevelReader Of(byte[] bytes, int start, int end, int most) =>
        most == 0 ? default : new(most, new HybridReader(bytes, start, end, HybridReader.WidthOf(most)));

    public void Read(Span<byte> into)
    {
        if (_packed is null)
        {
            _runs.Read(into);
        }
        else
        {
            ReadPacked(into);
        }

        if (into.ContainsAnyExceptInRange((byte)0, (byte)_most))
        {
            throw new InvalidDataException($"expected levels of at most {_most}, found a higher one");
        }
    }

    // The oldest form has the highest bit first.
    private void ReadPacked(Span<byte> into)
    {
        var width = HybridReader.WidthOf(_most);
        if (_bit + ((long)into.Length * width) > 8L * _packedEnd)
        {
            throw new InvalidDataException($"expected {into.Length} more levels, found their end");
        }

        for (var i = 0; i < into.Length; i++)
        {
            var level = 0;
            for (var b = 0; b < width; b++, _bit++)
            {
                level = (level << 1) | ((_packed![_bit >> 3] >> (int)(7 - (_bit & 7))) & 1);
            }

            into[i] = (byte)level;
        }
    }
}
