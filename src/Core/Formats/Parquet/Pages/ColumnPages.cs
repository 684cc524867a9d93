using System.IO.Hashing;
using MicroSpark.Formats.Parquet.Metadata;

namespace MicroSpark.Formats.Parquet.Pages;

/// <summary>
/// The pages of one column in one row group, one after the other. Bytes are read from the file a window at a time, and a page is
/// decompressed when it is its turn.
/// </summary>
internal sealed class ColumnPages(ParquetInput input, ParquetChunk chunk, ParquetLeafNode leaf, long longest) : IDisposable
{
    private const int Window = 1 << 20;
    private const int LeastWindow = 4 << 10;
    private readonly PageCodec _codec = new(chunk.Codec);
    private readonly long _end = input.File.Length;
    private byte[] _window = [];
    private long _windowAt;
    private int _windowLength;
    private long _next = chunk.Start;
    private LevelReader _rep;
    private LevelReader _def;

    /// <summary>Where the current page begins in the file.</summary>
    public long At { get; private set; } = chunk.Start;

    /// <summary>Values and nulls of the pages so far.</summary>
    public long Seen { get; private set; }

    public PageEncoding Encoding { get; private set; }

    public PageKind Kind { get; private set; }

    /// <summary>Values and nulls of the current page.</summary>
    public int Count { get; private set; }

    /// <summary>The values of the current page.</summary>
    public ArraySegment<byte> Values { get; private set; }

    /// <summary>The next page of values, or dictionary; false at the end.</summary>
    /// <exception cref="InvalidDataException">The pages are not what they should be.</exception>
    public bool Next()
    {
        while (Seen < chunk.Values)
        {
            At = _next;
            var header = Header();
            if (header.Stored > _end - _next)
            {
                throw new InvalidDataException($"expected a page of {header.Stored} bytes, found the end of the file");
            }

            if (header.Kind is not (PageKind.Data or PageKind.DataV2 or PageKind.Dictionary))
            {
                _next += header.Stored;
                continue;
            }

            if (Math.Max(header.Size, header.Stored) is var bytes && bytes > longest)
            {
                throw new InvalidDataException(
                    $"expected at most {longest} bytes in a page (MicroSpark:MaxLineSize), found {bytes}: raise it on the workers if they "
                    + "are meant");
            }

            var start = Load(_next, header.Stored);
            _next += header.Stored;
            Check(header, start);
            Open(header, start);
            return true;
        }

        return false;
    }

    public void ReadRep(Span<byte> into) => _rep.Read(into);

    public void ReadDef(Span<byte> into) => _def.Read(into);

    public void Dispose() => _codec.Dispose();

    private void Check(PageHeader header, int start)
    {
        if (header.Checksum is { } expected && Crc32.HashToUInt32(_window.AsSpan(start, header.Stored)) is var found && found != expected)
        {
            throw new InvalidDataException($"expected the checksum {expected:x8}, found {found:x8}");
        }
    }

    private void Open(PageHeader header, int start)
    {
        (Kind, Encoding, Count) = (header.Kind, header.Encoding, header.Count);
        if (header.Kind == PageKind.DataV2)
        {
            OpenV2(header, start);
        }
        else
        {
            var page = Body(start, header.Stored, header.Size, header.Count > 0);
            var (at, end) = (page.Offset, page.Offset + page.Count);
            if (header.Kind == PageKind.Data)
            {
                _rep = LevelReader.OfV1(page.Array!, ref at, end, leaf.Rep, header.Count, header.RepEncoding);
                _def = LevelReader.OfV1(page.Array!, ref at, end, leaf.Def, header.Count, header.DefEncoding);
            }

            Values = new ArraySegment<byte>(page.Array!, at, end - at);
        }

        if (header.Kind != PageKind.Dictionary)
        {
            Seen += header.Count;
        }
    }

    // The levels of the second version are never compressed, its values may be.
    private void OpenV2(PageHeader header, int start)
    {
        var levels = start + header.RepBytes + header.DefBytes;
        _rep = LevelReader.Of(_window, start, start + header.RepBytes, leaf.Rep);
        _def = LevelReader.Of(_window, start + header.RepBytes, levels, leaf.Def);
        var (stored, size) = (header.Stored - header.RepBytes - header.DefBytes, header.Size - header.RepBytes - header.DefBytes);
        Values = header.IsCompressed && stored > 0 ? Body(levels, stored, size, true) : new ArraySegment<byte>(_window, levels, stored);
    }

    private ArraySegment<byte> Body(int start, int stored, int size, bool isNeeded) =>
        !isNeeded ? ArraySegment<byte>.Empty
        : _codec.IsNone ? new ArraySegment<byte>(_window, start, stored)
        : new ArraySegment<byte>(_codec.Decompress(_window, start, stored, size), 0, size);

    // How long a header is shows when it has been read: most are short, but statistics may be long.
    private PageHeader Header()
    {
        if (_next < 0 || _next >= _end)
        {
            throw new InvalidDataException($"expected a page, found the end of the file after {Seen} of {chunk.Values} values");
        }

        for (var room = (int)Math.Min(LeastWindow, _end - _next); ; room = (int)Math.Min(2L * room, _end - _next))
        {
            var start = Load(_next, room);
            var reader = new ThriftReader(_window.AsSpan(start, room));
            try
            {
                var header = PageHeader.Read(ref reader);
                _next += reader.Position;
                return header;
            }
            catch (InvalidDataException) when (reader.Ended && room < Math.Min(Window, _end - _next))
            {
                // Once more, with more bytes.
            }
        }
    }

    /// <summary>Where the bytes from a place in the file on are in the window, <paramref name="count"/> of them at least.</summary>
    private int Load(long offset, int count)
    {
        if (offset < _windowAt || offset + count > _windowAt + _windowLength)
        {
            var rest = Math.Min(Math.Max(chunk.Start + chunk.Bytes - offset, LeastWindow), Window);
            var length = (int)Math.Min(Math.Max(count, rest), _end - offset);
            if (_window.Length < length)
            {
                _window = new byte[length];
            }

            input.Read(offset, _window.AsSpan(0, length));
            (_windowAt, _windowLength) = (offset, length);
        }

        return (int)(offset - _windowAt);
    }
}
