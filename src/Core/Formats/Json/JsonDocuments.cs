using System.Text.Json;

namespace MicroSpark.Formats.Json;

/// <summary>
/// The values of a file whose documents span lines: each document, or what stands at a path in it. An array gives its
/// items.
/// </summary>
/// <param name="tokens">The file's, from its beginning; disposed of with this.</param>
/// <param name="steps">The names that lead to the value in each document; none for the document itself.</param>
/// <param name="demandsArray">Whether each file is one document with an array at that place, and anything else is damage.</param>
internal sealed class JsonDocuments(JsonTokens tokens, string[] steps, bool demandsArray) : JsonValues
{
    private bool _begun;
    private Place _place = Place.Between;

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
                tokens.SkipTo(0);
                _place = Place.Between;
                if (demandsArray && tokens.Peek() is { } more)
                {
                    throw tokens.Damaged($"nothing behind the array, found '{(char)more}'");
                }
            }

            if (_place == Place.Between)
            {
                if (tokens.Peek() is null)
                {
                    value = default;
                    offset = tokens.Position;
                    return false;
                }

                Seek();
                if (_place == Place.Behind)
                {
                    return tokens.TryTake(out value, out offset);
                }
            }

            if (tokens.TryTake(out value, out offset))
            {
                return true;
            }

            _place = Place.Behind;
        }
    }

    public override void Dispose() => tokens.Dispose();

    private void Begin()
    {
        _begun = true;
        tokens.SkipByteOrderMark();
        if (demandsArray && steps.Length == 0 && tokens.Peek() is var first && first != '[')
        {
            var found = first is { } other ? $"found '{(char)other}'" : "the file ends here";
            throw tokens.Damaged($"'[', since IsArray is set; {found}. For a value a line leave it out");
        }
    }

    /// <summary>Goes to the value of the next document that is asked for: before it, or behind the <c>[</c> of its items.</summary>
    private void Seek()
    {
        for (var depth = 0; depth < steps.Length; depth++)
        {
            if (tokens.Read() != JsonTokenType.StartObject)
            {
                throw tokens.Damaged($"an object with '{steps[depth]}', as Path says");
            }

            while (tokens.Read(steps[depth], out var found) is var token && !found)
            {
                if (token == JsonTokenType.EndObject)
                {
                    throw tokens.Damaged($"'{steps[depth]}' in the object that ends here, as Path says");
                }

                tokens.SkipTo(depth + 1);
            }
        }

        if (tokens.Read(keep: false) == JsonTokenType.StartArray)
        {
            tokens.Read();
            _place = Place.InArray;
            return;
        }

        _place = demandsArray ? throw tokens.Damaged("an array, since IsArray is set") : Place.Behind;
    }
}
