namespace MicroSpark.Tests;

/// <summary>A line of source fits beside another one, in a review or an editor, without being scrolled.</summary>
public sealed class LineLengthTests
{
    /// <summary>As .editorconfig tells editors, which no compiler checks.</summary>
    private const int Limit = 140;

    [Fact]
    public void A_line_of_source_has_at_most_140_columns()
    {
        var tooLong =
            from file in SourceTree.Files(".cs", "src")
            from line in File.ReadLines(SourceTree.Absolute(file)).Select((text, index) => (Text: text, Number: index + 1))
            where line.Text.Length > Limit
            select $"{file}:{line.Number}: {line.Text.Length} columns";
        var found = tooLong.ToArray();

        Assert.True(found.Length == 0, $"Fold these {found.Length} lines at {Limit} columns:\n{string.Join('\n', found)}");
    }
}
