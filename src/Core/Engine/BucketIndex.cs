using MicroSpark.Storage;

namespace MicroSpark.Engine;

/// <summary>
/// Which of many blocks have something for a bucket, worked out once for all buckets. Without it each of r reducers looks at each of m
/// blocks, and at 10,000 x 10,000 that takes longer than all else. It holds no blocks: those may be evicted.
/// </summary>
/// <remarks>
/// A block with few elements for many reducers lists its buckets; turned around, the lists say for each bucket which blocks have anything
/// for it. All others, but empty ones, are looked at for every bucket.
/// </remarks>
internal sealed class BucketIndex
{
    private readonly int[] _dense;
    private readonly int[] _starts;
    private readonly int[] _sparse;

    /// <param name="blocks">Null where a block cannot be looked into.</param>
    public BucketIndex(ReadOnlySpan<Block?> blocks)
    {
        var dense = new List<int>(blocks.Length);
        var sparse = new List<int>();
        for (var i = 0; i < blocks.Length; i++)
        {
            if (blocks[i] is { } block && !block.Listed.IsEmpty)
            {
                sparse.Add(i);
            }
            else if (blocks[i] is not { Count: 0 })
            {
                dense.Add(i);
            }
        }

        _dense = [.. dense];
        (_starts, _sparse) = Turn(blocks, sparse);
    }

    /// <summary>The numbers of the blocks that may have something for the bucket, ascending.</summary>
    public Cursor Of(int bucket)
    {
        var (start, end) = bucket + 1 < _starts.Length ? (_starts[bucket], _starts[bucket + 1]) : (0, 0);
        return new Cursor(_dense, _sparse.AsMemory(start, end - start));
    }

    /// <summary>From blocks that list buckets to buckets that list blocks: a counting sort, so blocks stay in order.</summary>
    private static (int[] Starts, int[] Turned) Turn(ReadOnlySpan<Block?> blocks, List<int> sparse)
    {
        if (sparse.Count == 0)
        {
            return ([], []);
        }

        var starts = new int[blocks[sparse[0]]!.Buckets + 1];
        foreach (var i in sparse)
        {
            foreach (var bucket in blocks[i]!.Listed)
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
        foreach (var i in sparse)
        {
            foreach (var bucket in blocks[i]!.Listed)
            {
                turned[next[bucket]++] = i;
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
