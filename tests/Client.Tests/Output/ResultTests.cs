using System.Text.Json;
using MicroSpark.Client.Output;

namespace MicroSpark.Tests.Output;

/// <summary>Results as text and as JSON.</summary>
public sealed class ResultTests
{
    [Fact]
    public async Task A_table_is_as_wide_as_its_first_count()
    {
        using var output = new StringWriter { NewLine = "\n" };
        await ResultTable.WriteAsync(output, Rows(("the", 1234567), ("a", 5)));

        Assert.Equal("    count  word\n1,234,567  the\n        5  a\n", output.ToString());
    }

    [Fact]
    public async Task A_word_cannot_command_the_screen()
    {
        using var output = new StringWriter { NewLine = "\n" };
        await ResultTable.WriteAsync(output, Rows(("\e[2J", 1), (new string('x', 1000), 1)));

        Assert.Equal($"count  word\n    1  \uFFFD[2J\n    1  {new string('x', 100)}… (1,000 characters)\n", output.ToString());
    }

    [Fact]
    public async Task Json_is_one_array_however_long()
    {
        using var output = new StringWriter();
        var words = Enumerable.Range(0, 5000).Select(i => ($"\"wörd\" {i}", (long)i)).ToArray();
        await Json.WriteArrayAsync(output, Rows(words), static (json, row) =>
        {
            json.WriteString("word", row.Word);
            json.WriteNumber("count", row.Count);
        });

        using var document = JsonDocument.Parse(output.ToString());
        Assert.Equal(words, document.RootElement.EnumerateArray().Select(row => (row.GetProperty("word").GetString()!, row.GetProperty("count").GetInt64())));
    }

    [Fact]
    public async Task Json_of_nothing_is_an_empty_array()
    {
        using var output = new StringWriter { NewLine = "\n" };
        await Json.WriteArrayAsync(output, Rows(), static (_, _) => { });

        Assert.Equal("[]\n", output.ToString());
    }

    private static IAsyncEnumerable<(string Word, long Count)> Rows(params (string Word, long Count)[] rows) => rows.ToAsyncEnumerable();
}
