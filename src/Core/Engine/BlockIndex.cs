using MicroSpark.Model;
using MicroSpark.Plans;
using MicroSpark.Storage;
using MicroSpark.Tasks;

namespace MicroSpark.Engine;

/// <summary>Where a worker's reducers find something of one shuffle, worked out once for all of them.</summary>
internal sealed class BlockIndex
{
    private readonly BucketIndex _buckets;
    private readonly BlockPlace?[] _held;

    private BlockIndex(BucketIndex buckets, BlockPlace?[] held, RemotePart?[] remote) =>
        (_buckets, _held, Remote) = (buckets, held, remote);

    /// <summary>For each of the map's workers what to ask it for; null for workers of this process and those with nothing.</summary>
    public RemotePart?[] Remote { get; }

    /// <param name="holderOf">A worker of this process; null for others.</param>
    /// <exception cref="InputLostException">Partitions are not computed, or not any more where the map says.</exception>
    public static BlockIndex Build(BlockMap map, Func<WorkerId, WorkerStores?> holderOf)
    {
        var count = map.WorkerOf.Length;
        var held = new BlockPlace?[count];
        var holders = Array.ConvertAll(map.Workers, w => holderOf(w));
        for (var w = 0; w < holders.Length; w++)
        {
            holders[w]?.Blocks.Find(map, w, held);
        }

        var remote = new List<int>?[holders.Length];
        List<int>? lost = null;
        for (var p = 0; p < count; p++)
        {
            var w = map.WorkerOf[p];
            if (w < 0 || (holders[w] is not null && held[p] is null))
            {
                (lost ??= []).Add(p);
            }
            else if (holders[w] is null)
            {
                (remote[w] ??= []).Add(p);
            }
        }

        return lost is null
            ? new BlockIndex(
                new BucketIndex(Array.ConvertAll(held, static h => h?.Block)), held,
                Array.ConvertAll(remote, r => r is null ? null : RemotePart.Of(map, [.. r])))
            : throw new InputLostException(map, lost, null);
    }

    /// <summary>The partitions that may have something for the bucket, ascending.</summary>
    public BucketIndex.Cursor Of(int bucket) => _buckets.Of(bucket);

    /// <summary>A partition's block where it is in a store of this process; null when it was nowhere here, or is not any more.</summary>
    public Block? Held(int partition) => _held[partition]?.Block;
}

/// <summary>What another worker holds of a shuffle.</summary>
/// <param name="List">The same partitions with their attempts, as they are asked for.</param>
internal sealed record RemotePart(int[] Partitions, BlockList List)
{
    public static RemotePart Of(BlockMap map, int[] partitions, bool repeats = true) => new(
        partitions, new BlockList(
            map.Lineage, Array.ConvertAll(partitions, p => new BlockPart(p, new AttemptId(map.AttemptOf[p]))), repeats));
}
