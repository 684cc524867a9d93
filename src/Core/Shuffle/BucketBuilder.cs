using System.Runtime.CompilerServices;
using MicroSpark.Memory;
using MicroSpark.Storage;

namespace MicroSpark.Shuffle;

/// <summary>
/// Makes a block of elements. Each element comes with its bucket, and a bucket keeps the order of arrival. Few buckets fill chunks of their
/// own; elements for many are laid out in batches, so that a task's cost depends on its elements and not on the number of buckets.
/// </summary>
/// <param name="memory">Counts the elements held, and takes to disk those that it refuses to hold; null when nobody counts.</param>
internal sealed class BucketBuilder<T>(int buckets, TaskMemory? memory = null)
{
    /// <summary>Up to so many buckets each has chunks of its own, which costs one pass over the elements less.</summary>
    private const int FewBuckets = 16;

    private readonly BucketLog<T>? _log = buckets <= FewBuckets ? new BucketLog<T>(buckets, memory, () => memory!.NewFile()) : null;
    private readonly BucketBatches<T>? _batches = buckets <= FewBuckets ? null : new BucketBatches<T>(buckets, memory);
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
            _batches!.Add(item, bucket);
        }
    }

    public Block Build()
    {
        var fingerprint = (_fingerprint * 0x9E3779B97F4A7C15UL) ^ (ulong)_count;
        return _log?.ToBlock(fingerprint) ?? _batches!.ToBlock(fingerprint);
    }
}
