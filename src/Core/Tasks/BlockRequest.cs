using MicroSpark.Model;

namespace MicroSpark.Tasks;

/// <summary>Asks for one bucket of some blocks of one recipe.</summary>
internal sealed record BlockRequest(BlockList List, int Bucket)
{
    public BlockRequest(LineageId lineage, int bucket, IReadOnlyList<BlockPart> blocks)
        : this(new BlockList(lineage, blocks), bucket)
    {
    }

    /// <summary>The job whose results they are, when its client asks; null between workers.</summary>
    public JobId? Job { get; init; }

    public LineageId Lineage => List.Lineage;

    public IReadOnlyList<BlockPart> Blocks => List.Blocks;
}

/// <summary>Some blocks of one recipe at one worker.</summary>
/// <param name="repeats">Whether many requests ask for buckets of the same list, as the reducers of a shuffle do: then it is worth telling
/// once.</param>
internal sealed class BlockList(LineageId lineage, IReadOnlyList<BlockPart> blocks, bool repeats = false)
{
    public LineageId Lineage => lineage;

    public IReadOnlyList<BlockPart> Blocks => blocks;

    public bool Repeats => repeats;
}

/// <summary>One block of a recipe.</summary>
internal readonly record struct BlockPart(int Partition, AttemptId Attempt);

/// <summary>A worker does not hold blocks that it was asked for: they must be computed again.</summary>
internal sealed class BlocksMissingException(WorkerId worker, LineageId lineage, IReadOnlyList<int> partitions)
    : Exception(
        $"Worker {worker} has no block for partitions {string.Join(", ", partitions.Take(8))}{(partitions.Count > 8 ? ", ..." : "")} of "
        + $"{lineage}.")
{
    public WorkerId Worker { get; } = worker;

    public LineageId Lineage { get; } = lineage;

    public IReadOnlyList<int> Partitions { get; } = partitions;
}

/// <summary>A worker holds a block that only says that its partition was not kept: the reader computes it.</summary>
internal sealed class BlockUnkeptException(WorkerId worker, LineageId lineage)
    : Exception($"Worker {worker} has not kept a partition of {lineage}, which did not fit.");

/// <summary>A worker does not answer on its data plane.</summary>
internal sealed class WorkerUnreachableException(WorkerId worker, Exception? innerException = null)
    : Exception($"Worker {worker} cannot be reached on its data plane.", innerException)
{
    public WorkerId Worker { get; } = worker;
}
