using System.Buffers;
using System.Text.Json;
using MicroSpark.Files;

namespace MicroSpark.Formats.Json;

/// <summary>
/// The values of a file whose documents span lines: each document, or what stands at a path in it. An array gives its
/// items. No more than one value is in memory, however large the documents are.
/// </summary>
/// <remarks>
/// One reader's state goes through the whole file, so what is passed over is still checked: a file that was cut off behind
/// the array is told, as one that was cut off in it. The state is a value: a token or an item that is not yet whole is read
/// again from the state before it, when more of the file is there.
/// </remarks>
/// <param name="file">The decompressed text, which is disposed of with this.</param>
/// <param name="steps">The names that lead to the value in each document; none for the document itself.</param>
/// <param name="demandsArray">Whether each file is one document with an array at that place, and anything else is damage.</param>
/// <param name="longest">The longest value in bytes.</param>
internal sealed class JsonDocuments(
    Stream file, string path, string[] steps, bool demandsArray, CancellationToken cancellation, long longest) : JsonValues
{
    /// <summary>An item that is nested too deep is a bad row of its own, and so must be measured.</summary>
    private const int AnyDepth = 10_000_000;

    private const string CutOff = "the rest of a value: the file was cut off";

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(256 << 10);
    private int _head;
    private int _tail;
    private long _bufferStart; // position of _buffer[0] in the text
    private bool _begun;
    private bool _endOfFile;
    private Place _place = Place.Between;
    private JsonReaderState _state = new(new JsonReaderOptions { AllowMultipleValues = true, MaxDepth = AnyDepth });

    private enum Place
    {
        Between,
        InArray,
        Behind,
    }

    public override bool TryRead(out ReadOnlySpan<byte> value, out long offset)
    {
        if (!_begun)
        {
            Begin();
        }

        while (true)
        {
            if (_place == Place.Behind)
            {
                SkipTo(0);
                _place = Place.Between;
                if (demandsArray && Peek() is { } more)
                {
                    throw Damaged($"nothing behind the array, found '{(char)more}'", null);
                }
            }

            if (_place == Place.Between)
            {
                if (Peek() is null)
                {
                    value = default;
                    offset = _bufferStart + _head;
                    return false;
                }

                Seek();
                if (_place == Place.Behind)
                {
                    return TryTake(out value, out offset);
                }
            }

            if (TryTake(out value, out offset))
            {
                return true;
            }

            _place = Place.Behind;
        }
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

    private void Begin()
    {
        _begun = true;
        while (_tail - _head < 3 && Fill())
        {
        }

        _head = _buffer.AsSpan(0, _tail).StartsWith("\uFEFF"u8) ? 3 : 0;
        if (demandsArray && steps.Length == 0 && Peek() is var first && first != '[')
        {
            var found = first is { } other ? $"found '{(char)other}'" : "the file ends here";
            throw Damaged($"'[', since IsArray is set; {found}. For a value a line leave it out", null);
        }
    }

    /// <summary>Goes to the value of the next document that is asked for: before it, or behind the <c>[</c> of its items.</summary>
    private void Seek()
    {
        for (var depth = 0; depth < steps.Length; depth++)
        {
            if (ReadToken(null, out _) != JsonTokenType.StartObject)
            {
                throw Damaged($"an object with '{steps[depth]}', as Path says", null);
            }

            while (ReadToken(steps[depth], out var found) is var token && !found)
            {
                if (token == JsonTokenType.EndObject)
                {
                    throw Damaged($"'{steps[depth]}' in the object that ends here, as Path says", null);
                }

                SkipTo(depth + 1);
            }
        }

        if (ReadToken(null, out _, keep: false) == JsonTokenType.StartArray)
        {
            ReadToken(null, out _);
            _place = Place.InArray;
            return;
        }

        _place = demandsArray ? throw Damaged("an array, since IsArray is set", null) : Place.Behind;
    }

    /// <summary>Takes the next value as a whole; false at the end of the array.</summary>
    private bool TryTake(out ReadOnlySpan<byte> value, out long offset)
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

    /// <summary>Reads one token; whether it is the name that is looked for.</summary>
    private JsonTokenType ReadToken(string? name, out bool found, bool keep = true)
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
    private void SkipTo(int depth)
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

    private Utf8JsonReader Open(bool isFinal) => new(_buffer.AsSpan(_head, _tail - _head), isFinal, _state);

    private void Keep(in Utf8JsonReader reader)
    {
        _head += (int)reader.BytesConsumed;
        _state = reader.CurrentState;
    }

    /// <summary>The next byte that is no white space, which is then at the head; null at the end of the file.</summary>
    private byte? Peek()
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

    private void FillMore()
    {
        if (_endOfFile)
        {
            throw Damaged(CutOff, null);
        }

        Fill();
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
                $"a value of at most {Math.Min(longest, TextSplitReader.MaxLineBytes)} bytes (MicroSpark:MaxLineSize, at most "
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

    private InvalidDataException Damaged(string expected, Exception? inner) =>
        new($"'{path}', byte {_bufferStart + _head}: expected {expected}.", inner);
}
