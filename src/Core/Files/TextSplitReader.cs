using System.Buffers;
using System.Numerics;
using System.Text;

namespace MicroSpark.Files;

/// <summary>
/// Reads the lines of one split. The law: over all splits of a file every line comes exactly once, wherever the cuts fall.
/// </summary>
/// <remarks>
/// <para>
/// A line belongs to the split in which its first byte is. So a split that does not begin the file looks at the byte before its own first
/// one, and skips from there to behind the next line end. It skips nothing when a line starts right at the cut. To finish its last line it
/// reads past its own end.
/// </para>
/// <code>
///   a b c \r | \n d e \n f | g \n          cuts at 4 and 9
///   split 0: "abc"    split 1: "de", "fg" (finished behind the cut)    split 2: nothing
/// </code>
/// <para>
/// Lines end with \n, \r\n or a lone \r, as Hadoop's do; the last one may end with the file. The text is UTF-8, unless the file begins
/// with the mark of another (<see cref="WideText"/>): a byte order mark is dropped, invalid bytes become U+FFFD. Not safe for use by
/// several threads at once.
/// </para>
/// </remarks>
internal sealed class TextSplitReader : IDisposable
{
    /// <summary>Bytes read at once, unless a line is longer.</summary>
    public const int DefaultBufferBytes = 256 << 10;

    /// <summary>The longest line in bytes: that of the longest .NET string.</summary>
    public const int MaxLineBytes = 0x3FFFFFDF;

    private const long WholeFile = long.MaxValue / 2; // the end of a split that no other shares the file with

    private const int TailBytes = 16 << 10; // what is read behind a split's end at first, to finish its last line

    private readonly TextSplit _split;
    private readonly int _bufferBytes;
    private readonly int _maxLineBytes;
    private readonly CancellationToken _cancellation;
    private Stream _input;
    private long _end; // lines that start here or later belong to others

    private byte[] _buffer = [];
    private int _head; // next byte to look at
    private int _tail; // behind the last byte read
    private long _bufferStart; // position of _buffer[0] in the text
    private bool _atFirstLine; // of the file: it starts at 0, even though a byte order mark was dropped before it
    private bool _skipLineFeed; // the line before ended with \r: a \n that follows belongs to it
    private ulong _ends; // the line ends in the 64 bytes from _block on, those before _head left out
    private int _block;
    private int _scanned; // behind the last byte that was looked at for line ends
    private bool _ascii; // all bytes between _head and _tail are

    /// <summary>Opens the file of the split.</summary>
    /// <exception cref="FileNotFoundException">The file was deleted since it was listed.</exception>
    /// <exception cref="IOException">The file changed since it was listed.</exception>
    /// <exception cref="NotSupportedException">The file's name ends like that of a compression that cannot be read.</exception>
    public TextSplitReader(
        TextSplit split,
        CancellationToken cancellationToken = default,
        IFileSystem? files = null,
        int bufferBytes = DefaultBufferBytes,
        long maxLineBytes = MaxLineBytes)
    {
        _split = split;
        _bufferBytes = bufferBytes;
        _maxLineBytes = (int)Math.Min(maxLineBytes, MaxLineBytes);
        _cancellation = cancellationToken;
        files ??= LocalFileSystem.Instance;
        var compressed = FileCompression.Of(split.Path) != FileCompression.Kind.None;
        var isOfFirst = split.Start > 0 && WideText.EncodingOf(split.File, files) is not null;
        _end = compressed ? WholeFile : isOfFirst ? 0 : split.Start + split.Length;
        _bufferStart = compressed ? 0 : Math.Max(0, split.Start - 1);
        var stored = files.OpenRead(split.File, _bufferStart);
        try
        {
            _input = FileCompression.Decompress(stored, split.Path);
            if (!isOfFirst)
            {
                SkipToFirstLine();
            }
        }
        catch
        {
            stored.Dispose();
            Release();
            throw;
        }
    }

    /// <summary>The lines of a split, one after the other.</summary>
    public static IEnumerable<string> Lines(TextSplit split, CancellationToken cancellationToken = default, IFileSystem? files = null)
    {
        using var reader = new TextSplitReader(split, cancellationToken, files);
        var chunk = new string[256];
        for (int count; (count = reader.ReadLines(chunk)) > 0;)
        {
            for (var i = 0; i < count; i++)
            {
                yield return chunk[i];
            }
        }
    }

    /// <summary>Reads up to as many lines as <paramref name="destination"/> takes; 0 when there are no more.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled; it is looked at once for each buffer read.</exception>
    /// <exception cref="InvalidDataException">A line is too long for a string, or a compressed file is damaged.</exception>
    public int ReadLines(Span<string> destination)
    {
        var count = 0;
        while (count < destination.Length && ReadLine(out var line, out var isAscii))
        {
            destination[count++] = isAscii ? Encoding.Latin1.GetString(line) : Encoding.UTF8.GetString(line);
        }

        return count;
    }

    /// <summary>Reads one line as it is in the file; false when there are no more. The bytes are valid until the next call.</summary>
    /// <param name="isAscii">Whether all of its bytes are known to be ASCII.</param>
    /// <inheritdoc cref="ReadLines" path="/exception" />
    public bool ReadLine(out ReadOnlySpan<byte> line, out bool isAscii)
    {
        if (!FindLine(out var length))
        {
            line = default;
            isAscii = true;
            return false;
        }

        line = _buffer.AsSpan(_head, length);
        isAscii = _ascii;
        EndLine(length);
        return true;
    }

