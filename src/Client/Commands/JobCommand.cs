using System.CommandLine;
using MicroSpark.Client.CommandLine;
using MicroSpark.Client.Events;
using MicroSpark.Client.Output;

namespace MicroSpark.Client.Commands;

/// <summary><c>job ID</c>: one job of the cluster, its stages and tasks, as far as its workers remember them.</summary>
internal static class JobCommand
{
    public static Command Create(Terminal terminal)
    {
        var command = new Command("job", "Show one job of the cluster: its stages, and how time and bytes spread over their tasks.");
        var job = JobArgument.Add(command);
        var json = new Option<bool>("--json") { Description = "Write one JSON array of this job." };
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
                    var recorded = await JobArgument.RecallAsync(spark, found.Id, token);
                    if (parsed.GetValue(json))
                    {
                        await Json.WriteArrayAsync(terminal.Out, new[] { recorded }.ToAsyncEnumerable(), HistoryJson.Write);
                    }
                    else
                    {
                        HistoryReport.Write(terminal.Out, recorded, found);
                    }
                },
                cancellationToken);
        });
        return command.WithExamples(
            "microspark job 5750507d15d84af4abe7017732e59acb", "microspark job 5750507d15d84af4abe7017732e59acb --json");
    }
}
