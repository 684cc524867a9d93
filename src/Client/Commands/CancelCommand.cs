using System.CommandLine;
using MicroSpark.Client.CommandLine;

namespace MicroSpark.Client.Commands;

/// <summary><c>cancel JOB</c>: ends one job of the cluster, whoever started it.</summary>
internal static class CancelCommand
{
    public static Command Create(Terminal terminal)
    {
        var command = new Command("cancel", "Cancel a job.");
        var job = new Argument<string>("JOB") { Description = "The job's id, as `jobs` lists it." };
        command.Arguments.Add(job);
        var cluster = new ClusterOptions(command, clusterIsDefault: true);
        command.SetAction((parsed, cancellationToken) =>
        {
            var id = Parse(parsed.GetValue(job)!);
            return Session.AskAsync(
                cluster.Read(parsed), terminal,
                async (spark, token) =>
                {
                    var known = (await spark.JobsAsync(token)).FirstOrDefault(candidate => candidate.Id == id)
                        ?? throw new UsageException($"The cluster knows no job {id}. `microspark jobs` lists those that it knows.");
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
        return command;
    }

    private static JobId Parse(string text)
    {
        try
        {
            return JobId.Parse(text);
        }
        catch (FormatException e)
        {
            throw new UsageException($"'{text}' is no job id. `microspark jobs` lists them.", e);
        }
    }
}
