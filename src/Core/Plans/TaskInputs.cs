using MicroSpark.Code;
using MicroSpark.Model;
using MicroSpark.Readers;
using MicroSpark.Tasks;

namespace MicroSpark.Plans;

/// <summary>Where a task reads what other tasks left: local blocks by reference, others over the data plane.</summary>
internal abstract class TaskInputs
{
    /// <param name="compute">Opens what the output is computed from: called where a partition was not kept because it did not fit.</param>
    /// <exception cref="InputLostException">The output is not (any more) where it was said to be.</exception>
    public abstract ChunkReader<T> Read<T>(LineageId output, int partition, Func<ChunkReader<T>> compute);

    /// <exception cref="InputLostException">The output is not (any more) where it was said to be.</exception>
    public abstract ChunkReader<T> ReadBucket<T>(LineageId shuffle, int bucket);

    /// <summary>The assemblies of the task's plan: what it reads may name types of no others.</summary>
    public abstract CodeSpace Code { get; }

    public abstract ReadOnlyMemory<byte> Blob(BlobName name);
}

/// <summary>Inputs of a task are gone: the scheduler ensures them again and repeats the task.</summary>
/// <param name="blocks">
/// Those that the reader looked for, by the attempts that its map names: a block that was computed since then is not lost. No attempt's
/// (the default) where the map has none.
/// </param>
/// <param name="worker">Where they were looked for; null for several places.</param>
internal sealed class InputLostException(
    LineageId lineage, IReadOnlyList<BlockPart> blocks, WorkerId? worker, Exception? innerException = null)
    : Exception($"{blocks.Count} partitions of {lineage} are gone from {worker?.ToString() ?? "their workers"}.", innerException)
{
    public InputLostException(BlockMap map, IEnumerable<int> partitions, WorkerId? worker, Exception? innerException = null)
        : this(map.Lineage, partitions.Select(map.BlockOf).ToArray(), worker, innerException)
    {
    }

    public LineageId Lineage { get; } = lineage;

    public IReadOnlyList<BlockPart> Blocks { get; } = blocks;

    public WorkerId? Worker { get; } = worker;
}
