using MicroSpark.Hashing;
using MicroSpark.Model;
using MicroSpark.Operators;
using MicroSpark.Plans;
using MicroSpark.Readers;
using MicroSpark.Shuffle;

namespace MicroSpark.Operators
{
    /// <summary>
    /// The pairs of two inputs by key. <typeparamref name="L"/> is <typeparamref name="V"/>, or an optional one when right pairs without a
    /// left one are kept; likewise <typeparamref name="R"/>.
    /// </summary>
    internal sealed class JoinNode<K, V, W, L, R>(PlanNode left, PlanNode right, string operatorName, Partitioner<K> partitioner)
        : PlanNode<(K Key, (L Left, R Right) Value)>(left, right)
    {
        private JoinNode(PlanReader reader)
            : this(reader.Parent<(K, V)>(0), reader.Parent<(K, W)>(1), reader.Text(), PartitionerCodec.Read<K>(reader))
        {
        }

        public override string Operator => operatorName;

        public override object Partitioner => partitioner;

        public override PartitionMap MapOf(int parent) => KeyedInput.MapOf(Parents[parent]);

        public override void WriteArguments(PlanWriter writer)
        {
            writer.Text(operatorName);
            PartitionerCodec.Write(writer, partitioner);
        }

        public override ChunkReader<(K Key, (L Left, R Right) Value)> Open(int partition, TaskScope scope)
        {
            var left = KeyedInput.Pipe<K, V>(Parents[0], partition, scope);
            var right = KeyedInput.Pipe<K, W>(Parents[1], partition, scope);
            var (keepLeft, keepRight) = (typeof(R) != typeof(W), typeof(L) != typeof(V));
            if (!keepLeft && !keepRight)
            {
                // The same type of row; these are made without asking which side may be missing.
                return (ChunkReader<(K Key, (L Left, R Right) Value)>)(object)
                    new HashJoin<K, V, W, (V Left, W Right), InnerRightBuilt<V, W>, InnerLeftBuilt<V, W>>(scope, keepLeft, keepRight).Open(
                        left, right);
            }

            return new HashJoin<K, V, W, (L Left, R Right), RightBuilt<V, W, L, R>, LeftBuilt<V, W, L, R>>(scope, keepLeft, keepRight).Open(
                left, right);
        }

        protected override int CountPartitions() => partitioner.NumPartitions;
    }

    /// <summary>
    /// The pairs of the left whose key the right has, or those whose key it lacks. Of the right only the keys are looked at.
    /// </summary>
    internal sealed class KeyFilterNode<K, V, W>(
        PlanNode left, PlanNode right, string operatorName, bool present, Partitioner<K> partitioner)
        : PlanNode<(K Key, V Value)>(left, right)
    {
        private KeyFilterNode(PlanReader reader)
            : this(reader.Parent<(K, V)>(0), reader.Parent<(K, W)>(1), reader.Text(), reader.Boolean(), PartitionerCodec.Read<K>(reader))
        {
        }

        public override string Operator => operatorName;

        public override object Partitioner => partitioner;

        public override PartitionMap MapOf(int parent) => KeyedInput.MapOf(Parents[parent]);

        public override void WriteArguments(PlanWriter writer)
        {
            writer.Text(operatorName);
            writer.Boolean(present);
            PartitionerCodec.Write(writer, partitioner);
        }

        public override ChunkReader<(K Key, V Value)> Open(int partition, TaskScope scope) =>
            new KeyFilter<K, V, W>(scope, present).Open(
                KeyedInput.Pipe<K, V>(Parents[0], partition, scope), KeyedInput.Pipe<K, W>(Parents[1], partition, scope));

        protected override int CountPartitions() => partitioner.NumPartitions;
    }
}

