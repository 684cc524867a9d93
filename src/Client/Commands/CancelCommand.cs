using System.CommandLine;
using MicroSpark.Client.CommandLine;
using MicroSpark.Client.Listings;
using MicroSpark.Client.Output;

namespace MicroSpark.Client.Commands;

/// <summary><c>cancel JOB</c>: ends one job of the cluster, whoever started it.</summary>
internal static class CancelCommand
{
    public static Command Create(Terminal terminal)
    {
        var command = new Command("cancel", "Cancel a job.");
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
                    var known = await JobArgument.FindAsync(spark, id, token);
                    var running = known.State == JobState.Running;
                    if (running)
                    {
                        await spark.CancelJobAsync(known.Id, token);
                    }

                    terminal.Error.WriteLine(
                        running ? $"Job {known.Id} is cancelled." : $"Job {known.Id} has ended already: {known.State}.");
                    if (parsed.GetValue(json))
                    {
                        var now = (await spark.JobsAsync(token)).Where(candidate => candidate.Id == known.Id);
                        await Json.WriteArrayAsync(terminal.Out, now.ToAsyncEnumerable(), JobListing.All.WriteProperties);
                    }
                },
                cancellationToken);
        });
        return command.WithExamples("microspark cancel 5750507d15d84af4abe7017732e59acb", "microspark cancel 5750 --json");
    }
}
