namespace MicroSpark.Formats.Json;

/// <summary>A way from a document to one of its values: names of members, in JSONPath's words.</summary>
internal static class JsonPath
{
    private const string Shape = "It is '$' and names behind it, as in '$.data.features' or \"$['my data'].features\"";

    /// <summary>The names, outermost first; none for <c>$</c>, which is the document itself.</summary>
    /// <exception cref="ArgumentException">It is no such path: it has an index, a wildcard or a filter, or an empty name.</exception>
    public static string[] Parse(string path)
    {
        var names = new List<string>();
        if (!path.StartsWith('$'))
        {
            throw Refused(path);
        }

        for (var rest = path.AsSpan(1); rest.Length > 0;)
        {
            var quote = rest.Length > 1 ? rest[1] : default;
            var isQuoted = rest[0] == '[' && quote is '\'' or '"';
            if (!isQuoted && rest[0] != '.')
            {
                throw Refused(path);
            }

            var name = rest[(isQuoted ? 2 : 1)..];
            var end = isQuoted ? name.IndexOf(quote) : name.IndexOfAny('.', '[');
            end = end < 0 ? name.Length : end;
            rest = name[end..];
            name = name[..end];
            if (isQuoted)
            {
                rest = rest.Length > 1 && rest[1] == ']' ? rest[2..] : throw Refused(path);
            }
            else if (name.Length == 0 || name.IndexOfAny("*?@()]'\"") >= 0)
            {
                throw Refused(path);
            }

            names.Add(name.ToString());
        }

        return [.. names];
    }

    private static ArgumentException Refused(string path) => new($"'{path}' is no path that JsonFile reads. {Shape}.", nameof(path));
}
