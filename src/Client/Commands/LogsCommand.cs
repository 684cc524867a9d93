using System.CommandLine;
using System.Globalization;
using MicroSpark.Client.CommandLine;
using MicroSpark.Client.Output;

namespace MicroSpark.Client.Commands;

/// <summary><c>logs JOB</c>: what one job's tasks said, as far as its workers keep it.</summary>
internal static class LogsCommand
{
    public static Command Create(Terminal terminal)
    {
        var command = new Command(
            "logs", "Show what the tasks of a job said: by TaskContext.Current.Logger, or to the console of a worker.");
        var job = JobArgument.Add(command);
        var json = new Option<bool>("--json") { Description = "Write one JSON array of lines." };
        command.Options.Add(json);
        var cluster = new ClusterOptions(command, clusterIsDefault: true);
        command.SetAction((parsed, cancellationToken) =>
        {
            var id = JobArgument.Check(parsed.GetValue(job)!);
            return Session.AskAsync(
                cluster.Read(parsed), terminal,
                async (spark, token) =>
                {
                    var found = await JobArgument.FindAsync(spark, id, token);
                    var (lines, dropped) = await spark.LinesOfAsync(found.Id, token);
                    if (parsed.GetValue(json))
                    {
                        await Json.WriteArrayAsync(terminal.Out, lines.ToAsyncEnumerable(), TaskLineText.WriteProperties);
                    }
                    else
                    {
                        foreach (var line in lines)
                        {
                            terminal.Out.WriteLine(TaskLineText.Of(line));
                        }
                    }

                    terminal.Out.Flush();
                    if (dropped > 0)
                    {
                        terminal.Error.WriteLine(string.Create(
                            CultureInfo.InvariantCulture, $"{dropped:N0} more lines were dropped; the workers' logs have them."));
                    }
                    else if (lines.Count == 0)
                    {
                        terminal.Error.WriteLine($"The tasks of job {found.Id} said nothing that is kept.");
                    }
                },
                cancellationToken);
        });
        return command.WithExamples("microspark logs 5750507d15d84af4abe7017732e59acb", "microspark logs 5750 --json");
    }
}
