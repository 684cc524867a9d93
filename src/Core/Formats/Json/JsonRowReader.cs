using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using MicroSpark.Files;

namespace MicroSpark.Formats.Json;

/// <summary>Reads the values of one split as elements.</summary>
internal sealed class JsonRowReader<T> : RowReader<T>
{
    private readonly TextSplit _split;
    private readonly bool _hasLines;
    private readonly JsonTypeInfo<T> _info = JsonBinding<T>.Info;
    private readonly JsonTemplates<T>? _templates = JsonTemplates<T>.OrNull();
    private readonly JsonValues _values;

    /// <param name="longest">The longest value in bytes.</param>
    public JsonRowReader(TextSplit split, JsonFileOptions options, CancellationToken cancellation, long longest)
    {
        (_split, _hasLines) = (split, !options.HasDocuments);
        _values = _hasLines
            ? new JsonLines(new TextSplitReader(split, cancellation, maxLineBytes: longest))
            : new JsonDocuments(
                new JsonTokens(Open(), split.Path, cancellation, longest), JsonPath.Parse(options.Path ?? "$"), options.IsArray);
    }

    public override bool Read()
    {
        if (!_values.TryRead(out var value, out var offset))
        {
            return false;
        }

        Problem = null;
        try
        {
            if (_templates?.TryRead(value, out var element) is true)
            {
                Current = element;
                return true;
            }

            Current = JsonSerializer.Deserialize(value, _info)!;
            if (Current is null && default(T) is null && Nullable.GetUnderlyingType(typeof(T)) is null)
            {
                SetProblem(value, offset, null, $"Expected {typeof(T).Name}, found null.");
                return true;
            }

            _templates?.Learn(value);
        }
        catch (JsonException e)
        {
            SetProblem(value, offset, e.Path, Describe(e, value));
        }
        catch (InvalidOperationException e) when (e.InnerException is DecoderFallbackException)
        {
            SetProblem(value, offset, null, "Expected UTF-8, found other bytes in a string.");
        }
        catch (Exception e) when (e is not (OutOfMemoryException or NotSupportedException or InvalidOperationException))
        {
            // The element's own constructor or setter refused the values. The others are the library's, of a type that it cannot handle.
            SetProblem(value, offset, null, $"'{typeof(T).Name}' refused the value with {e.GetType().Name}: {e.Message}");
        }

        return true;
    }

    public override InvalidDataException Failure()
    {
        var problem = Problem!;
        var path = problem.Column is null ? "" : $", path '{problem.Column}'";
        return new InvalidDataException(
            $"'{problem.File}', line {LineOf(problem.Offset)} (byte {problem.Offset}){path}: {problem.Problem} The value is "
            + $"'{Excerpt(problem.Text)}'. {WayOut(problem)}");
    }

    public override void Dispose() => _values.Dispose();

    private void SetProblem(ReadOnlySpan<byte> value, long offset, string? path, string problem) =>
        Problem = new BadRow(_split.Path, offset, path, problem, Encoding.UTF8.GetString(value));

    private string WayOut(BadRow problem)
    {
        var isFirst = _hasLines && problem.Offset <= 3; // a byte order mark may stand before it
        if (isFirst && problem.Text.StartsWith('[') && IsWhole(problem.Text))
        {
            return "Is the file one array? Then set IsArray in JsonFileOptions.";
        }

        return isFirst && problem.Text.AsSpan().TrimStart() is ['{' or '[', ..] && !IsWhole(problem.Text)
            ? "Does the value go on in the next line? Then set MultiLine in JsonFileOptions, or Path, as \"$.features\", for an array that "
                + "stands inside the document."
            : "Repair the file, change the element type, or set BadRows = BadRows.Skip in JsonFileOptions to leave such values out.";
    }

    /// <summary>Whether a text that begins with a bracket is closed by its end, or is wrong before it.</summary>
    private static bool IsWhole(string text)
    {
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(text), isFinalBlock: false, default);
        try
        {
            return reader.Read() && reader.TrySkip();
        }
        catch (JsonException)
        {
            return true;
        }
    }

    private string Describe(JsonException e, ReadOnlySpan<byte> value)
    {
        if (MisfitOf(e.Path, value) is { } misfit)
        {
            return misfit;
        }

        // The message ends with the path, which is told apart, and with a position that counts from the value's start.
        var end = e.Message.IndexOf(" Path: ", StringComparison.Ordinal);
        var message = end < 0 ? e.Message : e.Message[..end];
        return message.EndsWith('.') ? message : message + ".";
    }

    /// <summary>The expected and the actual kind of an element's member. Null when the text is no JSON, or the fault lies deeper.</summary>
    private string? MisfitOf(string? path, ReadOnlySpan<byte> value)
    {
        if (path is null || !path.StartsWith("$.", StringComparison.Ordinal)
            || _info.Properties.FirstOrDefault(p => path.AsSpan(2).Equals(p.Name, StringComparison.OrdinalIgnoreCase)) is not { } expected)
        {
            return null;
        }

        var reader = new Utf8JsonReader(value);
        try
        {
            using var document = JsonDocument.ParseValue(ref reader);
            var found = document.RootElement.EnumerateObject().LastOrDefault(
                p => p.Name.Equals(expected.Name, StringComparison.OrdinalIgnoreCase));
            return $"Expected {(Nullable.GetUnderlyingType(expected.PropertyType) ?? expected.PropertyType).Name}, found "
                + $"{Excerpt(found.Value.GetRawText())}.";
        }
        catch (Exception other) when (other is JsonException or InvalidOperationException)
        {
            return null; // no JSON at all, or bytes in a string that are no UTF-8, as the first error says
        }
    }

    private Stream Open() =>
        WideText.ToUtf8(
            FileCompression.Decompress(LocalFileSystem.Instance.OpenRead(_split.File, 0), _split.Path),
            WideText.EncodingOf(_split.File, LocalFileSystem.Instance));

    private long LineOf(long offset)
    {
        using var stream = Open();
        var buffer = new byte[256 << 10];
        long line = 1;
        for (int count; offset > 0 && (count = stream.Read(buffer.AsSpan(0, (int)Math.Min(buffer.Length, offset)))) > 0; offset -= count)
        {
            line += buffer.AsSpan(0, count).Count((byte)'\n');
        }

        return line;
    }
}
