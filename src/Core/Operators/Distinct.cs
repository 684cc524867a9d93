using MicroSpark.Hashing;
using MicroSpark.Model;
using MicroSpark.Operators;
using MicroSpark.Shuffle;

namespace MicroSpark;

public partial class Rdd<T>
{
    /// <summary>
    /// One of each element; order is not kept. Wide, or narrow when a partitioner placed the elements (pairs) and their partition count
    /// stays: equal ones are in one partition then. Null is an element like any other.
    /// </summary>
    /// <param name="partitions">Partitions of the result, 1 or more; by default this RDD's.</param>
    /// <exception cref="ArgumentException">The element type has no value equality, such as an array.</exception>
    public Rdd<T> Distinct(int? partitions = null)
    {
        KeyTypes.EnsureKey(typeof(T), nameof(Distinct));
        PartitionCount.Ensure(partitions);
        var mark = Capture<Func<T, (T Key, byte Value)>>(PairFunctions.Marked, nameof(Distinct));
        var first = Capture<Func<byte, byte, byte>>(PairFunctions.First, nameof(Distinct));
        var element = Capture<Func<(T Key, byte Value), T>>(PairFunctions.Key, nameof(Distinct));
        var aggregation = new Aggregation<T, byte, byte>(nameof(Distinct), null, first, first);
        return Derive<T>(
            nameof(Distinct),
            parent =>
            {
                var marked = new MapNode<T, (T Key, byte Value)>(parent, nameof(Distinct), mark);
                var isPlaced = parent.Partitioner is not null && (partitions ?? parent.NumPartitions) == parent.NumPartitions;
                var each = isPlaced
                    ? new LocalCombineNode<T, byte, byte>(marked, aggregation)
                    : PairRdd.ByKey(marked, aggregation, KeyPlacement.Of<T>(partitions, marked));
                return new MapNode<(T Key, byte Value), T>(each, nameof(Distinct), element, isPlaced ? parent.Partitioner : null)
                {
                    Origin = parent,
                };
            },
            needsCounts: true);
    }

    /// <summary>The elements that both have, one of each; order is not kept. Wide.</summary>
    /// <param name="other">The other elements.</param>
    /// <param name="partitions">Partitions of the result, 1 or more; by default those of the largest input.</param>
    /// <exception cref="ArgumentException">The element type has no value equality, such as an array.</exception>
    public Rdd<T> Intersection(Rdd<T> other, int? partitions = null)
    {
        ArgumentNullException.ThrowIfNull(other);
        KeyTypes.EnsureKey(typeof(T), nameof(Intersection));
        var both = PairRdd.Intersect(Marked(nameof(Intersection)), other.Marked(nameof(Intersection)), nameof(Intersection), partitions);
        return PairRdd.Reduce(both, nameof(Intersection), PairFunctions.First, null, null)
            .Map<T>(nameof(Intersection), PairFunctions.Key);
    }

    /// <summary>The elements that the other lacks; duplicates kept, order not. Wide.</summary>
    /// <param name="other">The elements to leave out.</param>
    /// <param name="partitions">Partitions of the result, 1 or more; by default this RDD's.</param>
    /// <exception cref="ArgumentException">The element type has no value equality, such as an array.</exception>
    public Rdd<T> Subtract(Rdd<T> other, int? partitions = null)
    {
        ArgumentNullException.ThrowIfNull(other);
        KeyTypes.EnsureKey(typeof(T), nameof(Subtract));
        return PairRdd.Subtract(Marked(nameof(Subtract)), other.Marked(nameof(Subtract)), nameof(Subtract), partitions, null)
            .Map<T>(nameof(Subtract), PairFunctions.Key);
    }

    private Rdd<(T Key, byte Value)> Marked(string operatorName) => Map<(T Key, byte Value)>(operatorName, PairFunctions.Marked);
}
