using MicroSpark.Hashing;
using MicroSpark.Plans;

namespace MicroSpark.Shuffle;

/// <summary>
/// Chooses the partitioner for the pairs of an operation by key, as Spark does. It is the upstream partitioner with the most partitions,
/// unless that has far too few for the largest input. Otherwise it is a hash partitioner over the largest upstream partition count.
/// </summary>
internal static class KeyPlacement
{
    public static Partitioner<K> Of<K>(int? partitions, params ReadOnlySpan<PlanNode> inputs)
    {
        if (partitions is { } count)
        {
            return new HashPartitioner<K>(count);
        }

        var largest = 0;
        Partitioner<K>? best = null;
        foreach (var input in inputs)
        {
            largest = Math.Max(largest, input.NumPartitions);
            if (input.Partitioner is Partitioner<K> known && known.NumPartitions > (best?.NumPartitions ?? 0))
            {
                best = known;
            }
        }

        if (best is not null && (Usable(best, inputs) && (largest < 10L * best.NumPartitions)))
        {
            return best;
        }

        return new HashPartitioner<K>(largest);
    }

    /// <summary>Bounds that a job has yet to find place nothing else: such a partitioner serves only inputs that all have it.</summary>
    private static bool Usable<K>(Partitioner<K> partitioner, ReadOnlySpan<PlanNode> inputs)
    {
        if (partitioner is not SortedPartitioner<K>)
        {
            return true;
        }

        foreach (var input in inputs)
        {
            if (!partitioner.Equals(input.Partitioner))
            {
                return false;
            }
        }

        return true;
    }
}

/// <summary>How a sorted RDD's pairs are placed: by bounds that its job finds. Equal for the same sort of the same recipe.</summary>
internal sealed class SortedPartitioner<K>(LineageId sample, int partitions) : Partitioner<K>
{
    private readonly LineageId _sample = sample;

    public override int NumPartitions => partitions;

    public override int GetPartition(K key) =>
        throw new InvalidOperationException(
            "The bounds of a sorted RDD are found when its job runs. Use RangePartitioner.SampleAsync to have them at hand.");

    public override bool Equals(object? obj) =>
        obj is SortedPartitioner<K> other && other._sample == _sample && other.NumPartitions == NumPartitions;

    public override int GetHashCode() => _sample.GetHashCode();
}
