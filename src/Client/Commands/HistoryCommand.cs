using System.CommandLine;
using MicroSpark.Client.CommandLine;
using MicroSpark.Client.Events;
using MicroSpark.Client.Output;
using MicroSpark.Options;

namespace MicroSpark.Client.Commands;

/// <summary><c>history FILE</c>: what an event log says of each job.</summary>
internal static class HistoryCommand
{
    public static Command Create(Terminal terminal)
    {
        var command = new Command(
            "history", "Show the jobs of an event log: their stages, and how time and bytes spread over their tasks.");
        var file = new Argument<string>("FILE") { Description = "What --event-log or a cluster wrote, or a folder of it." };
        var json = new Option<bool>("--json") { Description = "Write one JSON array." };
        command.Arguments.Add(file);
        var html = new Option<string?>("--html")
        { Description = "Write one HTML file that shows the jobs, for a browser and without a cluster.", HelpName = "OUT.html" };
        command.Options.Add(json);
        var without = new Option<bool>("--without-values")
        { Description = "With --html: leave out keys, texts of errors and why tasks ran again, for whom they are not." };
        command.Options.Add(html);
        command.Options.Add(without);
        Suggestions.RefuseOptions(file, command);
        command.SetAction(async (parsed, _) =>
        {
            var history = JobHistory.Read(parsed.GetValue(file)!);
            var values = !parsed.GetValue(without);
            if (!values && parsed.GetValue(html) is null)
            {
                throw new UsageException("--without-values is for the file of --html: the other forms of a log have its values.");
            }

            if (parsed.GetValue(html) is { } page)
            {
                HistoryHtml.Write(page, history, values);
                terminal.Error.WriteLine($"{page} shows {Units.Count(history.Jobs.Count, "job")}: open it in a browser.");
                Warn(history, terminal);
                return ExitCode.Done;
            }

            if (parsed.GetValue(json))
            {
                await Json.WriteArrayAsync(terminal.Out, history.Jobs.ToAsyncEnumerable(), HistoryJson.Write);
                return ExitCode.Done;
            }

            foreach (var job in history.Jobs)
            {
                HistoryReport.Write(terminal.Out, job);
            }

            Remarks(history, terminal);
            return ExitCode.Done;
        });
        return command.WithExamples("microspark run pi --event-log events.jsonl", "microspark history events.jsonl",
            "microspark history events.jsonl --html jobs.html", "microspark history events.jsonl --html jobs.html --without-values");
    }

    private static void Remarks(JobHistory history, Terminal terminal)
    {
        terminal.Out.WriteLine(
            $"{Units.Count(history.Jobs.Count, "job")} on {Units.Count(history.Workers.Count, "worker")}, {history.WorkersLost} lost. "
            + $"For want of memory " +
            $"{ByteSize.Show(history.BytesToDisk)} of blocks went to disk and {ByteSize.Show(history.BytesDropped)} were dropped.");
        Warn(history, terminal);
    }

    private static void Warn(JobHistory history, Terminal terminal)
    {
        if (history.Missed > 0)
        {
            terminal.Error.WriteLine(
                $"{Units.Count(history.Missed, "event")} came too fast to be recorded: tasks and blocks are not all here.");
        }

        if (history.Unreadable > 0)
        {
            terminal.Error.WriteLine(
                $"{Units.Count(history.Unreadable, "line")} could not be read, as when a writer is killed or its disk is full.");
        }
    }
}
