using System.Runtime.CompilerServices;
using MicroSpark.Memory;
using MicroSpark.Storage;

namespace MicroSpark.Shuffle;

/// <summary>
/// Makes a block of elements. Each element comes with its bucket, and a bucket keeps the order of arrival. With many buckets a small output
/// is collected first and laid out at the end, so its cost depends on its elements and not on the number of buckets.
/// </summary>
/// <param name="memory">Counts the elements held, and takes to disk those that it refuses to hold; null when nobody counts.</param>
internal sealed class BucketBuilder<T>(int buckets, TaskMemory? memory = null)
{
    /// <summary>Up to so many buckets each has a chunk from the start.</summary>
    private const int FewBuckets = 64;

    /// <summary>With so many elements for each bucket on average they get chunks.</summary>
    private const int SmallPerBucket = 4;

    /// <summary>Below one element for so many buckets the empty buckets are left out.</summary>
    private const int SparseBelow = 4;

    private BucketLog<T>? _log = buckets <= FewBuckets ? NewLog(buckets, memory) : null;
    private T[] _items = [];
    private int[] _targets = [];
    private long _count;
    private ulong _fingerprint;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(T item, int bucket, ulong keyHash)
    {
        _count++;
        _fingerprint += keyHash;
        if (_log is { } log)
        {
            log.Add(item, bucket);
        }
        else
        {
            Collect(item, bucket);
        }
    }

    public Block Build() =>
        _log is not null ? _log.ToBlock(Mix())
        : _count < buckets / SparseBelow ? BuildSparse((int)_count)
        : BuildDense((int)_count);

    private static BucketLog<T> NewLog(int buckets, TaskMemory? memory) => new(buckets, memory, () => memory!.NewFile());

    private void Collect(T item, int bucket)
    {
        var at = (int)_count - 1;
        if (at == _items.Length)
        {
            if (at >= SmallPerBucket * buckets)
            {
                _log = NewLog(buckets, memory);
                for (var i = 0; i < at; i++)
                {
                    _log.Add(_items[i], _targets[i]);
                }

                _log.Add(item, bucket);
                (_items, _targets) = ([], []);
                return;
            }

            var length = Math.Clamp(_items.Length * 2, 16, SmallPerBucket * buckets);
            Array.Resize(ref _items, length);
            Array.Resize(ref _targets, length);
        }

        _items[at] = item;
        _targets[at] = bucket;
    }

    private BucketBlock<T> BuildDense(int count)
    {
        var ends = new int[buckets];
        var next = new int[buckets];
        foreach (var target in _targets.AsSpan(0, count))
        {
            ends[target]++;
        }

        for (var b = 1; b < buckets; b++)
        {
            next[b] = ends[b - 1];
            ends[b] += ends[b - 1];
        }

        var laidOut = new T[count];
        for (var i = 0; i < count; i++)
        {
            laidOut[next[_targets[i]]++] = _items[i];
        }

        return new BucketBlock<T>(laidOut, ends, null, buckets, Mix());
    }

    /// <summary>Few elements for many buckets: sorted by (bucket, arrival), and only the buckets that have any are listed.</summary>
    private BucketBlock<T> BuildSparse(int count)
    {
        var order = new long[count];
        for (var i = 0; i < count; i++)
        {
            order[i] = ((long)_targets[i] << 32) | (uint)i;
        }

        Array.Sort(order);
        var laidOut = new T[count];
        var listed = new List<int>();
        var ends = new List<int>();
        for (var i = 0; i < count; i++)
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
}
