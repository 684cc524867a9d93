using System.Runtime.CompilerServices;
using MicroSpark.Storage;

namespace MicroSpark.Shuffle;

/// <summary>
/// Collects elements with the bucket that each belongs to, then lays them out bucket after bucket in one pass (a counting sort), in
/// order of arrival within each.
/// </summary>
internal sealed class BucketBuilder<T>(int buckets)
{
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
        var ends = new int[Math.Max(1, buckets)];
        if (buckets <= 1)
        {
            ends[0] = _count;
            return new BucketBlock<T>(_items, ends, Mix());
        }

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

        return new BucketBlock<T>(laidOut, ends, Mix());
    }

    private ulong Mix() => (_fingerprint * 0x9E3779B97F4A7C15UL) ^ (ulong)_count;

    private void Grow()
    {
        var length = checked(_items.Length * 2);
        Array.Resize(ref _items, length);
        Array.Resize(ref _targets, length);
    }
}
