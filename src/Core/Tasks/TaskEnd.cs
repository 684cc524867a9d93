using MicroSpark.Model;

namespace MicroSpark.Tasks;

/// <summary>
/// How an attempt at a task ended. The same words are used from the slot to the event log: in <see cref="TaskOutcome"/>, in reports, spans
/// and notes, in the Driver's events and in the log's text. A worker knows the first four ends. Only the task's owner knows the others.
/// </summary>
internal enum TaskEnd : byte
{
    /// <summary>Its output is there.</summary>
    Succeeded = 0,

    /// <summary>It threw.</summary>
    Failed = 1,

    /// <summary>What it reads was gone: that is computed again, then the task.</summary>
    InputLost = 2,

    /// <summary>It was stopped: nobody wants it any more, or its worker leaves.</summary>
    Cancelled = 3,

    /// <summary>No worker was there to run it.</summary>
    NoWorker = 4,

    /// <summary>Its worker was lost, or forgot it.</summary>
    WorkerLost = 5,

    /// <summary>Its worker dropped it although it was wanted.</summary>
    GivenBack = 6,

    /// <summary>Another attempt at the same task was faster.</summary>
    Superseded = 7,

    /// <summary>It had succeeded, and its output was lost before all had read it.</summary>
    OutputLost = 8,

    /// <summary>Its owner was lost: a successor knows nothing of it, and starts what was not written down again.</summary>
    OwnerLost = 9,

    /// <summary>No slot had taken it, and another worker had nothing to do.</summary>
    TakenBack = 10,
}

/// <summary>How a task ended at its slot: one of the closed set below.</summary>
internal abstract record TaskOutcome(int Partition, AttemptId Attempt)
{
    public abstract TaskEnd End { get; }

    /// <summary>The output is in the worker's block store under (OutputLineage, Partition, Attempt), or in here.</summary>
    /// <param name="Result">The encoded result of a last stage when it is small; null otherwise: fetch the block.</param>
    public sealed record Succeeded(
        int Partition, AttemptId Attempt, long Records, long Bytes, ulong Fingerprint, long Milliseconds, byte[]? Result)
        : TaskOutcome(Partition, Attempt)
    {
        /// <summary>
        /// A result of so many bytes at most is in the job's record too, and nowhere else. A larger one stays in the worker's store as
        /// well: whoever drives the job after its grain was lost knows where.
        /// </summary>
        public const int LargestRecorded = 64;

        public override TaskEnd End => TaskEnd.Succeeded;

        /// <summary>What the task added to accumulators; null when nothing.</summary>
        public byte[]? Updates { get; init; }

        public TaskTraffic Traffic { get; init; }
    }

    /// <summary>User code, or the engine on its behalf, threw. Counts against Retry:MaxTaskFailures.</summary>
    public sealed record Failed(int Partition, AttemptId Attempt, TaskFailure Error) : TaskOutcome(Partition, Attempt)
    {
        public override TaskEnd End => TaskEnd.Failed;
    }

    /// <summary>Inputs are gone (their worker died or dropped them): they must be ensured again. Never counts as a failure.</summary>
    public sealed record InputLost(int Partition, AttemptId Attempt, LineageId Lineage, IReadOnlyList<BlockPart> Lost, WorkerId? Worker)
        : TaskOutcome(Partition, Attempt)
    {
        public override TaskEnd End => TaskEnd.InputLost;
    }

    /// <summary>The batch was cancelled before this task ended.</summary>
    public sealed record Cancelled(int Partition, AttemptId Attempt) : TaskOutcome(Partition, Attempt)
    {
        public override TaskEnd End => TaskEnd.Cancelled;
    }

    /// <summary>Its owner took it back before a slot took it.</summary>
    public sealed record TakenBack(int Partition, AttemptId Attempt) : TaskOutcome(Partition, Attempt)
    {
        public override TaskEnd End => TaskEnd.TakenBack;
    }
}
