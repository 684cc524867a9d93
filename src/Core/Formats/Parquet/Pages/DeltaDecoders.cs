namespace MicroSpark.Formats.Parquet.Pages;

/// <summary>
/// Whole numbers as differences to the one before: blocks of a least difference and of packed rests (DELTA_BINARY_PACKED). Arithmetic wraps
/// around, as the format says.
/// </summary>
internal struct DeltaReader
{
    private const int LargestBlock = 1 << 20;
    private readonly byte[] _bytes;
    private readonly int _end;
    private readonly int _minis;
    private readonly int _perMini;
    private long _left;
    private long _last;
    private bool _isFirst;
    private long _least;
    private int _widths;
    private int _mini;
    private int _width;
    private int _miniLeft;
    private int _at;
    private long _bit;

    public DeltaReader(byte[] bytes, int start, int end)
    {
        (_bytes, _at, _end) = (bytes, start, end);
        var block = Bits.Varint(bytes, ref _at, end);
        var minis = Bits.Varint(bytes, ref _at, end);
        var count = Bits.Varint(bytes, ref _at, end);
        if (block is 0 or > LargestBlock || minis == 0 || minis > block || block % minis != 0 || (block / minis) % 8 != 0
            || count > int.MaxValue)
        {
            throw new InvalidDataException($"expected blocks of differences, found {block} in {minis} for {count}");
        }

        (_minis, _perMini, _left, _isFirst) = ((int)minis, (int)(block / minis), (long)count, true);
        _mini = _minis;
        _last = Zigzag(Bits.Varint(bytes, ref _at, end));
    }

    public long Count => _left;

    public void Read(Span<long> into)
    {
        if (into.Length > _left)
        {
            throw new InvalidDataException($"expected {into.Length} more values in the page, found {_left}");
        }

        _left -= into.Length;
        var i = 0;
        if (_isFirst && into.Length > 0)
        {
            into[i++] = _last;
            _isFirst = false;
        }

        while (i < into.Length)
        {
            if (_miniLeft == 0)
            {
                NextMini();
            }

            var count = Math.Min(into.Length - i, _miniLeft);
            for (var end = i + count; i < end; i++, _bit += _width)
            {
                into[i] = _last = unchecked(_last + _least + (long)Bits.At(_bytes, _end, _bit, _width));
            }

            _miniLeft -= count;
        }
    }

    /// <summary>Where the bytes behind the numbers begin. Nothing may have been read.</summary>
    public int Skip()
    {
        for (var left = _left - 1; left > 0; left -= _perMini)
        {
            NextMini();
        }

        return _at;
    }

    private void NextMini()
    {
        if (_mini == _minis)
        {
            _least = Zigzag(Bits.Varint(_bytes, ref _at, _end));
            _widths = _at;
            _at += _minis <= _end - _at ? _minis : throw new InvalidDataException("expected a block of differences, found the page's end");
            _mini = 0;
        }

        _width = _bytes[_widths + _mini++];
        if (_width > 64)
        {
            throw new InvalidDataException($"expected differences of at most 64 bits, found {_width}");
        }

        // The padding of the last one may be missing: what is not there is noticed when it is read.
        (_bit, _miniLeft) = (8L * _at, _perMini);
        _at = (int)Math.Min(_end, _at + ((long)_width * _perMini / 8));
    }

    private static long Zigzag(ulong value) => (long)(value >> 1) ^ -(long)(value & 1);
}

internal sealed class DeltaLongs : ValueDecoder<long>
{
    private DeltaReader _reader;

    public override void Start(ArraySegment<byte> page) => _reader = new(page.Array!, page.Offset, page.Offset + page.Count);

    public override void Read(Span<long> into) => _reader.Read(into);
}

internal sealed class DeltaInts : ValueDecoder<int>
{
    private readonly long[] _values = new long[256];
    private DeltaReader _reader;

