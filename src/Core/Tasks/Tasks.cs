using MicroSpark.Memory;
using MicroSpark.Model;

namespace MicroSpark.Tasks;

/// <summary>
/// Names an encoded plan. Small plans travel inside (<paramref name="Inline"/>); all are also blobs at <paramref name="Holders"/>.
/// </summary>
internal sealed record PlanRef(BlobName Name, byte[]? Inline, IReadOnlyList<WorkerId> Holders)
{
    /// <summary>Of the client's build: workers of another number count as none for the plan.</summary>
    public ProtocolNumber Protocol { get; init; } = ProtocolNumber.Current;

    /// <summary>
    /// Whose the plan's outputs are: they are kept apart from those of others (<see cref="LineageId.KeptFor"/>). The job's grain puts it
    /// in, and no client is believed. Null for the cluster's own secret.
    /// </summary>
    public string? Owner { get; init; }

    /// <summary>
    /// Pieces of broadcasts that the client had destroyed when it put the plan: it has them no more, so nobody will bring them. What else
    /// is missing is waited for.
    /// </summary>
    public IReadOnlyList<BlobName> Gone { get; init; } = [];
}

/// <summary>A plan as a silo keeps it decoded: once for each whose outputs it names.</summary>
internal readonly record struct PlanKey(BlobName Name, string? Owner)
{
    public static PlanKey Of(PlanRef plan) => new(plan.Name, plan.Owner);
}

/// <summary>
/// One task: compute partition <paramref name="Partition"/> of the stage whose root is node <paramref name="Node"/> of the plan.
/// </summary>
/// <param name="OutputLineage">Under which id the output block is stored: the node's lineage, or the job's own for a last stage.</param>
/// <param name="StageId">As <see cref="TaskContext.StageId"/> shows it.</param>
/// <param name="AttemptNumber">0 for the first try.</param>
/// <param name="Copy">Reads the attempt's output where it is, and keeps another one like it here, instead of computing it.</param>
internal sealed record TaskSpec(
    JobId Job, int Node, LineageId OutputLineage, int StageId, int Partition, AttemptId Attempt, int AttemptNumber, bool Copy = false)
{
    /// <summary>Bytes that the results of the job may take together; 0 for no limit.</summary>
    public long MaxResultSize { get; init; }
}

/// <summary>A user's exception as plain fields, so that no grain ever needs its type.</summary>
/// <param name="CanRetry">False for errors that no retry can mend (e.g. a plan that does not load).</param>
internal sealed record TaskFailure(
    string TypeName, string Message, string? StackTrace, string? Operator, string? Function, long? ElementIndex, bool CanRetry,
    byte[]? EncodedException, TaskFailure? Inner)
{
    /// <summary>Whether it was for want of something that the job's client had put at workers.</summary>
    public bool IsBlobMissing => TypeName == typeof(BlobMissingException).FullName || Inner is { IsBlobMissing: true };

    /// <summary>Whether the worker's disk had no room for it: another worker's may.</summary>
    public bool IsNoRoom => TypeName == typeof(SpillException).FullName || Inner is { IsNoRoom: true };

    public static TaskFailure Of(
        Exception exception, string? operatorName = null, string? function = null, long? elementIndex = null, bool canRetry = true) =>
        new(
            exception.GetType().FullName ?? exception.GetType().Name, exception.Message, exception.StackTrace, operatorName, function,
            elementIndex, canRetry, null, exception.InnerException is { } inner ? Of(inner) : null);
}

/// <summary>Where the current outputs of one recipe are: what the RddGrain names, what readers ask for.</summary>
/// <param name="Version">Grows with every change.</param>
/// <param name="Workers">The distinct workers.</param>
/// <param name="WorkerOf">For each partition an index into <paramref name="Workers"/>; -1 where it is not computed.</param>
/// <param name="AttemptOf">For each partition the attempt to ask for.</param>
internal sealed record BlockMap(LineageId Lineage, long Version, WorkerId[] Workers, short[] WorkerOf, long[] AttemptOf)
{
    /// <summary>The block that is to be read; no attempt's when the partition is not computed.</summary>
    public BlockPart BlockOf(int partition) => new(partition, new AttemptId(WorkerOf[partition] < 0 ? 0 : AttemptOf[partition]));
}

/// <summary>Where a worker learns locations: asks the recipe's RddGrain. Implemented by the grain layer.</summary>
internal interface ILocationSource
{
    /// <summary>The locations, at least as new as <paramref name="minVersion"/>.</summary>
    Task<BlockMap> LocateAsync(LineageId lineage, long minVersion, CancellationToken cancellationToken);

    /// <summary>
    /// A reader did not find a block at the place named here. The next reader asks again, however new the known places seem to be.
    /// </summary>
    void Forget(LineageId lineage);
}
