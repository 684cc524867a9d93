using System.Runtime.CompilerServices;
using MicroSpark.Stages;
using MicroSpark.Storage;

namespace MicroSpark.Engine;

/// <summary>
/// Where a worker's reducers find something of one shuffle, worked out once for all of them. Without it each of r reducers looks at each of m
/// blocks, and at 10,000 x 10,000 that takes longer than all else. It names partitions and holds no blocks: those may be evicted.
/// </summary>
/// <remarks>
/// A block with few elements for many reducers lists its buckets; turned around, the lists say for each bucket which partitions have anything
/// for it. All other partitions are looked at by every reader.
/// </remarks>
internal sealed class BlockIndex
{
    private readonly int[] _dense;
    private readonly int[] _starts;
    private readonly int[] _sparse;

    private BlockIndex(int[] dense, int[] starts, int[] sparse, int[]?[] remote) =>
        (_dense, _starts, _sparse, Remote) = (dense, starts, sparse, remote);

    /// <summary>For each of the map's workers the partitions to ask it for; null for workers of this process and those with none.</summary>
    public int[]?[] Remote { get; }

    /// <param name="holderOf">A worker of this process; null for others.</param>
    /// <exception cref="InputLostException">Partitions are not computed, or not any more where the map says.</exception>
    public static BlockIndex Build(BlockMap map, Func<WorkerId, WorkerEngine?> holderOf)
    {
        var count = map.WorkerOf.Length;
        var blocks = new Block?[count];
        var holders = Array.ConvertAll(map.Workers, w => holderOf(w));
        for (var w = 0; w < holders.Length; w++)
        {
            holders[w]?.Blocks.Find(map, w, blocks);
        }

        var dense = new List<int>(count);
        var sparse = new List<int>();
        var remote = new List<int>?[holders.Length];
        List<int>? lost = null;
        for (var p = 0; p < count; p++)
        {
            var w = map.WorkerOf[p];
            if (w < 0 || (holders[w] is not null && blocks[p] is null))
            {
                (lost ??= []).Add(p);
            }
            else if (blocks[p] is { } block && !block.Listed.IsEmpty)
            {
                sparse.Add(p);
            }
            else if (blocks[p] is not { Count: 0 })
            {
                dense.Add(p);
                if (holders[w] is null)
                {
                    (remote[w] ??= []).Add(p);
                }
            }
        }

        if (lost is not null)
        {
            throw new InputLostException(map.Lineage, lost, null);
        }

        var (starts, turned) = Turn(blocks, sparse);
        return new BlockIndex([.. dense], starts, turned, Array.ConvertAll(remote, static r => r?.ToArray()));
    }

    /// <summary>The partitions that may have something for the bucket, ascending.</summary>
    public Cursor Of(int bucket)
    {
        var (start, end) = bucket + 1 < _starts.Length ? (_starts[bucket], _starts[bucket + 1]) : (0, 0);
        return new Cursor(_dense, _sparse.AsMemory(start, end - start));
    }

    /// <summary>From blocks that list buckets to buckets that list partitions: a counting sort, so partitions stay in order.</summary>
    private static (int[] Starts, int[] Turned) Turn(Block?[] blocks, List<int> sparse)
    {
        if (sparse.Count == 0)
        {
            return ([], []);
        }

        var starts = new int[blocks[sparse[0]]!.Buckets + 1];
        foreach (var p in sparse)
        {
            foreach (var bucket in blocks[p]!.Listed)
            {
                starts[bucket + 1]++;
            }
        }

        for (var b = 1; b < starts.Length; b++)
        {
            starts[b] += starts[b - 1];
        }

        var next = starts.AsSpan(0, starts.Length - 1).ToArray();
        var turned = new int[starts[^1]];
        foreach (var p in sparse)
        {
            foreach (var bucket in blocks[p]!.Listed)
            {
                turned[next[bucket]++] = p;
            }
        }

        return (starts, turned);
    }

    /// <summary>Two ascending lists without common members, as one.</summary>
    internal struct Cursor(int[] dense, ReadOnlyMemory<int> sparse)
    {
        private int _dense;
        private int _sparse;

        public int Current { get; private set; } = -1;

        public bool MoveNext()
        {
            var listed = sparse.Span;
            if (_dense < dense.Length && (_sparse == listed.Length || dense[_dense] < listed[_sparse]))
            {
                Current = dense[_dense++];
                return true;
            }

            if (_sparse < listed.Length)
            {
                Current = listed[_sparse++];
                return true;
            }

            return false;
        }
    }
}
