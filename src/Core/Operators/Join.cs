using MicroSpark.Shuffle;

namespace MicroSpark;

public static partial class PairRdd
{
    /// <summary>
    /// The values of each key on both sides, an empty list where a side lacks it. Wide; a side that is already placed by the target
    /// partitioner is not moved.
    /// </summary>
    /// <param name="rdd">The left pairs.</param>
    /// <param name="other">The right pairs.</param>
    /// <param name="partitions">Partitions of the result, 1 or more; by default those of the largest input.</param>
    public static Rdd<(K Key, (IReadOnlyList<V> Left, IReadOnlyList<W> Right) Value)> Cogroup<K, V, W>(
        this Rdd<(K Key, V Value)> rdd, Rdd<(K Key, W Value)> other, int? partitions = null) =>
        CogroupOf(rdd, other, nameof(Cogroup), partitions, null);

    /// <inheritdoc cref="Cogroup{K, V, W}(Rdd{ValueTuple{K, V}}, Rdd{ValueTuple{K, W}}, int?)"/>
    /// <param name="partitioner">Places the result's pairs.</param>
    public static Rdd<(K Key, (IReadOnlyList<V> Left, IReadOnlyList<W> Right) Value)> Cogroup<K, V, W>(
        this Rdd<(K Key, V Value)> rdd, Rdd<(K Key, W Value)> other, Partitioner<K> partitioner) =>
        CogroupOf(rdd, other, nameof(Cogroup), null, NotNull(partitioner));

    /// <summary>
    /// Every pairing of a left with a right value of one key; keys that one side lacks are left out. Wide; a side that is already placed
    /// by the target partitioner is not moved.
    /// </summary>
    /// <param name="rdd">The left pairs.</param>
    /// <param name="other">The right pairs.</param>
    /// <param name="partitions">Partitions of the result, 1 or more; by default those of the largest input.</param>
    public static Rdd<(K Key, (V Left, W Right) Value)> Join<K, V, W>(
        this Rdd<(K Key, V Value)> rdd, Rdd<(K Key, W Value)> other, int? partitions = null) =>
        Inner(CogroupOf(rdd, other, nameof(Join), partitions, null));

    /// <inheritdoc cref="Join{K, V, W}(Rdd{ValueTuple{K, V}}, Rdd{ValueTuple{K, W}}, int?)"/>
    /// <param name="partitioner">Places the result's pairs.</param>
    public static Rdd<(K Key, (V Left, W Right) Value)> Join<K, V, W>(
        this Rdd<(K Key, V Value)> rdd, Rdd<(K Key, W Value)> other, Partitioner<K> partitioner) =>
        Inner(CogroupOf(rdd, other, nameof(Join), null, NotNull(partitioner)));

    /// <summary>As <c>Join</c>, and left pairs whose key the right lacks, with none on the right. Wide.</summary>
    /// <param name="rdd">The left pairs.</param>
    /// <param name="other">The right pairs.</param>
    /// <param name="partitions">Partitions of the result, 1 or more; by default those of the largest input.</param>
    public static Rdd<(K Key, (V Left, Optional<W> Right) Value)> LeftOuterJoin<K, V, W>(
        this Rdd<(K Key, V Value)> rdd, Rdd<(K Key, W Value)> other, int? partitions = null) =>
        LeftOuter(CogroupOf(rdd, other, nameof(LeftOuterJoin), partitions, null));

    /// <inheritdoc cref="LeftOuterJoin{K, V, W}(Rdd{ValueTuple{K, V}}, Rdd{ValueTuple{K, W}}, int?)"/>
    /// <param name="partitioner">Places the result's pairs.</param>
    public static Rdd<(K Key, (V Left, Optional<W> Right) Value)> LeftOuterJoin<K, V, W>(
        this Rdd<(K Key, V Value)> rdd, Rdd<(K Key, W Value)> other, Partitioner<K> partitioner) =>
        LeftOuter(CogroupOf(rdd, other, nameof(LeftOuterJoin), null, NotNull(partitioner)));

    /// <summary>As <c>Join</c>, and right pairs whose key the left lacks, with none on the left. Wide.</summary>
    /// <param name="rdd">The left pairs.</param>
    /// <param name="other">The right pairs.</param>
    /// <param name="partitions">Partitions of the result, 1 or more; by default those of the largest input.</param>
    public static Rdd<(K Key, (Optional<V> Left, W Right) Value)> RightOuterJoin<K, V, W>(
        this Rdd<(K Key, V Value)> rdd, Rdd<(K Key, W Value)> other, int? partitions = null) =>
        RightOuter(CogroupOf(rdd, other, nameof(RightOuterJoin), partitions, null));

    /// <inheritdoc cref="RightOuterJoin{K, V, W}(Rdd{ValueTuple{K, V}}, Rdd{ValueTuple{K, W}}, int?)"/>
    /// <param name="partitioner">Places the result's pairs.</param>
    public static Rdd<(K Key, (Optional<V> Left, W Right) Value)> RightOuterJoin<K, V, W>(
        this Rdd<(K Key, V Value)> rdd, Rdd<(K Key, W Value)> other, Partitioner<K> partitioner) =>
        RightOuter(CogroupOf(rdd, other, nameof(RightOuterJoin), null, NotNull(partitioner)));

    /// <summary>As <c>Join</c>, and the pairs of either side whose key the other lacks. Wide.</summary>
    /// <param name="rdd">The left pairs.</param>
    /// <param name="other">The right pairs.</param>
    /// <param name="partitions">Partitions of the result, 1 or more; by default those of the largest input.</param>
    public static Rdd<(K Key, (Optional<V> Left, Optional<W> Right) Value)> FullOuterJoin<K, V, W>(
        this Rdd<(K Key, V Value)> rdd, Rdd<(K Key, W Value)> other, int? partitions = null) =>
        FullOuter(CogroupOf(rdd, other, nameof(FullOuterJoin), partitions, null));

