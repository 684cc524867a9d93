using System.Buffers;
using System.Text.Json;
using MicroSpark.Files;

namespace MicroSpark.Formats.Json;

/// <summary>Takes a split apart into the texts of single values.</summary>
internal abstract class JsonValues : IDisposable
{
    /// <summary>
    /// The next value's text, valid until the next call, and where it starts in the (decompressed) file; false at the end.
    /// </summary>
    public abstract bool TryRead(out ReadOnlySpan<byte> value, out long offset);

    public abstract void Dispose();
}

/// <summary>A value a line. Lines of white space are none.</summary>
internal sealed class JsonLines(TextSplitReader split) : JsonValues
{
    public override bool TryRead(out ReadOnlySpan<byte> value, out long offset)
    {
        while (split.TryReadLine(out value, out offset))
        {
            if (value.ContainsAnyExcept((byte)' ', (byte)'\t'))
            {
                return true;
            }
        }

        return false;
    }

    public override void Dispose() => split.Dispose();
}

/// <summary>The items of a file that is one array, however large: no more than one item is in memory.</summary>
internal sealed class JsonArrayItems(Stream file, string path, CancellationToken cancellation, long longest) : JsonValues
{
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(256 << 10);
    private int _head;
    private int _tail;
    private long _bufferStart; // position of _buffer[0] in the text
    private bool _begun;
    private bool _ended;
    private bool _endOfFile;

    public override bool TryRead(out ReadOnlySpan<byte> value, out long offset)
    {
        if (!_begun)
        {
            _begun = true;
            if (Have(3) && _buffer.AsSpan(0, 3).SequenceEqual("\uFEFF"u8))
            {
                _head = 3;
            }

            Expect((byte)'[', "'[', since IsArray is set. For a value a line leave it out");
            _ended = Peek() == ']';
        }
        else if (!_ended)
        {
            _ended = Peek() == ']';
            if (!_ended)
            {
                Expect((byte)',', "',' or ']'");
            }
        }

        value = default;
        offset = _bufferStart + _head;
        if (_ended)
        {
            _head += _head < _tail && _buffer[_head] == ']' ? 1 : 0;
            return Peek() is { } more ? throw Damaged($"nothing behind the array, found '{(char)more}'", null) : false;
        }

        Peek();
        int length;
        while (!TryMeasure(out length))
        {
            if (!Fill())
            {
                throw Damaged("the rest of an item: the file was cut off", null);
            }
        }

        offset = _bufferStart + _head;
        value = _buffer.AsSpan(_head, length);
        _head += length;
        return true;
    }

    public override void Dispose()
    {
        file.Dispose();
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
        }
    }

    private bool TryMeasure(out int length)
    {
        var reader = new Utf8JsonReader(_buffer.AsSpan(_head, _tail - _head), isFinalBlock: false, default);
        try
        {
            var whole = reader.Read() && reader.TrySkip();
            length = (int)reader.BytesConsumed;
            return whole;
        }
        catch (JsonException e)
        {
            throw Damaged($"an item: {e.Message}", e);
        }
    }

    /// <summary>The next byte that is no white space, which is then at the head; null at the end of the file.</summary>
    private byte? Peek()
    {
        while (Have(1))
        {
            if (_buffer[_head] is not ((byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n'))
            {
                return _buffer[_head];
            }

            _head++;
        }

        return null;
    }

    private void Expect(byte wanted, string what)
    {
        if (Peek() is not { } found)
        {
            throw Damaged($"{what}; the file ends here", null);
        }

        if (found != wanted)
        {
            throw Damaged($"{what}; found '{(char)found}'", null);
        }

        _head++;
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

    private bool Fill()
    {
        cancellation.ThrowIfCancellationRequested();
        if (_endOfFile)
        {
            return false;
        }

        var held = _tail - _head;
        if (held > Math.Min(longest, TextSplitReader.MaxLineBytes))
        {
            throw Damaged(
                $"an item of at most {Math.Min(longest, TextSplitReader.MaxLineBytes)} bytes (MicroSpark:MaxLineSize, at most "
                    + $"{TextSplitReader.MaxLineBytes})",
                null);
        }

        var target = held > _buffer.Length / 2
            ? ArrayPool<byte>.Shared.Rent((int)Math.Min(2L * _buffer.Length, Array.MaxLength))
            : _buffer;
        Buffer.BlockCopy(_buffer, _head, target, 0, held);
        if (target != _buffer)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = target;
        }

        _bufferStart += _head;
        (_head, _tail) = (0, held);
        var read = file.Read(_buffer.AsSpan(_tail));
        _tail += read;
        _endOfFile = read == 0;
        return read > 0;
    }

    private InvalidDataException Damaged(string expected, Exception? inner) =>
        new($"'{path}', byte {_bufferStart + _head}: expected {expected}.", inner);
}
