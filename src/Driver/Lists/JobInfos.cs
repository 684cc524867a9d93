using MicroSpark.Grains.Contracts;

namespace MicroSpark.Driver.Lists;

/// <summary>What the cluster says of a job, as programs are told it.</summary>
internal static class JobInfos
{
    /// <param name="now">By which a job that still runs has run so long.</param>
    public static JobInfo Of(JobSummary job, DateTimeOffset now) => new(
        job.Job, job.Name, job.Group, (JobState)job.Phase, job.StagesDone, job.StagesTotal, job.TasksDone, job.TasksTotal, job.Started,
        (job.Ended ?? now) - job.Started, job.Error)
    {
        IsQueued = job.Queued,
        Waits = job.Waits,
        Owner = job.Owner,
    };
}
