using System.CommandLine;
using MicroSpark.Client.CommandLine;
using MicroSpark.Client.Output;
using MicroSpark.Samples;

namespace MicroSpark.Client.Commands;

/// <summary><c>wordcount FILE...</c>: the words of some files, the most frequent first.</summary>
internal static class WordCountCommand
{
    public static Command Create(Terminal terminal)
    {
        var command = new Command("wordcount", "Count the words of text files, the most frequent first.");
        var files = new Argument<string[]>("FILE")
        { Description = "Files, folders or patterns such as logs/*.txt.", Arity = ArgumentArity.OneOrMore };
        var top = new Option<int?>("--top") { Description = "Only the N most frequent words.", HelpName = "N" };
        var json = new Option<bool>("--json") { Description = "Write one JSON array of {\"word\", \"count\"}." };
        command.Arguments.Add(files);
        command.Options.Add(top);
        command.Options.Add(json);
        var cluster = new ClusterOptions(command);
        var report = new ReportOptions(command);
        Suggestions.RefuseOptions(files, command);
        files.Validators.Add(result =>
        {
            if (result.Tokens.Any(token => string.IsNullOrWhiteSpace(token.Value)))
            {
                result.AddError("A FILE is empty: give its path.");
            }
        });
        top.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && (!int.TryParse(text, out var number) || number < 0))
            {
                result.AddError($"--top takes a number of words, 0 or more, not '{text}'.");
            }
        });
        command.SetAction((parsed, cancellationToken) => Session.RunAsync(
            cluster.Read(parsed), report.Read(parsed), terminal,
            (spark, progress, token) =>
                RunAsync(spark, progress, terminal, parsed.GetValue(files)!, parsed.GetValue(top), parsed.GetValue(json), token),
            cancellationToken));
        return command.WithExamples(
            "microspark wordcount logs/*.txt --top 20", "microspark wordcount big.txt --cluster --json > words.json");
    }

    private static async Task RunAsync(
        MicroSparkContext spark, JobReports progress, Terminal terminal, string[] files, int? top, bool json,
        CancellationToken cancellationToken)
    {
        var rows = WordCount.RankedAsync(spark, files, top, cancellationToken);
        rows = HideBefore(rows, progress);
        if (json)
        {
            await Json.WriteArrayAsync(terminal.Out, rows, static (writer, row) =>
            {
                writer.WriteString("word", row.Word);
                writer.WriteNumber("count", row.Count);
            });
        }
        else
        {
            await ResultTable.WriteAsync(terminal.Out, rows);
        }
    }

    private static async IAsyncEnumerable<(string Word, long Count)> HideBefore(
        IAsyncEnumerable<(string Word, long Count)> rows, JobReports progress)
    {
        await foreach (var row in rows)
        {
            progress.Hide();
            yield return row;
        }
    }
}