namespace MicroSpark
{
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
        /// Every pairing of a left with a right value of one key; keys that one side lacks are left out. Wide; a side that is already
        /// placed by the target partitioner is not moved.
        /// </summary>
        /// <param name="rdd">The left pairs.</param>
        /// <param name="other">The right pairs.</param>
        /// <param name="partitions">Partitions of the result, 1 or more; by default those of the largest input.</param>
        public static Rdd<(K Key, (V Left, W Right) Value)> Join<K, V, W>(
            this Rdd<(K Key, V Value)> rdd, Rdd<(K Key, W Value)> other, int? partitions = null) =>
            JoinOf<K, V, W, V, W>(rdd, other, nameof(Join), partitions, null);

        /// <inheritdoc cref="Join{K, V, W}(Rdd{ValueTuple{K, V}}, Rdd{ValueTuple{K, W}}, int?)"/>
        /// <param name="partitioner">Places the result's pairs.</param>
        public static Rdd<(K Key, (V Left, W Right) Value)> Join<K, V, W>(
            this Rdd<(K Key, V Value)> rdd, Rdd<(K Key, W Value)> other, Partitioner<K> partitioner) =>
            JoinOf<K, V, W, V, W>(rdd, other, nameof(Join), null, NotNull(partitioner));

        /// <summary>As <c>Join</c>, and left pairs whose key the right lacks, with none on the right. Wide.</summary>
        /// <param name="rdd">The left pairs.</param>
        /// <param name="other">The right pairs.</param>
        /// <param name="partitions">Partitions of the result, 1 or more; by default those of the largest input.</param>
        public static Rdd<(K Key, (V Left, Optional<W> Right) Value)> LeftOuterJoin<K, V, W>(
            this Rdd<(K Key, V Value)> rdd, Rdd<(K Key, W Value)> other, int? partitions = null) =>
            JoinOf<K, V, W, V, Optional<W>>(rdd, other, nameof(LeftOuterJoin), partitions, null);

        /// <inheritdoc cref="LeftOuterJoin{K, V, W}(Rdd{ValueTuple{K, V}}, Rdd{ValueTuple{K, W}}, int?)"/>
        /// <param name="partitioner">Places the result's pairs.</param>
        public static Rdd<(K Key, (V Left, Optional<W> Right) Value)> LeftOuterJoin<K, V, W>(
            this Rdd<(K Key, V Value)> rdd, Rdd<(K Key, W Value)> other, Partitioner<K> partitioner) =>
            JoinOf<K, V, W, V, Optional<W>>(rdd, other, nameof(LeftOuterJoin), null, NotNull(partitioner));

        /// <summary>As <c>Join</c>, and right pairs whose key the left lacks, with none on the left. Wide.</summary>
        /// <param name="rdd">The left pairs.</param>
        /// <param name="other">The right pairs.</param>
        /// <param name="partitions">Partitions of the result, 1 or more; by default those of the largest input.</param>
        public static Rdd<(K Key, (Optional<V> Left, W Right) Value)> RightOuterJoin<K, V, W>(
            this Rdd<(K Key, V Value)> rdd, Rdd<(K Key, W Value)> other, int? partitions = null) =>
            JoinOf<K, V, W, Optional<V>, W>(rdd, other, nameof(RightOuterJoin), partitions, null);

        /// <inheritdoc cref="RightOuterJoin{K, V, W}(Rdd{ValueTuple{K, V}}, Rdd{ValueTuple{K, W}}, int?)"/>
        /// <param name="partitioner">Places the result's pairs.</param>
        public static Rdd<(K Key, (Optional<V> Left, W Right) Value)> RightOuterJoin<K, V, W>(
            this Rdd<(K Key, V Value)> rdd, Rdd<(K Key, W Value)> other, Partitioner<K> partitioner) =>
            JoinOf<K, V, W, Optional<V>, W>(rdd, other, nameof(RightOuterJoin), null, NotNull(partitioner));

        /// <summary>As <c>Join</c>, and the pairs of either side whose key the other lacks. Wide.</summary>
        /// <param name="rdd">The left pairs.</param>
        /// <param name="other">The right pairs.</param>
        /// <param name="partitions">Partitions of the result, 1 or more; by default those of the largest input.</param>
        public static Rdd<(K Key, (Optional<V> Left, Optional<W> Right) Value)> FullOuterJoin<K, V, W>(
            this Rdd<(K Key, V Value)> rdd, Rdd<(K Key, W Value)> other, int? partitions = null) =>
            JoinOf<K, V, W, Optional<V>, Optional<W>>(rdd, other, nameof(FullOuterJoin), partitions, null);

