using MicroSpark.Hashing;

namespace MicroSpark;

public partial class Rdd<T>
{
    /// <summary>One of each element; order is not kept. Wide. Null is an element like any other.</summary>
    /// <param name="partitions">Partitions of the result, 1 or more; by default this RDD's.</param>
    /// <exception cref="ArgumentException">The element type has no value equality, such as an array.</exception>
    public Rdd<T> Distinct(int? partitions = null)
    {
        KeyTypes.EnsureKey(typeof(T), nameof(Distinct));
        var marked = Map(nameof(Distinct), static item => (Key: item, Value: (byte)0));
        return PairRdd.Reduce(marked, nameof(Distinct), static (first, _) => first, partitions, null).Map<T>(
            nameof(Distinct), static pair => pair.Key);
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
        return PairRdd.Reduce(both, nameof(Intersection), static (first, _) => first, null, null).Map<T>(
            nameof(Intersection), static pair => pair.Key);
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
            .Map<T>(nameof(Subtract), static pair => pair.Key);
    }

    private Rdd<(T Key, byte Value)> Marked(string operatorName) => Map(operatorName, static item => (Key: item, Value: (byte)0));
}
