using MicroSpark.Tasks;

namespace MicroSpark.Plans;

/// <summary>
/// What an <see cref="Rdd{T}"/> needs of whoever runs its jobs. The driver implements it over the grains; Core knows no cluster.
/// </summary>
internal abstract class JobRunner
{
    private readonly AsyncLocal<ActionCapture?> _capture = new();

    /// <summary>Fixed when the context connects.</summary>
    public abstract int DefaultParallelism { get; }

    /// <summary>Whether to use the stage compiler; false runs every stage with plain delegates.</summary>
    public abstract bool Fused { get; }

    /// <summary>The clock of actions that end by a time.</summary>
    public virtual TimeProvider Time => TimeProvider.System;

    /// <summary>Throws <see cref="ObjectDisposedException"/> when the context is closed, and when called from inside a task.</summary>
    public abstract void EnsureUsable();

    /// <summary>
    /// Runs the action at the plan's root on some partitions (null: all) and hands over each result as it commits, on one thread at a
    /// time. Ends when all are in. A job that lost its silo may commit a partition anew: the later result replaces the earlier one.
    /// </summary>
    /// <exception cref="JobFailedException">A task failed for good, or the results are too large for the client.</exception>
    /// <exception cref="OperationCanceledException">The token, the job's group or its id was cancelled.</exception>
    public abstract Task RunAsync(JobRequest request, Action<TaskResult> onResult, CancellationToken cancellationToken);

    /// <summary>
    /// Runs the action at the plan's root, which keeps elements as frames, on some partitions, and gives them by partition as they are
    /// asked for.
    /// </summary>
    /// <exception cref="JobFailedException">A task failed for good.</exception>
    /// <exception cref="OperationCanceledException">The token, the job's group or its id was cancelled.</exception>
    public abstract Task<ResultStream> OpenAsync(JobRequest request, CancellationToken cancellationToken);

    /// <summary>Drops this context's hold on a persisted recipe; its blocks go when nobody else holds them.</summary>
    public abstract Task UnpersistAsync(LineageId lineage, CancellationToken cancellationToken);

    /// <summary>
    /// Makes all workers forget a broadcast: their decoded copies, and with <paramref name="destroyed"/> the encoded ones that plans refer
    /// to.
    /// </summary>
    public abstract Task DropBroadcastAsync(BroadcastContent content, bool destroyed, CancellationToken cancellationToken);

    /// <summary>The broadcasts of this context that were not destroyed.</summary>
    public BroadcastCounts Broadcasts { get; } = new();

    /// <summary>
    /// Where the action goes that this flow of execution calls, when it is to be submitted instead of awaited; null otherwise.
    /// </summary>
    public ActionCapture? Capture
    {
        get => _capture.Value;
        set => _capture.Value = value;
    }

    /// <summary>Where checkpoints are saved: this context's own directory; null until the program has named one.</summary>
    public string? CheckpointDirectory { get; set; }

    /// <summary>
    /// Keeps data that this process has and plans refer to, where embedded silos read it by reference. Null when silos are elsewhere.
    /// </summary>
    public abstract bool SharesMemory { get; }
}

/// <summary>One action to run.</summary>
/// <param name="Name">How lists of jobs name it, such as <c>CountAsync</c>.</param>
/// <param name="Plan">The encoded plan with the names of the blobs it needs.</param>
/// <param name="Partitions">Ascending; null for all.</param>
/// <param name="Patience">Of a stream: what is not there by then, or fails, is given up, and the stream is of the partitions
/// before.</param>
internal sealed record JobRequest(string Name, EncodedPlan Plan, IReadOnlyList<int>? Partitions, TimeSpan? Patience = null);

/// <summary>
/// One partition's result: by reference (<paramref name="Value"/>) when a silo of this process computed it and the type may be shared,
/// else encoded.
/// </summary>
internal readonly record struct TaskResult(int Partition, bool ByReference, object? Value, ReadOnlyMemory<byte> Encoded);
