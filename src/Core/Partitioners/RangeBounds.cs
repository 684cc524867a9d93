using MicroSpark.Ordering;

namespace MicroSpark.Partitioners;

/// <summary>Chooses the bounds of a range partitioning from a sample of its keys.</summary>
internal static class RangeBounds
{
    /// <summary>
    /// Keys sampled for each output partition, at least and at most in all. Few partitions want more than their share: of n keys the median
    /// lies within 1 / sqrt(n) of where it should, and the largest partition decides how long a stage takes.
    /// </summary>
    private const double SamplePerPartition = 20.0;
    private const double SmallestSample = 2_000.0;
    private const double SampleLimit = 1_000_000.0;

    /// <summary>Inputs are sampled this much above their share, so that uneven ones need no second pass.</summary>
    private const double Oversampling = 3.0;

    /// <summary>
    /// How many keys to sample from each of <paramref name="inputs"/> partitions for bounds of <paramref name="partitions"/>.
    /// </summary>
    public static int SampleSize(int partitions, int inputs) =>
        inputs == 0
            ? 0
            : (int)Math.Ceiling(Oversampling * Math.Clamp(SamplePerPartition * partitions, SmallestSample, SampleLimit) / inputs);

    /// <summary>
    /// At most <paramref name="partitions"/> - 1 bounds, strictly ascending, that split the sample's weight evenly. A weight is the number
    /// of keys that a sampled key stands for. Equal keys stay in one partition, so heavy ones make fewer bounds. The samples are put in
    /// order.
    /// </summary>
    public static K[] Determine<K>(Span<(K Key, float Weight)> samples, int partitions, IComparer<K>? comparer = null)
    {
        if (partitions <= 1 || samples.IsEmpty)
        {
            return [];
        }

        KeySort.SortByKey(samples, comparer);
        double total = 0;
        foreach (var (_, weight) in samples)
        {
            total += weight;
        }

        var comparison = new KeyComparison<K>(comparer);
        var bounds = new List<K>(Math.Min(partitions - 1, samples.Length));
        var step = total / partitions;
        var target = step;
        double seen = 0;
        var largest = samples[^1].Key;
        foreach (var (key, weight) in samples)
        {
            if (comparison.Compare(key, largest) >= 0)
            {
                // Behind the largest key is nothing that would need a range.
                break;
            }

            seen += weight;
            if (seen >= target && (bounds.Count == 0 || comparison.Compare(key, bounds[^1]) > 0))
            {
                bounds.Add(key);
                target += step;
                if (bounds.Count == partitions - 1)
                {
                    break;
                }
            }
        }

        return [.. bounds];
    }
}
