using System.CommandLine;
using MicroSpark.Client.CommandLine;

namespace MicroSpark.Client.Commands;

/// <summary><c>cancel JOB</c>: ends one job of the cluster, whoever started it.</summary>
internal static class CancelCommand
{
    public static Command Create(Terminal terminal)
    {
        var command = new Command("cancel", "Cancel a job.");
        var job = JobArgument.Add(command);
        var cluster = new ClusterOptions(command, clusterIsDefault: true);
        command.SetAction((parsed, cancellationToken) =>
        {
            var id = JobArgument.Check(parsed.GetValue(job)!);
            return Session.AskAsync(
                cluster.Read(parsed), terminal,
                async (spark, token) =>
                {
                    var known = await JobArgument.FindAsync(spark, id, token);
                    if (known.State != JobState.Running)
                    {
                        terminal.Error.WriteLine($"Job {known.Id} has ended already: {known.State}.");
                        return;
                    }

                    await spark.CancelJobAsync(known.Id, token);
                    terminal.Error.WriteLine($"Job {known.Id} is cancelled.");
                },
                cancellationToken);
        });
        return command.WithExamples("microspark cancel 5750507d15d84af4abe7017732e59acb");
    }
}
