using System.Runtime.CompilerServices;
using MicroSpark.Storage;

namespace MicroSpark.Shuffle;

/// <summary>
/// Collects elements with the bucket that each belongs to, then lays them out bucket after bucket in one pass (a counting sort), in
/// order of arrival within each.
/// </summary>
internal sealed class BucketBuilder<T>(int buckets)
{
    /// <summary>Below one element for so many buckets the empty buckets are left out.</summary>
    private const int SparseBelow = 4;

    private T[] _items = new T[16];
    private int[] _targets = new int[16];
    private int _count;
    private ulong _fingerprint;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(T item, int bucket, ulong keyHash)
    {
        if (_count == _items.Length)
        {
            Grow();
        }

        _items[_count] = item;
        _targets[_count] = bucket;
        _count++;
        _fingerprint += keyHash;
    }

    public BucketBlock<T> Build()
    {
        if (buckets <= 1)
        {
            return new BucketBlock<T>(_items, [_count], null, 1, Mix());
        }

        return _count < buckets / SparseBelow ? BuildSparse() : BuildDense();
    }

    private BucketBlock<T> BuildDense()
    {
        var ends = new int[buckets];
        var next = new int[buckets];
        foreach (var target in _targets.AsSpan(0, _count))
        {
            ends[target]++;
        }

        for (var b = 1; b < buckets; b++)
        {
            next[b] = ends[b - 1];
            ends[b] += ends[b - 1];
        }

        var laidOut = new T[_count];
        for (var i = 0; i < _count; i++)
        {
            laidOut[next[_targets[i]]++] = _items[i];
        }

        return new BucketBlock<T>(laidOut, ends, null, buckets, Mix());
    }

    /// <summary>Few elements for many buckets: sorted by (bucket, arrival), and only the buckets that have any are listed.</summary>
    private BucketBlock<T> BuildSparse()
    {
        var order = new long[_count];
        for (var i = 0; i < _count; i++)
        {
            order[i] = ((long)_targets[i] << 32) | (uint)i;
        }

        Array.Sort(order);
        var laidOut = new T[_count];
        var listed = new List<int>();
        var ends = new List<int>();
        for (var i = 0; i < _count; i++)
        {
            laidOut[i] = _items[(int)order[i]];
            var bucket = (int)(order[i] >> 32);
            if (listed.Count == 0 || listed[^1] != bucket)
            {
                listed.Add(bucket);
                ends.Add(0);
            }

            ends[^1] = i + 1;
        }

        return new BucketBlock<T>(laidOut, [.. ends], [.. listed], buckets, Mix());
    }

    private ulong Mix() => (_fingerprint * 0x9E3779B97F4A7C15UL) ^ (ulong)_count;

    private void Grow()
    {
        var length = checked(_items.Length * 2);
        Array.Resize(ref _items, length);
        Array.Resize(ref _targets, length);
    }
}
