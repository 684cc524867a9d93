namespace MicroSpark.Tests;

/// <summary>A list that is derived from the code and written down in a document, so that a change to it is seen and meant.</summary>
internal static class RecordedList
{
    /// <param name="document">Its path from the root.</param>
    /// <param name="what">As the head of a sentence, such as <c>The public surface</c>.</param>
    /// <param name="variable">Set to 1, writes the document.</param>
    /// <param name="filter">Selects the test that checks it.</param>
    public static void AssertIs(string document, string[] now, string what, string variable, string filter)
    {
        var path = SourceTree.Absolute(document);
        if (Environment.GetEnvironmentVariable(variable) == "1")
        {
            File.WriteAllLines(path, now);
        }

        var before = File.Exists(path) ? File.ReadAllLines(path) : [];
        var gone = WithHeadings(before).Except(WithHeadings(now)).Select(line => "- " + line);
        var added = WithHeadings(now).Except(WithHeadings(before)).Select(line => "+ " + line);
        Assert.True(
            before.SequenceEqual(now),
            $"""
            {what} is not what {document} says. If the change is meant, record it with
                {variable}=1 dotnet test tests/Architecture.Tests -c Release --filter {filter}
            {string.Join(Environment.NewLine, gone.Concat(added))}
            """);
    }

    /// <summary>Each indented line behind the line that it belongs to: several types may have the same member.</summary>
    private static IEnumerable<string> WithHeadings(IEnumerable<string> lines)
    {
        var heading = "";
        foreach (var line in lines)
        {
            heading = line.StartsWith(' ') ? heading : line;
            yield return line.StartsWith(' ') ? $"{heading}: {line.Trim()}" : line;
        }
    }
}
