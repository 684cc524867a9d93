using MicroSpark.Model;
using MicroSpark.Tasks;

namespace MicroSpark.Grains.Contracts;

/// <summary>
/// How one task, or all attempts at one partition, ended: <see cref="TaskOutcome"/> as it travels, and what an owner says of its
/// own. Made by the factories below alone, so which fields are set follows from <see cref="End"/>.
/// </summary>
[GenerateSerializer, Immutable, Alias("microspark.TaskReport")]
internal sealed record TaskReport
{
    /// <summary>
    /// Lost blocks that one message names: at 16 bytes each they are a page. A task that found more of them missing names these, and the
    /// others when it is tried again.
    /// </summary>
    public const int MostLost = Pages.Largest / 16;

    private TaskReport(TaskEnd end, int partition, AttemptId attempt, WorkerId worker) =>
        (End, Partition, Attempt, Worker) = (end, partition, attempt, worker);

    [Id(0)]
    public TaskEnd End { get; private init; }

    [Id(1)]
    public int Partition { get; private init; }

    [Id(2)]
    public AttemptId Attempt { get; private init; }

    /// <summary>Who ran the attempt; default when no worker has.</summary>
    [Id(3)]
    public WorkerId Worker { get; private init; }

    /// <summary>Of a failure that is final: how many attempts failed. Set by whoever counts them.</summary>
    [Id(4)]
    public int Tries { get; private init; }

    [Id(5)]
    public long Records { get; private init; }

    [Id(6)]
    public long Bytes { get; private init; }

    [Id(7)]
    public ulong Fingerprint { get; private init; }

    [Id(8)]
    public long Milliseconds { get; private init; }

    [Id(9)]
    public byte[]? Result { get; private init; }

    [Id(10)]
    public TaskFailure? Failure { get; private init; }

    [Id(11)]
    public LineageId LostLineage { get; private init; }

    [Id(12)]
    public BlockPart[]? Lost { get; private init; }

    [Id(13)]
    public WorkerId? LostAt { get; private init; }

    // 14 was the stage's number, which StageFailure has.

    /// <summary>What the task added to accumulators.</summary>
    [Id(15)]
    public byte[]? Updates { get; private init; }

    /// <summary>What the task read and wrote; of a success.</summary>
    [Id(16)]
    public TaskTraffic Traffic { get; private init; }

    /// <summary>How the attempt went, for when its worker cannot be asked any more; null when no slot had taken it.</summary>
    [Id(17)]
    public TaskSpan? Span { get; private init; }

    /// <summary>What a worker reports.</summary>
    public static TaskReport Of(TaskOutcome outcome, WorkerId worker, TaskSpan? span = null) => outcome switch
    {
        TaskOutcome.Succeeded s => Succeeded(s, worker, span),
        TaskOutcome.Failed f => new(f.End, f.Partition, f.Attempt, worker) { Failure = f.Error, Span = span },
        TaskOutcome.InputLost l => new(l.End, l.Partition, l.Attempt, worker)
        {
            LostLineage = l.Lineage,
            Lost = l.Lost is BlockPart[] { Length: <= MostLost } few ? few : [.. l.Lost.Take(MostLost)],
            LostAt = l.Worker,
            Span = span,
        },
        TaskOutcome.Cancelled or TaskOutcome.TakenBack => new(outcome.End, outcome.Partition, outcome.Attempt, worker) { Span = span },
        _ => throw new ArgumentOutOfRangeException(nameof(outcome), outcome, "A task's outcome is one of the closed set of TaskOutcome."),
    };

    /// <summary>An owner gives the task up, after so many failed attempts.</summary>
    /// <param name="worker">Null when no worker was at it.</param>
    public static TaskReport Failed(int partition, WorkerId? worker, TaskFailure failure, int tries) =>
        new(TaskEnd.Failed, partition, default, worker ?? default) { Failure = failure, Tries = Math.Max(1, tries) };

    /// <summary>Its owner does not want it any more.</summary>
    public static TaskReport Cancelled(int partition) => new(TaskEnd.Cancelled, partition, default, default);

    /// <summary>No worker came to run it.</summary>
    public static TaskReport NoWorker(int partition) => new(TaskEnd.NoWorker, partition, default, default);

    /// <summary>A failure that is final.</summary>
    public TaskReport After(int tries) => this with { Tries = Math.Max(1, tries) };

    /// <summary>A task that cannot do without the reported one ends as it did.</summary>
    public TaskReport SharedBy(int partition) => this with { Partition = partition };

    private static TaskReport Succeeded(TaskOutcome.Succeeded outcome, WorkerId worker, TaskSpan? span) =>
        new(outcome.End, outcome.Partition, outcome.Attempt, worker)
        {
            Records = outcome.Records,
            Bytes = outcome.Bytes,
            Fingerprint = outcome.Fingerprint,
            Milliseconds = outcome.Milliseconds,
            Result = outcome.Result,
            Updates = outcome.Updates,
            Traffic = outcome.Traffic,
            Span = span,
        };
}
