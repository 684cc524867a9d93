using MicroSpark.Actions;
using MicroSpark.Model;
using MicroSpark.Ordering;
using MicroSpark.Partitioners;

namespace MicroSpark;

/// <summary>
/// Cuts the keys' order into ranges: every key of partition i comes before every key of partition i + 1. The bounds come from a
/// sample, so partitions are about equal, and fewer than asked when few distinct keys were seen. Two with the same bounds, order and
/// direction are equal.
/// </summary>
public sealed class RangePartitioner<K> : Partitioner<K>, IEquatable<RangePartitioner<K>>
{
    // The ranges themselves stand below the operators that use them; this class stands where a job can be run to find them.
    private readonly KeyRanges<K> _ranges;

    /// <summary>Upper bounds, strictly ascending in <paramref name="comparer"/>'s order; null is the natural one.</summary>
    internal RangePartitioner(K[] bounds, bool ascending, IComparer<K>? comparer = null) =>
        _ranges = new KeyRanges<K>(bounds, ascending, comparer);

    /// <summary>One more than there are bounds.</summary>
    public override int NumPartitions => _ranges.NumPartitions;

    internal override Partitioner<K> Bare => _ranges;

    /// <summary>Runs a job that samples the keys, and makes bounds that split them about evenly, in the keys' natural order.</summary>
    /// <param name="rdd">The pairs to be partitioned.</param>
    /// <param name="partitions">How many ranges, 1 or more; fewer come out when there are fewer distinct keys in the sample.</param>
    /// <param name="ascending">False to have the largest keys in partition 0.</param>
    /// <param name="cancellationToken">Stops the job.</param>
    /// <exception cref="ArgumentException">The partition count is below 1, or the keys have no order.</exception>
    /// <exception cref="JobFailedException">A task failed for good.</exception>
    public static async Task<RangePartitioner<K>> SampleAsync<V>(
        Rdd<(K Key, V Value)> rdd, int partitions, bool ascending = true, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rdd);
        PartitionCount.Ensure(partitions);
        _ = NaturalOrder<K>.Comparer;
        var size = RangeBounds.SampleSize(partitions, rdd.NumPartitions);
        var parts = await rdd.RunAllAsync("SampleAsync", new RangeSampleNode<K, V>(rdd.Node, size), cancellationToken).ConfigureAwait(
            false);
        var sample = parts.SelectMany(static part => part).ToArray();
        return new RangePartitioner<K>(RangeBounds.Determine<K>(sample, partitions), ascending);
    }

    /// <inheritdoc />
    public override int GetPartition(K key) => _ranges.GetPartition(key);

    /// <inheritdoc />
    public bool Equals(RangePartitioner<K>? other) => other is not null && _ranges.Equals(other._ranges);

    /// <inheritdoc />
    public override bool Equals(object? obj) => _ranges.Equals(obj);

    /// <inheritdoc />
    public override int GetHashCode() => _ranges.GetHashCode();

    /// <summary>Such as <c>RangePartitioner(8)</c>.</summary>
    public override string ToString() => _ranges.ToString();

    /// <inheritdoc />
    internal override void GetPartitions(ReadOnlySpan<K> keys, Span<int> targets) => _ranges.GetPartitions(keys, targets);
}
