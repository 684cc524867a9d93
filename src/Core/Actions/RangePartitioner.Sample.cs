using MicroSpark.Actions;
using MicroSpark.Ordering;
using MicroSpark.Partitioners;

namespace MicroSpark;

public sealed partial class RangePartitioner<K>
{
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
        Rdd<K>.EnsurePartitions(partitions);
        _ = NaturalOrder<K>.Comparer;
        var size = RangeBounds.SampleSize(partitions, rdd.NumPartitions);
        var parts = await rdd.RunAllAsync("SampleAsync", new RangeSampleNode<K, V>(rdd.Node, size), cancellationToken).ConfigureAwait(false);
        var sample = parts.SelectMany(static part => part).ToArray();
        return new RangePartitioner<K>(RangeBounds.Determine<K>(sample, partitions), ascending);
    }
}
