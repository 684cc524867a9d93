using MicroSpark.Model;
using MicroSpark.Plans;
using MicroSpark.Shuffle;

namespace MicroSpark;

public static partial class PairRdd
{
    /// <summary>The values of each key in three RDDs, an empty list where one lacks it. Wide; what is placed by the target partitioner is not moved.</summary>
    /// <param name="rdd">The first pairs.</param>
    /// <param name="second">The second pairs.</param>
    /// <param name="third">The third pairs.</param>
    /// <param name="partitions">Partitions of the result, 1 or more; by default those of the largest input.</param>
    public static Rdd<(K Key, (IReadOnlyList<V> First, IReadOnlyList<W> Second, IReadOnlyList<X> Third) Value)> Cogroup<K, V, W, X>(
        this Rdd<(K Key, V Value)> rdd, Rdd<(K Key, W Value)> second, Rdd<(K Key, X Value)> third, int? partitions = null) =>
        CogroupOf(rdd, second, third, partitions, null);

    /// <inheritdoc cref="Cogroup{K, V, W, X}(Rdd{ValueTuple{K, V}}, Rdd{ValueTuple{K, W}}, Rdd{ValueTuple{K, X}}, int?)"/>
    /// <param name="partitioner">Places the result's pairs.</param>
    public static Rdd<(K Key, (IReadOnlyList<V> First, IReadOnlyList<W> Second, IReadOnlyList<X> Third) Value)> Cogroup<K, V, W, X>(
        this Rdd<(K Key, V Value)> rdd, Rdd<(K Key, W Value)> second, Rdd<(K Key, X Value)> third, Partitioner<K> partitioner) =>
        CogroupOf(rdd, second, third, null, NotNull(partitioner));

    /// <summary>The values of each key in four RDDs, an empty list where one lacks it. Wide; what is placed by the target partitioner is not moved.</summary>
    /// <param name="rdd">The first pairs.</param>
    /// <param name="second">The second pairs.</param>
    /// <param name="third">The third pairs.</param>
    /// <param name="fourth">The fourth pairs.</param>
    /// <param name="partitions">Partitions of the result, 1 or more; by default those of the largest input.</param>
    public static Rdd<(K Key, (IReadOnlyList<V> First, IReadOnlyList<W> Second, IReadOnlyList<X> Third, IReadOnlyList<Y> Fourth) Value)> Cogroup<K, V, W, X, Y>(
        this Rdd<(K Key, V Value)> rdd, Rdd<(K Key, W Value)> second, Rdd<(K Key, X Value)> third, Rdd<(K Key, Y Value)> fourth,
        int? partitions = null) =>
        CogroupOf(rdd, second, third, fourth, partitions, null);

    /// <inheritdoc cref="Cogroup{K, V, W, X, Y}(Rdd{ValueTuple{K, V}}, Rdd{ValueTuple{K, W}}, Rdd{ValueTuple{K, X}}, Rdd{ValueTuple{K, Y}}, int?)"/>
    /// <param name="partitioner">Places the result's pairs.</param>
    public static Rdd<(K Key, (IReadOnlyList<V> First, IReadOnlyList<W> Second, IReadOnlyList<X> Third, IReadOnlyList<Y> Fourth) Value)> Cogroup<K, V, W, X, Y>(
        this Rdd<(K Key, V Value)> rdd, Rdd<(K Key, W Value)> second, Rdd<(K Key, X Value)> third, Rdd<(K Key, Y Value)> fourth,
        Partitioner<K> partitioner) =>
        CogroupOf(rdd, second, third, fourth, null, NotNull(partitioner));

    private static Rdd<(K Key, (IReadOnlyList<V> First, IReadOnlyList<W> Second, IReadOnlyList<X> Third) Value)> CogroupOf<K, V, W, X>(
        Rdd<(K Key, V Value)> rdd, Rdd<(K Key, W Value)> second, Rdd<(K Key, X Value)> third, int? partitions, Partitioner<K>? partitioner)
    {
        ArgumentNullException.ThrowIfNull(rdd);
        rdd.EnsureSameContext(second);
        rdd.EnsureSameContext(third);
        PartitionCount.Ensure(partitions);
        KeyPlacement.EnsureKey<K>(rdd.Runner, nameof(Cogroup));
        CogroupNode<K, V, W, X> Build()
        {
            var target = partitioner ?? KeyPlacement.Of<K>(partitions, rdd.Node, second.Node, third.Node);
            return new CogroupNode<K, V, W, X>(
                KeyedInput.Of(rdd.Node, nameof(Cogroup), target), KeyedInput.Of(second.Node, nameof(Cogroup), target),
                KeyedInput.Of(third.Node, nameof(Cogroup), target), target);
        }

        return new(rdd.Runner, NodeRef.Of(
            nameof(Cogroup), (Func<PlanNode<(K Key, (IReadOnlyList<V> First, IReadOnlyList<W> Second, IReadOnlyList<X> Third) Value)>>)Build,
            needsCounts: true, rdd.Ref, second.Ref, third.Ref));
    }

    private static Rdd<(K Key, (IReadOnlyList<V> First, IReadOnlyList<W> Second, IReadOnlyList<X> Third, IReadOnlyList<Y> Fourth) Value)> CogroupOf<K, V, W, X, Y>(
        Rdd<(K Key, V Value)> rdd, Rdd<(K Key, W Value)> second, Rdd<(K Key, X Value)> third, Rdd<(K Key, Y Value)> fourth, int? partitions,
        Partitioner<K>? partitioner)
    {
        ArgumentNullException.ThrowIfNull(rdd);
        rdd.EnsureSameContext(second);
        rdd.EnsureSameContext(third);
        rdd.EnsureSameContext(fourth);
        PartitionCount.Ensure(partitions);
        KeyPlacement.EnsureKey<K>(rdd.Runner, nameof(Cogroup));
        CogroupNode<K, V, W, X, Y> Build()
        {
            var target = partitioner ?? KeyPlacement.Of<K>(partitions, rdd.Node, second.Node, third.Node, fourth.Node);
            return new CogroupNode<K, V, W, X, Y>(
                KeyedInput.Of(rdd.Node, nameof(Cogroup), target), KeyedInput.Of(second.Node, nameof(Cogroup), target),
                KeyedInput.Of(third.Node, nameof(Cogroup), target), KeyedInput.Of(fourth.Node, nameof(Cogroup), target), target);
        }

        return new(rdd.Runner, NodeRef.Of(
            nameof(Cogroup),
            (Func<PlanNode<(K Key, (IReadOnlyList<V> First, IReadOnlyList<W> Second, IReadOnlyList<X> Third, IReadOnlyList<Y> Fourth) Value)>>)Build,
            needsCounts: true, rdd.Ref, second.Ref, third.Ref, fourth.Ref));
    }
}
