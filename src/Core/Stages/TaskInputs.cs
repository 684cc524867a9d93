using MicroSpark.Closures;
using MicroSpark.Plans;

namespace MicroSpark.Stages;

/// <summary>Where a task reads what other tasks left: local blocks by reference, others over the data plane.</summary>
internal abstract class TaskInputs
{
    /// <exception cref="InputLostException">The output is not (any more) where it was said to be.</exception>
    public abstract ChunkReader<T> Read<T>(PlanNode node, int partition);

    /// <exception cref="InputLostException">The output is not (any more) where it was said to be.</exception>
    public abstract ChunkReader<T> ReadBucket<T>(PlanNode shuffle, int bucket);

    /// <summary>The worker's loaded code.</summary>
    public abstract CodeSpace Code { get; }

    public abstract ReadOnlyMemory<byte> Blob(BlobName name);
}

/// <summary>Inputs of a task are gone: the scheduler ensures them again and repeats the task.</summary>
internal sealed class InputLostException(LineageId lineage, IReadOnlyList<int> partitions, WorkerId? worker, Exception? innerException = null)
    : Exception($"{partitions.Count} partitions of {lineage} are gone from {worker?.ToString() ?? "their workers"}.", innerException)
{
    public LineageId Lineage { get; } = lineage;

    public IReadOnlyList<int> Partitions { get; } = partitions;

    public WorkerId? Worker { get; } = worker;
}
