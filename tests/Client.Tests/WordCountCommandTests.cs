using System.Text.Json;
using MicroSpark.Client;
using MicroSpark.Client.Output;

namespace MicroSpark.Tests;

/// <summary>The console's main command on real files and embedded silos, against LINQ.</summary>
public sealed class WordCountCommandTests : IDisposable
{
    private const string Text = "to be or not to be\r\n  that\tis the question\n\nTo be\u00A0or é\n";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("1")]
    [InlineData("3")]
    public async Task Words_are_counted_as_LINQ_counts_them(string workers)
    {
        var run = await ConsoleRun.OfAsync("wordcount", _folder.Write("text.txt", Text), "--json", "--local", workers);

        Assert.Equal(0, run.ExitCode);
        Assert.Equal(Expected(Text), Rows(run.Out));
    }

    [Fact]
    public async Task Top_is_the_beginning_of_all()
    {
        var run = await ConsoleRun.OfAsync("run", "wordcount", _folder.Write("text.txt", Text), "--json", "--top", "2");

        Assert.Equal(Expected(Text).Take(2), Rows(run.Out));
    }

    [Fact]
    public async Task Several_files_and_patterns_count_as_one_text()
    {
        var run = await ConsoleRun.OfAsync("wordcount", _folder.Write("a.txt", "x y"), _folder.Write("b.txt", "y z"), _folder.File("*.t?t"), "--json");

        Assert.Equal(Expected("x y y z x y y z"), Rows(run.Out));
    }

    [Fact]
    public async Task A_table_has_a_line_for_each_word()
    {
        var run = await ConsoleRun.OfAsync("wordcount", _folder.Write("text.txt", "b a b"));

        Assert.Equal(["count  word", "    2  b", "    1  a", ""], run.Out.ReplaceLineEndings("\n").Split('\n'));
    }

    [Fact]
    public async Task An_empty_file_has_no_words()
    {
        var run = await ConsoleRun.OfAsync("wordcount", _folder.Write("empty.txt", ""), "--json");

        Assert.Equal((0, "[]"), (run.ExitCode, run.Out.Trim()));
    }

    [Fact]
    public async Task A_missing_file_is_named()
    {
        var run = await ConsoleRun.OfAsync("wordcount", _folder.File("no-such-file.txt"));

        Assert.Equal((1, ""), (run.ExitCode, run.Out));
        Assert.Contains("no-such-file.txt", run.Error);
    }

    [Theory]
    [InlineData("workers")]
    [InlineData("wordcount --cluster file")]
    [InlineData("submit --cluster app.dll")]
    [InlineData("submit --cluster --detach app.dll")]
    public async Task A_command_without_a_cluster_says_how_to_set_one(string line)
    {
        var run = await ConsoleRun.OfAsync(line.Split(' '));

        Assert.Equal(3, run.ExitCode);
        Assert.Contains("No cluster is set", run.Error);
    }

    [Fact]
    public async Task A_cancelled_command_says_so()
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var terminal = new Terminal(output, error, ErrorIsScreen: false);

        var code = await ConsoleProgram.RunAsync(
            ["wordcount", _folder.Write("text.txt", Text)], terminal, new CancellationToken(canceled: true));

        Assert.Equal((130, ""), (code, output.ToString()));
    }

    private static IEnumerable<(string Word, long Count)> Expected(string text) =>
        text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
            .GroupBy(word => word)
            .Select(group => (Word: group.Key, Count: group.LongCount()))
            .OrderByDescending(row => row.Count)
            .ThenBy(row => row.Word, StringComparer.Ordinal);

    private static IEnumerable<(string Word, long Count)> Rows(string json)
    {
        using var document = JsonDocument.Parse(json);
        return [.. document.RootElement.EnumerateArray().Select(row => (row.GetProperty("word").GetString()!, row.GetProperty("count").GetInt64()))];
    }
}
