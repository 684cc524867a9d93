namespace MicroSpark.Tasks;

/// <summary>How far one stage of a running job is.</summary>
/// <param name="Output">What it makes, which names it.</param>
/// <param name="StageId">As <see cref="TaskContext.StageId"/> shows it.</param>
/// <param name="Operator">The operator at the stage's root, such as <c>ReduceByKey</c>.</param>
/// <param name="TasksDone">Includes those whose output was there already.</param>
/// <param name="Traffic">What the job's tasks of the stage have read and written so far.</param>
internal sealed record StageProgress(
    LineageId Output, int StageId, string Operator, int TasksDone, int TasksTotal, TaskTraffic Traffic = default)
{
    /// <summary>Tasks that have a slot.</summary>
    public int Running { get; init; }

    /// <summary>Attempts at tasks that have ended, however.</summary>
    public int Attempts { get; init; }

    /// <summary>Those of them that were not the first at their partition.</summary>
    public int Retries { get; init; }
}

/// <summary>
/// How far a running job is. A context raises one whenever its watch on a job brings news, and a last one with <paramref name="Ended"/>
/// set when the job is over, however it ended.
/// </summary>
/// <param name="Name">As lists of jobs name it, such as <c>CountAsync</c>.</param>
internal sealed record JobProgress(JobId Job, string Name, bool Ended, IReadOnlyList<StageProgress> Stages)
{
    /// <summary>Whether no worker has answered for a while: it waits for one.</summary>
    public bool NoWorker { get; init; }

    /// <summary>Whether it waits for a slot: no task of it has begun.</summary>
    public bool IsQueued => !Ended && Stages.All(static stage => stage.TasksDone + stage.Running + stage.Attempts == 0);
}
