using MicroSpark.Grains.Contracts;
using MicroSpark.Storage;

namespace MicroSpark.Grains.Workers;

/// <summary>The blocks of one recipe that a worker holds, by their partitions, as many as fit into a reply.</summary>
internal static class HeldBlockPages
{
    /// <summary>Larger updates are told once, with the task's report.</summary>
    private const int LargestTold = 1 << 10;

    /// <summary>About what a block takes in a message beside its updates.</summary>
    private const int BlockBytes = 48;

    /// <summary>Partitions that are looked through at once: a page of blocks without updates.</summary>
    private const int Stride = Pages.Largest / BlockBytes;

    /// <param name="from">The first partition.</param>
    public static HeldBlocks Page(BlockStore store, LineageId lineage, int? numPartitions, int from)
    {
        var (held, next) = store.Of(lineage, from, Stride);
        var blocks = new List<HeldBlock>(held.Count);
        long bytes = 0;
        foreach (var (part, block) in held)
        {
            // All blocks of a partition are in one page: a page begins with a partition.
            if (bytes > Pages.Largest && blocks[^1].Partition != part.Partition)
            {
                next = part.Partition;
                break;
            }

            var told = block.Updates is { Length: <= LargestTold } updates ? updates : null;
            blocks.Add(new HeldBlock(part.Partition, part.Attempt, block.Bytes, block.Fingerprint, told));
            bytes += BlockBytes + (told?.Length ?? 0);
        }

        return new HeldBlocks(numPartitions, [.. blocks], next);
    }
}
