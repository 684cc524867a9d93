using MicroSpark.Grains.Contracts;
using MicroSpark.Model;

namespace MicroSpark.Grains.Stages;

/// <summary>What a set of tasks knows of one of them.</summary>
internal sealed class TaskWork(int partition)
{
    /// <summary>Deaths of workers that may be chance.</summary>
    private const int MostInCompany = 2;

    public int Partition => partition;

    /// <summary>Where its data is; null when that is nowhere in particular.</summary>
    public WorkerId? Home { get; init; }

    /// <summary>Where it just failed, or was dropped or is slow.</summary>
    public WorkerId? Avoid { get; set; }

    /// <summary>
    /// Where it had not begun when it was taken back for others. They may have got something longer meanwhile: the worker may have it again
    /// when it has nothing to do, and not before, or it would come back at once.
    /// </summary>
    public WorkerId? TakenFrom { get; set; }

    /// <summary>
    /// The worker on its owner's silo, once another one died under it or may have: with that one too the owner would die, and what it
    /// knows of the task. Null while nothing happened.
    /// </summary>
    public WorkerId? Spared { get; set; }

    /// <summary>Whether there is a reason that another worker runs it.</summary>
    /// <param name="idle">Whether the worker has free slots.</param>
    public bool Avoids(WorkerId worker, bool idle) =>
        Avoid == worker || Spared == worker || (!idle && TakenFrom == worker) || IsFull(worker);

    /// <summary>Whether it refused the task for want of room.</summary>
    public bool IsFull(WorkerId worker) => FullAt?.Contains(worker) == true;

    /// <summary>Attempts that began or may have, and so the next attempt's number.</summary>
    public int Attempts { get; set; }

    public int Failures { get; set; }

    /// <summary>How often it came back undone through no fault of its own.</summary>
    public int Returns { get; set; }

    /// <summary>Since when nobody holds what it needs of its plan; null while it was not missing.</summary>
    public long? MissingSince { get; set; }

    /// <summary>Workers that had no room for it on disk; null while all have.</summary>
    public HashSet<WorkerId>? FullAt { get; set; }

    /// <summary>Workers that died while they had it.</summary>
    public int Deaths { get; set; }

    /// <summary>Whether it may be what they died of: then it runs where no other task is.</summary>
    public bool RunsAlone => Deaths >= MostInCompany;

    /// <summary>Attempts at workers now: one, or two with a second one.</summary>
    public int Running { get; set; }

    /// <summary>Whether it is in the queue.</summary>
    public bool Waits => Place?.List is not null;

    /// <summary>Its place in the queue.</summary>
    public LinkedListNode<TaskWork>? Place { get; set; }

    /// <summary>An attempt did not find an input; the owner of the set hears of it when no other attempt is left.</summary>
    public bool LostInput { get; set; }

    public bool Ended { get; set; }

    /// <summary>
    /// Whether a second attempt makes sense. One at a task without its input would fail like the first, for ever; and where the worker of
    /// each may die of it, both at once must not be more than may.
    /// </summary>
    /// <param name="mostDeaths">Workers that may die under the task.</param>
    public bool CanHaveCopy(int mostDeaths) =>
        !Ended && !LostInput && !RunsAlone && Running == 1 && !Waits && Deaths + 2 <= mostDeaths;
}

/// <summary>One attempt that is at a worker.</summary>
internal readonly record struct SentTask(TaskWork Work, TaskItem Item);