    /// <inheritdoc cref="FullOuterJoin{K, V, W}(Rdd{ValueTuple{K, V}}, Rdd{ValueTuple{K, W}}, int?)"/>
    /// <param name="partitioner">Places the result's pairs.</param>
    public static Rdd<(K Key, (Optional<V> Left, Optional<W> Right) Value)> FullOuterJoin<K, V, W>(
        this Rdd<(K Key, V Value)> rdd, Rdd<(K Key, W Value)> other, Partitioner<K> partitioner) =>
        FullOuter(CogroupOf(rdd, other, nameof(FullOuterJoin), null, NotNull(partitioner)));

    /// <summary>The left pairs whose key the right lacks; duplicates kept. Wide; by default as many partitions as the left.</summary>
    public static Rdd<(K Key, V Value)> SubtractByKey<K, V, W>(
        this Rdd<(K Key, V Value)> rdd, Rdd<(K Key, W Value)> other, int? partitions = null) =>
        Subtract(rdd, other, nameof(SubtractByKey), partitions, null);

    /// <inheritdoc cref="SubtractByKey{K, V, W}(Rdd{ValueTuple{K, V}}, Rdd{ValueTuple{K, W}}, int?)"/>
    /// <param name="rdd">The left pairs.</param>
    /// <param name="other">The right pairs.</param>
    /// <param name="partitioner">Places the result's pairs.</param>
    public static Rdd<(K Key, V Value)> SubtractByKey<K, V, W>(
        this Rdd<(K Key, V Value)> rdd, Rdd<(K Key, W Value)> other, Partitioner<K> partitioner) =>
        Subtract(rdd, other, nameof(SubtractByKey), null, NotNull(partitioner));

    internal static Rdd<(K Key, V Value)> Subtract<K, V, W>(
        Rdd<(K Key, V Value)> rdd, Rdd<(K Key, W Value)> other, string operatorName, int? partitions, Partitioner<K>? partitioner) =>
        CogroupOf(rdd, other, operatorName, partitions, partitioner, leftOnly: true)
            .FlatMapValues<K, (IReadOnlyList<V> Left, IReadOnlyList<W> Right), V>(operatorName, static both => both.Right.Count == 0 ? both.Left : []);

    private static Rdd<(K Key, (V Left, W Right) Value)> Inner<K, V, W>(Rdd<(K Key, (IReadOnlyList<V> Left, IReadOnlyList<W> Right) Value)> both) =>
        both.FlatMapValues<K, (IReadOnlyList<V> Left, IReadOnlyList<W> Right), (V Left, W Right)>(
            nameof(Join), static sides => Pairing.Product(sides.Left, sides.Right));

    private static Rdd<(K Key, (V Left, Optional<W> Right) Value)> LeftOuter<K, V, W>(
        Rdd<(K Key, (IReadOnlyList<V> Left, IReadOnlyList<W> Right) Value)> both) =>
        both.FlatMapValues<K, (IReadOnlyList<V> Left, IReadOnlyList<W> Right), (V Left, Optional<W> Right)>(
            nameof(LeftOuterJoin), static sides => Pairing.Product(sides.Left, Pairing.OrNone(sides.Right)));

    private static Rdd<(K Key, (Optional<V> Left, W Right) Value)> RightOuter<K, V, W>(
        Rdd<(K Key, (IReadOnlyList<V> Left, IReadOnlyList<W> Right) Value)> both) =>
        both.FlatMapValues<K, (IReadOnlyList<V> Left, IReadOnlyList<W> Right), (Optional<V> Left, W Right)>(
            nameof(RightOuterJoin), static sides => Pairing.Product(Pairing.OrNone(sides.Left), sides.Right));

    private static Rdd<(K Key, (Optional<V> Left, Optional<W> Right) Value)> FullOuter<K, V, W>(
        Rdd<(K Key, (IReadOnlyList<V> Left, IReadOnlyList<W> Right) Value)> both) =>
        both.FlatMapValues<K, (IReadOnlyList<V> Left, IReadOnlyList<W> Right), (Optional<V> Left, Optional<W> Right)>(
            nameof(FullOuterJoin), static sides => Pairing.Product(Pairing.OrNone(sides.Left), Pairing.OrNone(sides.Right)));

    internal static Rdd<(K Key, (IReadOnlyList<V> Left, IReadOnlyList<W> Right) Value)> CogroupOf<K, V, W>(
        Rdd<(K Key, V Value)> rdd, Rdd<(K Key, W Value)> other, string operatorName, int? partitions, Partitioner<K>? partitioner, bool leftOnly = false)
    {
        ArgumentNullException.ThrowIfNull(rdd);
        Rdd<K>.EnsurePartitions(partitions);
        Placement.EnsureKey<K>(rdd.Runner, operatorName);
        return rdd.Derive<(K Key, W Value), (K Key, (IReadOnlyList<V> Left, IReadOnlyList<W> Right) Value)>(
            operatorName,
            other,
            (left, right) =>
            {
                var target = partitioner ?? (leftOnly ? Placement.Of<K>(partitions, left) : Placement.Of<K>(partitions, left, right));
                return new CogroupNode<K, V, W>(
                    CogroupInput.Of(left, operatorName, target), CogroupInput.Of(right, operatorName, target), operatorName, target);
            },
            needsCounts: true);
    }
}
