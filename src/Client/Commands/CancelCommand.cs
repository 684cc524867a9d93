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
            var id = JobArgument.Parse(parsed.GetValue(job)!);
            return Session.AskAsync(
                cluster.Read(parsed), terminal,
                async (spark, token) =>
                {
                    var known = (await spark.JobsAsync(token)).FirstOrDefault(candidate => candidate.Id == id)
                        ?? throw JobArgument.Unknown(id);
                    if (known.State != JobState.Running)
                    {
                        terminal.Error.WriteLine($"Job {id} has ended already: {known.State}.");
                        return;
                    }

                    await spark.CancelJobAsync(id, token);
                    terminal.Error.WriteLine($"Job {id} is cancelled.");
                },
                cancellationToken);
        });
        return command.WithExamples("microspark cancel 5750507d15d84af4abe7017732e59acb");
    }
}
