using System.Buffers;
using System.Text.Json;
using MicroSpark.Files;

namespace MicroSpark.Formats.Json;

/// <summary>
/// The tokens of a file of JSON documents, in order: one by one, a whole value at a time, or passed over. No more than one value is in
/// memory, however large the documents are.
/// </summary>
/// <remarks>
/// One reader's state goes through the whole file, so what is passed over is still checked: a file that was cut off behind
/// the array is told, as one that was cut off in it. The state is a value: a token or an item that is not yet whole is read
/// again from the state before it, when more of the file is there.
/// </remarks>
/// <param name="file">The decompressed text, which is disposed of with this.</param>
/// <param name="longest">The longest value in bytes.</param>
internal sealed class JsonTokens(Stream file, string path, CancellationToken cancellation, long longest) : IDisposable
{
    /// <summary>An item that is nested too deep is a bad row of its own, and so must be measured.</summary>
    private const int AnyDepth = 10_000_000;

    private const string CutOff = "the rest of a value: the file was cut off";

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(256 << 10);
    private int _head;
    private int _tail;
    private long _bufferStart; // position of _buffer[0] in the text
    private bool _endOfFile;
    private JsonReaderState _state = new(new JsonReaderOptions { AllowMultipleValues = true, MaxDepth = AnyDepth });

    /// <summary>Where in the text the next token is looked for.</summary>
    public long Position => _bufferStart + _head;

    public void Dispose()
    {
        file.Dispose();
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
        }
    }

    /// <summary>At the beginning of the file.</summary>
    public void SkipByteOrderMark()
    {
        Fill();
        _head = _buffer.AsSpan(0, _tail).StartsWith("\uFEFF"u8) ? 3 : 0;
    }

    /// <summary>Takes the next value as a whole; false at the end of the array around it.</summary>
    public bool TryTake(out ReadOnlySpan<byte> value, out long offset)
    {
        while (true)
        {
            try
            {
                var reader = Open(_endOfFile);
                if (reader.Read())
                {
                    var start = _head + (int)reader.TokenStartIndex;
                    var ends = reader.TokenType == JsonTokenType.EndArray;
                    if (ends || reader.TrySkip())
                    {
                        Keep(reader);
                        value = _buffer.AsSpan(start, _head - start);
                        offset = _bufferStart + start;
                        return !ends;
                    }
                }
            }
            catch (JsonException e)
            {
                throw Broken(e);
            }

            FillMore();
        }
    }

    public JsonTokenType Read(bool keep = true) => Read(null, out _, keep);

    /// <summary>Reads one token; whether it is the name that is looked for.</summary>
    public JsonTokenType Read(string? name, out bool found, bool keep = true)
    {
        while (true)
        {
            try
            {
                var reader = Open(_endOfFile);
                if (reader.Read())
                {
                    found = name is not null && reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals(name);
                    if (keep)
                    {
                        Keep(reader);
                    }

                    return reader.TokenType;
                }
            }
            catch (JsonException e)
            {
                throw Broken(e);
            }

            FillMore();
        }
    }

    /// <summary>Passes over tokens to the end of a value at this depth: the next one, or the one around what was read.</summary>
    public void SkipTo(int depth)
    {
        while (true)
        {
            try
            {
                var reader = Open(_endOfFile);
                if (depth == 0 && reader.CurrentDepth == 0)
                {
                    return;
                }

                while (reader.Read())
                {
                    if (reader.CurrentDepth == depth && reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray))
                    {
                        Keep(reader);
                        return;
                    }
                }

                Keep(reader);
            }
            catch (JsonException e)
            {
                throw Broken(e);
            }

            FillMore();
        }
    }

    /// <summary>The next byte that is no white space, which is then at the head; null at the end of the file.</summary>
    public byte? Peek()
    {
        while (_head < _tail || Fill())
        {
            if (_buffer[_head] is not ((byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n'))
            {
                return _buffer[_head];
            }

            _head++;
        }

        return null;
    }

    /// <summary>For use as <c>throw tokens.Damaged(...)</c>: the file is not what was expected, here.</summary>
    public InvalidDataException Damaged(string expected, Exception? inner = null) =>
        new($"'{path}', byte {Position}: expected {expected}.", inner);

    private Utf8JsonReader Open(bool isFinal) => new(_buffer.AsSpan(_head, _tail - _head), isFinal, _state);

    private void Keep(in Utf8JsonReader reader)
    {
        _head += (int)reader.BytesConsumed;
        _state = reader.CurrentState;
    }

    private void FillMore()
    {
        if (_endOfFile)
        {
            throw Damaged(CutOff);
        }

        Fill();
    }

    /// <summary>
    /// Fills the buffer whole, as far as the file goes: a value that spans it is read again with each fill, and a decompressor gives a few
    /// kilobytes at a time.
    /// </summary>
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
                $"a value of at most {Math.Min(longest, TextSplitReader.MaxLineBytes)} bytes (MicroSpark:MaxLineSize, at most "
                    + $"{TextSplitReader.MaxLineBytes})");
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
        var free = _buffer.Length - _tail;
        var read = file.ReadAtLeast(_buffer.AsSpan(_tail), free, throwOnEndOfStream: false);
        _tail += read;
        _endOfFile = read < free;
        return read > 0;
    }

    private InvalidDataException Broken(JsonException e) =>
        _endOfFile && IsWholeSoFar() ? Damaged(CutOff, e) : Damaged($"JSON: {e.Message.TrimEnd('.')}", e);

    private bool IsWholeSoFar()
    {
        try
        {
            var reader = Open(isFinal: false);
            while (reader.Read())
            {
            }

            return true;
        }
        catch (JsonException)
        {
            return false; // the same fault, which its first finder tells
        }
    }
}
