using System.Globalization;
using MicroSpark.Display;

namespace MicroSpark.Client.Listings;

/// <summary>What runs and what ran lately.</summary>
internal static class JobListing
{
    private const int LongestError = 60;

    public static Listing<JobInfo> All { get; } =
        new(
            "jobs", "List the cluster's jobs.", (spark, token) => spark.JobsAsync(token),
            ["job", "name", "group", "state", "stages", "tasks", "seconds", "error"],
            job =>
            [
                job.Id.ToString(), job.Name, job.Group ?? "", StateOf(job), $"{job.StagesDone}/{job.StagesTotal}",
                $"{job.TasksDone}/{job.TasksTotal}", job.Duration.TotalSeconds.ToString("F2", CultureInfo.InvariantCulture), Beginning(job),
            ],
            (json, job) =>
            {
                json.WriteString("job", job.Id.ToString());
                json.WriteString("name", job.Name);
                json.WriteString("group", job.Group);
                json.WriteString("state", StateOf(job));
                json.WriteNumber("stagesDone", job.StagesDone);
                json.WriteNumber("stagesTotal", job.StagesTotal);
                json.WriteNumber("tasksDone", job.TasksDone);
                json.WriteNumber("tasksTotal", job.TasksTotal);
                json.WriteString("started", job.Started);
                json.WriteNumber("seconds", job.Duration.TotalSeconds);
                json.WriteString("error", job.Error);
                json.WriteString("waits", job.Waits);
            });

    private static string StateOf(JobInfo job) => job.IsQueued ? "Queued" : job.State.ToString();

    /// <summary>A row is one line, and names its job already; the whole text is in the JSON.</summary>
    private static string Beginning(JobInfo job)
    {
        if (job.Waits is { } lack)
        {
            return $"waits for {lack}";
        }

        var line = job.Error?.Split('\n', 2)[0].TrimEnd() ?? "";
        string[] names = [$"Job {job.Id} ({job.Name}) failed: ", $"Job {job.Id} could not be run: "];
        var known = names.FirstOrDefault(name => line.StartsWith(name, StringComparison.Ordinal)) ?? "";
        return ValueText.Short(line[known.Length..], LongestError);
    }
}
