using MicroSpark.Engine;
using MicroSpark.Model;
using MicroSpark.Storage;
using MicroSpark.Tasks;

namespace MicroSpark.Grains.DataPlane;

/// <summary>A list of blocks as their own worker sees it: what to send for a bucket.</summary>
/// <param name="repeats">Whether requests for many buckets name it, so that an index pays.</param>
internal sealed class ServedList(BlockList list, bool repeats)
{
    private BucketIndex? _index;

    public LineageId Lineage => list.Lineage;

    /// <summary>
    /// The blocks that may have something for a bucket, from one of the list on, with their numbers in it. All are found before the first
    /// is sent: when something is missing the reader learns all of it at once, and nothing was read in vain.
    /// </summary>
    /// <param name="missing">Partitions that are not here; when there are any, those of the whole list.</param>
    public List<(int Number, Block Block)> Find(BlockStore store, int bucket, int from, out List<int> missing)
    {
        var found = new List<(int, Block)>();
        if (repeats && Index(store) is { } index && TryFind(store, index.Of(bucket), from, found))
        {
            missing = [];
            return found;
        }

        found.Clear();
        missing = [];
        for (var number = from; number < list.Blocks.Count; number++)
        {
            if (store.TryGet(IdOf(number), out var block))
            {
                found.Add((number, block));
            }
            else
            {
                missing.Add(list.Blocks[number].Partition);
            }
        }

        return found;
    }

    public int PartitionOf(int number) => list.Blocks[number].Partition;

    private bool TryFind(BlockStore store, BucketIndex.Cursor numbers, int from, List<(int, Block)> found)
    {
        while (numbers.MoveNext())
        {
            if (numbers.Current >= from)
            {
                if (!store.TryGet(IdOf(numbers.Current), out var block))
                {
                    return false;
                }

                found.Add((numbers.Current, block));
            }
        }

        return true;
    }

    /// <summary>Null when blocks are missing. A block's content never changes, so an index stays true.</summary>
    private BucketIndex? Index(BlockStore store)
    {
        if (_index is not null)
        {
            return _index;
        }

        var blocks = new Block?[list.Blocks.Count];
        for (var number = 0; number < blocks.Length; number++)
        {
            if (!store.TryGet(IdOf(number), out blocks[number]))
            {
                return null;
            }
        }

        return _index = new BucketIndex(blocks);
    }

    private BlockId IdOf(int number) => new(list.Lineage, list.Blocks[number].Partition, list.Blocks[number].Attempt);
}