        /// <inheritdoc cref="FullOuterJoin{K, V, W}(Rdd{ValueTuple{K, V}}, Rdd{ValueTuple{K, W}}, int?)"/>
        /// <param name="partitioner">Places the result's pairs.</param>
        public static Rdd<(K Key, (Optional<V> Left, Optional<W> Right) Value)> FullOuterJoin<K, V, W>(
            this Rdd<(K Key, V Value)> rdd, Rdd<(K Key, W Value)> other, Partitioner<K> partitioner) =>
            JoinOf<K, V, W, Optional<V>, Optional<W>>(rdd, other, nameof(FullOuterJoin), null, NotNull(partitioner));

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
            TwoByKey(rdd, other, operatorName, (left, right) =>
            {
                var target = partitioner ?? KeyPlacement.Of<K>(partitions, left);
                return new KeyFilterNode<K, V, W>(
                    KeyedInput.Of(left, operatorName, target), KeyedInput.Of(right, operatorName, target), operatorName, present: false,
                    target);
            }, partitions);

        /// <summary>The left pairs whose key the right has; duplicates kept.</summary>
        internal static Rdd<(K Key, V Value)> Intersect<K, V, W>(
            Rdd<(K Key, V Value)> rdd, Rdd<(K Key, W Value)> other, string operatorName, int? partitions) =>
            TwoByKey(rdd, other, operatorName, (left, right) =>
            {
                var target = KeyPlacement.Of<K>(partitions, left, right);
                return new KeyFilterNode<K, V, W>(
                    KeyedInput.Of(left, operatorName, target), KeyedInput.Of(right, operatorName, target), operatorName, present: true,
                    target);
            }, partitions);

        /// <summary>A join; the types of its sides say which may be missing.</summary>
        internal static Rdd<(K Key, (L Left, R Right) Value)> JoinOf<K, V, W, L, R>(
            Rdd<(K Key, V Value)> rdd, Rdd<(K Key, W Value)> other, string operatorName, int? partitions, Partitioner<K>? partitioner) =>
            TwoByKey(rdd, other, operatorName, (left, right) =>
            {
                var target = partitioner ?? KeyPlacement.Of<K>(partitions, left, right);
                return new JoinNode<K, V, W, L, R>(
                    KeyedInput.Of(left, operatorName, target), KeyedInput.Of(right, operatorName, target), operatorName, target);
            }, partitions);

        internal static Rdd<(K Key, (IReadOnlyList<V> Left, IReadOnlyList<W> Right) Value)> CogroupOf<K, V, W>(
            Rdd<(K Key, V Value)> rdd, Rdd<(K Key, W Value)> other, string operatorName, int? partitions, Partitioner<K>? partitioner) =>
            TwoByKey(rdd, other, operatorName, (left, right) =>
            {
                var target = partitioner ?? KeyPlacement.Of<K>(partitions, left, right);
                return new CogroupNode<K, V, W>(
                    KeyedInput.Of(left, operatorName, target), KeyedInput.Of(right, operatorName, target), operatorName, target);
            }, partitions);

        private static Rdd<(K Key, R Value)> TwoByKey<K, V, W, R>(
            Rdd<(K Key, V Value)> rdd, Rdd<(K Key, W Value)> other, string operatorName,
            Func<PlanNode<(K Key, V Value)>, PlanNode<(K Key, W Value)>, PlanNode<(K Key, R Value)>> build, int? partitions)
        {
            ArgumentNullException.ThrowIfNull(rdd);
            PartitionCount.Ensure(partitions);
            KeyTypes.EnsureKey(typeof(K), operatorName);
            return rdd.Derive(operatorName, other, build, needsCounts: true);
        }
    }
}
