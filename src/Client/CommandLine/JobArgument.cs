using System.CommandLine;
using MicroSpark.Client.Events;
using MicroSpark.Client.Output;
using MicroSpark.Driver.Events;

namespace MicroSpark.Client.CommandLine;

/// <summary>A job's id on a command line.</summary>
internal static class JobArgument
{
    private const int IdLength = 32;

    public static Argument<string> Add(Command command)
    {
        var job = new Argument<string>("JOB") { Description = "The job's id, as `jobs` lists it, or its beginning." };
        command.Arguments.Add(job);
        Suggestions.RefuseOptions(job, command);
        return job;
    }

    /// <summary>An id, or the beginning of one.</summary>
    /// <exception cref="UsageException">It cannot be one.</exception>
    public static string Check(string text) => text.Length is > 0 and <= IdLength && text.All(char.IsAsciiHexDigit)
        ? text.ToLowerInvariant()
        : throw new UsageException($"'{text}' is no job id. `microspark jobs` lists them; the beginning of one is enough.");

    /// <summary>The job that is meant.</summary>
    /// <exception cref="UsageException">The cluster knows none, or several.</exception>
    public static async Task<JobInfo> FindAsync(MicroSparkContext spark, string checkedText, CancellationToken cancellationToken)
    {
        var jobs = (await spark.JobsAsync(cancellationToken))
            .Where(job => job.Id.ToString().StartsWith(checkedText, StringComparison.Ordinal)).ToArray();
        return jobs.Length switch
        {
            1 => jobs[0],
            0 => throw Unknown(checkedText),
            _ => throw new UsageException(
                $"{jobs.Length} jobs begin with {checkedText}: give more of the id. `microspark jobs` lists them."),
        };
    }

    /// <summary>All that the workers remember of a job.</summary>
    /// <exception cref="UsageException">The cluster knows no such job.</exception>
    public static async Task<RecordedJob> RecallAsync(MicroSparkContext spark, JobId id, CancellationToken cancellationToken)
    {
        var history = new JobHistory();
        foreach (var one in await spark.EventsOfAsync(id, cancellationToken) ?? throw Unknown(id.ToString()))
        {
            history.Add(one);
        }

        return history.Jobs[0];
    }

    private static UsageException Unknown(string id) =>
        new($"The cluster knows no job {id}: it ended more than ten minutes ago, or never ran here. `microspark jobs` lists those that "
            + $"it knows.");
}
