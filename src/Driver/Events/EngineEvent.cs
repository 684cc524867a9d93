using MicroSpark.Plans;
using MicroSpark.Tasks;

namespace MicroSpark.Driver.Events;

/// <summary>
/// One thing that happened to a context's jobs or its cluster: one of the closed set below. Logs, progress, lists and tests read the same
/// stream. Together the events of a job say all of its history; times of tasks are by their workers' clocks, others by the cluster's or the
/// client's.
/// </summary>
internal abstract record EngineEvent(DateTimeOffset Time)
{
    /// <summary>A worker is there.</summary>
    public sealed record WorkerJoined(DateTimeOffset Time, string Worker, string Name, string Address, int Slots, long MemoryBudget)
        : EngineEvent(Time);

    /// <summary>A worker is no longer there.</summary>
    public sealed record WorkerLost(DateTimeOffset Time, string Worker) : EngineEvent(Time);

    /// <summary>No worker answers a job's client, which waits for one.</summary>
    /// <param name="Waited">So far.</param>
    /// <param name="Most">After that the action fails.</param>
    public sealed record NoWorker(DateTimeOffset Time, TimeSpan Waited, TimeSpan Most) : EngineEvent(Time);

    /// <summary>An action was submitted.</summary>
    /// <param name="Stages">All stages of its plan, parents first; those whose output is there already will have no tasks.</param>
    public sealed record JobStarted(DateTimeOffset Time, JobId Job, string Name, string? Group, IReadOnlyList<StagePlan> Stages)
        : EngineEvent(Time);

    /// <summary>One attempt at one task has ended.</summary>
    /// <param name="Output">Of which stage, by what it makes.</param>
    /// <param name="Stage">Its number, for people.</param>
    public sealed record TaskEnded(DateTimeOffset Time, JobId Job, LineageId Output, int Stage, string Worker, TaskAttempt Task)
        : EngineEvent(Time);

    /// <summary>
    /// The owner of a task notes something that the attempt's worker could not tell: why the attempt came to nothing, or that it is too
    /// slow. An attempt whose worker died has no other end.
    /// </summary>
    /// <param name="Partition">Null for all tasks of the stage that had not ended.</param>
    /// <param name="Attempt">Null of one that had succeeded: its number is no longer known.</param>
    /// <param name="Worker">The worker that had the attempt, or its output; null when not known.</param>
    /// <param name="End">Null while the attempt goes on.</param>
    /// <param name="Again">Whether the task is tried again because of it.</param>
    /// <param name="Reason">For people: what comes after "because".</param>
    public sealed record TaskNoted(
        DateTimeOffset Time, JobId Job, LineageId Output, int Stage, int? Partition, int? Attempt, string? Worker, TaskEnd? End, bool Again,
        string Reason)
        : EngineEvent(Time);

    /// <summary>All partitions that the job wants of a stage are there.</summary>
    /// <param name="Partitions">How many, computed by this job or found.</param>
    public sealed record StageCompleted(DateTimeOffset Time, JobId Job, LineageId Output, int Stage, int Partitions) : EngineEvent(Time);

    /// <summary>A worker was short of memory and moved a recipe's blocks to disk, or dropped them.</summary>
    /// <param name="Partition">Null for all that the worker held.</param>
    public sealed record BlockMoved(DateTimeOffset Time, string Worker, LineageId Output, int? Partition, long Bytes, bool ToDisk)
        : EngineEvent(Time);

    /// <summary>Events of a worker came faster than they were asked for: what follows of its tasks and blocks is not all.</summary>
    public sealed record EventsMissed(DateTimeOffset Time, string Worker, long Count) : EngineEvent(Time);

    /// <summary>A job is over.</summary>
    /// <param name="Took">From its submission to its end, as the cluster has it.</param>
    public sealed record JobEnded(DateTimeOffset Time, JobId Job, JobState State, TimeSpan Took, string? Error) : EngineEvent(Time);
}

/// <summary>One stage as the plan has it: the tasks that make one output.</summary>
/// <param name="Output">What it makes, which names it; a job's result has a name of its own.</param>
/// <param name="Stage">Its number, as <see cref="TaskContext.StageId"/> shows it. What is persisted on the way shares that of the stage
/// that reads it.</param>
/// <param name="Parents">The outputs that it reads.</param>
internal sealed record StagePlan(
    int Stage, LineageId Output, string Operator, OutputKind Kind, int Partitions, IReadOnlyList<LineageId> Parents)
{
    /// <summary>What runs in its tasks, in the order in which elements pass; none where the plan is not known.</summary>
    public IReadOnlyList<string> Operators { get; init; } = [];

    /// <summary>Lines of the user's source that it comes from, such as <c>Program.cs:12</c>.</summary>
    public IReadOnlyList<string> Sources { get; init; } = [];

    /// <summary>Bytes that the lambda with the most captures, when they are many; else 0.</summary>
    public long Captured { get; init; }

    /// <summary>That lambda's line; null when it is not known.</summary>
    public string? CapturedAt { get; init; }

    /// <summary>Whether it has lambdas of a Debug build.</summary>
    public bool Debug { get; init; }

    /// <summary>Of each operator the line of its first lambda, empty when there is none; null where that is not known.</summary>
    public IReadOnlyList<string>? Lines { get; init; }
}

/// <summary>One attempt at one task.</summary>
/// <param name="Attempt">0 for the first try at the partition.</param>
/// <param name="Bytes">Of its output.</param>
/// <param name="Traffic">What it read and wrote, when it succeeded.</param>
/// <param name="Copy">It did not compute its output but copied it from another worker, for a level that keeps two.</param>
/// <param name="Key">The key that has the most values, of a task that groups and when they are many; null otherwise.</param>
/// <param name="At">The line of the user's code that threw; null when nothing did, or it is not known.</param>
internal sealed record TaskAttempt(
    int Partition, int Attempt, TaskEnd End, DateTimeOffset Started, TimeSpan Took, long Records, long Bytes, TaskTraffic Traffic,
    string? Error, bool Copy = false, string? Key = null, long KeyValues = 0, string? At = null);