    public override void Start(ArraySegment<byte> page) => _reader = new(page.Array!, page.Offset, page.Offset + page.Count);

    public override void Read(Span<int> into)
    {
        while (!into.IsEmpty)
        {
            var values = _values.AsSpan(0, Math.Min(into.Length, _values.Length));
            _reader.Read(values);
            for (var i = 0; i < values.Length; i++)
            {
                into[i] = unchecked((int)values[i]);
            }

            into = into[values.Length..];
        }
    }
}

/// <summary>All lengths, then all bytes (DELTA_LENGTH_BYTE_ARRAY).</summary>
internal struct DeltaLengths(byte[] bytes, int start, int end)
{
    private readonly long[] _lengths = new long[256];
    private DeltaReader _reader = new(bytes, start, end);
    private int _data = new DeltaReader(bytes, start, end).Skip();
    private int _next;
    private int _filled;

    /// <summary>The next value's bytes, in place.</summary>
    public ReadOnlySpan<byte> Next()
    {
        if (_next == _filled)
        {
            (_next, _filled) = (0, (int)Math.Min(_lengths.Length, _reader.Count));
            _reader.Read(_lengths.AsSpan(0, _filled));
            if (_filled == 0)
            {
                throw new InvalidDataException("expected another value in the page, found its end");
            }
        }

        var length = _lengths[_next++];
        if (length < 0 || length > end - _data)
        {
            throw new InvalidDataException($"expected a value of {length} bytes, found {end - _data}");
        }

        var value = bytes.AsSpan(_data, (int)length);
        _data += (int)length;
        return value;
    }
}

internal sealed class DeltaLengthBytes<V, TMaker>(TMaker maker) : BytesDecoder<V>
    where TMaker : struct, IValueMaker<V>
{
    private DeltaLengths _lengths;

    public override void Start(ArraySegment<byte> page) => _lengths = new(page.Array!, page.Offset, page.Offset + page.Count);

    public override int Read(Span<V> into, ref long room)
    {
        var i = 0;
        for (; i < into.Length && (room > 0 || i == 0); i++)
        {
            var value = _lengths.Next();
            into[i] = maker.Make(value);
            room -= value.Length;
        }

        return i;
    }
}

/// <summary>How much each value shares with the start of the one before, and the rest (DELTA_BYTE_ARRAY).</summary>
internal sealed class DeltaBytes<V, TMaker>(TMaker maker, int length, long longest) : BytesDecoder<V>
    where TMaker : struct, IValueMaker<V>
{
    private readonly long[] _shared = new long[1];
    private DeltaReader _prefixes;
    private DeltaLengths _suffixes;
    private byte[] _value = [];
    private int _length;

    public override void Start(ArraySegment<byte> page)
    {
        var (start, end) = (page.Offset, page.Offset + page.Count);
        _prefixes = new(page.Array!, start, end);
        _suffixes = new(page.Array!, new DeltaReader(page.Array!, start, end).Skip(), end);
        _length = 0;
    }

    public override int Read(Span<V> into, ref long room)
    {
        var i = 0;
        for (; i < into.Length && (room > 0 || i == 0); i++)
        {
            _prefixes.Read(_shared);
            var suffix = _suffixes.Next();
            var shared = _shared[0];
            if (shared < 0 || shared > _length || shared + suffix.Length > Math.Min(longest, Array.MaxLength)
                || (length > 0 && shared + suffix.Length != length))
            {
                throw new InvalidDataException($"expected a value that shares at most {_length} bytes with the one before, found {shared}");
            }

            _length = (int)shared + suffix.Length;
            if (_value.Length < _length)
            {
                Array.Resize(ref _value, (int)Math.Min(2L * _length, Array.MaxLength));
            }

            suffix.CopyTo(_value.AsSpan((int)shared));
            into[i] = maker.Make(_value.AsSpan(0, _length));
            room -= _length;
        }

        return i;
    }
}
