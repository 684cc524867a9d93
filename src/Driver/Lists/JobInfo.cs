namespace MicroSpark;

/// <summary>Where a job stands.</summary>
public enum JobState
{
    /// <summary>It has tasks to do.</summary>
    Running,

    /// <summary>All results are there.</summary>
    Succeeded,

    /// <summary>A task failed for good, or no worker was left.</summary>
    Failed,

    /// <summary>It was cancelled, by token, group or id.</summary>
    Cancelled,
}

/// <summary>One action's run, as lists show it. A job stays in the list for ten minutes after its end.</summary>
/// <param name="Id">Its id, by which it can be cancelled.</param>
/// <param name="Name">The action, such as <c>CountAsync</c>.</param>
/// <param name="Group">The <see cref="MicroSparkContext.JobGroup"/> it was started in; null when none.</param>
/// <param name="State">Where it stands.</param>
/// <param name="StagesDone">Stages whose tasks have all ended, of those begun.</param>
/// <param name="StagesTotal">Stages begun or done.</param>
/// <param name="TasksDone">Partitions computed, or found computed.</param>
/// <param name="TasksTotal">Partitions of the stages begun.</param>
/// <param name="Started">When it was submitted.</param>
/// <param name="Duration">Until its end, or until now.</param>
/// <param name="Error">Why it failed; null when it did not.</param>
public sealed record JobInfo(
    JobId Id, string Name, string? Group, JobState State, int StagesDone, int StagesTotal, int TasksDone, int TasksTotal,
    DateTimeOffset Started,
    TimeSpan Duration, string? Error)
{
    /// <summary>
    /// Whether it waits for a slot: it runs, and no task of it has begun. In the list of all jobs only; elsewhere false.
    /// </summary>
    public bool IsQueued { get; init; }

    /// <summary>
    /// The name of who submitted it, where secrets or certificates have names (<see cref="MicroSparkOptions.Secrets"/>); null for whoever
    /// has the cluster's own secret. <see cref="Error"/> is hidden from those who are not the owner.
    /// </summary>
    public string? Owner { get; init; }

    /// <summary>What a running job waits for, such as a worker of its version; null when it goes on, or has ended.</summary>
    public string? Waits { get; init; }
}