    /// <summary>
    /// The next line's bytes, valid until the next call, and its position in the (decompressed) file; false when there are no more.
    /// </summary>
    public bool TryReadLine(out ReadOnlySpan<byte> line, out long start)
    {
        if (!FindLine(out var length))
        {
            line = default;
            start = 0;
            return false;
        }

        line = _buffer.AsSpan(_head, length);
        start = _bufferStart + _head;
        EndLine(length);
        return true;
    }

    public void Dispose()
    {
        _input.Dispose();
        Release();
    }

    private void SkipToFirstLine()
    {
        if (_split.Start == 0)
        {
            _atFirstLine = true;
            DecodeWide();

            // A mark without anything behind it is an empty text, which has no line; so it goes before lines are looked for.
            if (Have(3) && _buffer.AsSpan(0, 3).SequenceEqual(Encoding.UTF8.Preamble))
            {
                _head = 3;
            }
        }
        else if (FindLineEnd(out var length))
        {
            EndLine(length);
        }
    }

    private void DecodeWide()
    {
        Have(WideText.MarkBytes);
        if (WideText.EncodingOf(_buffer.AsSpan(0, _tail)) is { } encoding)
        {
            _input = WideText.ToUtf8(new RestoredStream(_buffer.AsSpan(0, _tail).ToArray(), _input), encoding);
            (_tail, _scanned, _end) = (0, 0, WholeFile);
        }
    }

    // Whether a line of this split starts at _head; its length without the line end, all of it then being in the buffer.
    private bool FindLine(out int length)
    {
        length = 0;
        if (_skipLineFeed)
        {
            _skipLineFeed = false;
            if (Have(1) && _buffer[_head] == (byte)'\n')
            {
                PassLineEnd();
            }
        }

        return (_atFirstLine || _bufferStart + _head < _end) && FindLineEnd(out length);
    }

    private bool FindLineEnd(out int length)
    {
        while (_ends == 0)
        {
            if (_scanned < _tail)
            {
                _block = _scanned;
                _ends = ByteScan.FindLineEnds(_buffer.AsSpan(_block, _tail - _block));
                _scanned = Math.Min(_block + ByteScan.Block, _tail);
            }
            else if (!Fill())
            {
                length = _tail - _head;
                return length > 0; // what is behind the last line end is a line, unless it is nothing
            }
        }

        length = _block + BitOperations.TrailingZeroCount(_ends) - _head;
        return true;
    }

    private void EndLine(int length)
    {
        _atFirstLine = false;
        _head += length;
        if (_head < _tail)
        {
            _skipLineFeed = _buffer[_head] == (byte)'\r';
            PassLineEnd();
        }
    }

    // The byte at _head is a line end: the first of those that were found, if it was looked at.
    private void PassLineEnd()
    {
        _ends &= _ends - 1;
        _head++;
        _scanned = Math.Max(_scanned, _head);
    }

    private bool Have(int count)
    {
        while (_tail - _head < count)
        {
            if (!Fill())
            {
                return false;
            }
        }

        return true;
    }

    // Reads more behind _tail, making room as needed; false at the end of the text.
    private bool Fill()
    {
        _cancellation.ThrowIfCancellationRequested();
        MakeRoom();

        // Up to the split's end and a little more; then twice as much each time, for a last line that does not end.
        var missing = Math.Max(0, _end - (_bufferStart + _tail)) + Math.Max(TailBytes, _tail - _head);
        var wanted = (int)Math.Min(_buffer.Length - _tail, missing);
        var read = _input.Read(_buffer.AsSpan(_tail, wanted));
        _ascii = Ascii.IsValid(_buffer.AsSpan(_head, _tail + read - _head));
        _tail += read;
        return read > 0;
    }

    private void MakeRoom()
    {
        var held = _tail - _head;
        if (held > _maxLineBytes)
        {
            throw new InvalidDataException(
                $"The line at byte {_bufferStart + _head} of '{_split.Path}' is longer than {_maxLineBytes} bytes. Is it a text file? "
                + $"Binary files are read with BinaryFiles. Raise MicroSpark:MaxLineSize on the workers if the line is meant, to at most "
                + $"{MaxLineBytes}, what a string can hold.");
        }

        // A line that fills half of the buffer gets one of twice the size; after it the usual size comes back.
        // It needs no more than the longest line and what tells that one is longer.
        var size = Math.Max(_bufferBytes, (int)Math.Min(2L * held, Math.Min((long)_maxLineBytes + TailBytes, Array.MaxLength)));
        var target = _buffer;
        if (held > _buffer.Length / 2 || _buffer.Length > 2 * size || _buffer.Length == 0)
        {
            target = ArrayPool<byte>.Shared.Rent(Math.Max(size, 1));
        }

        Buffer.BlockCopy(_buffer, _head, target, 0, held);
        _bufferStart += _head;
        (_block, _scanned) = (_block - _head, _scanned - _head);
        (_head, _tail) = (0, held);
        if (target != _buffer)
        {
            Release();
            _buffer = target;
        }
    }

    private void Release()
    {
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
        }
    }
}
