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

    /// <summary>A sort by an order of the program's own places nothing else: it serves only inputs that all have it.</summary>
    private static bool Usable<K>(Partitioner<K> partitioner, ReadOnlySpan<PlanNode> inputs)
    {
        if (partitioner is not SortedPartitioner<K> { CanPlace: false })
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

/// <summary>
/// How a sorted RDD's pairs are placed: by bounds that its job finds. Equal for the same sort of the same recipe. On a worker this is a
/// name only; the client's has the way to the bounds.
/// </summary>
internal class SortedPartitioner<K>(LineageId sort, int partitions) : Partitioner<K>
{
    public LineageId Sort { get; } = sort;

    public override int NumPartitions => partitions;

    /// <summary>Whether pairs of another RDD can be placed by it.</summary>
    public virtual bool CanPlace => false;

    /// <summary>The map side of a shuffle that places other pairs as the sort's.</summary>
    public virtual PlanNode Place<V>(PlanNode<(K Key, V Value)> input, string operatorName) => throw NoBounds();

    /// <summary>What can hold a range of keys of an input that is placed so: the rest of it is not read.</summary>
    public virtual PlanNode<(K Key, V Value)> Window<V>(PlanNode<(K Key, V Value)> input, string operatorName, K lower, K upper) => input;

    public override int GetPartition(K key) => throw NoBounds();

    public sealed override bool Equals(object? obj) =>
        obj is SortedPartitioner<K> other && other.Sort == Sort && other.NumPartitions == NumPartitions;

    public sealed override int GetHashCode() => Sort.GetHashCode();

    private static InvalidOperationException NoBounds() => new(
        "The bounds of a sorted RDD are found when its job runs. Use RangePartitioner.SampleAsync to have them at hand.");
}
