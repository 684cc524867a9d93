using MicroSpark.Hashing;
using MicroSpark.Model;
using MicroSpark.Operators;
using MicroSpark.Plans;
using MicroSpark.Readers;
using MicroSpark.Shuffle;

namespace MicroSpark.Operators
{
    /// <summary>The values of each key in two inputs: see <see cref="CogroupReader{K, TRow}"/> for the order of keys.</summary>
    internal sealed class CogroupNode<K, V, W>(PlanNode left, PlanNode right, string operatorName, Partitioner<K> partitioner)
        : PlanNode<(K Key, (IReadOnlyList<V> Left, IReadOnlyList<W> Right) Value)>(left, right)
    {
        private CogroupNode(PlanReader reader)
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

        public override ChunkReader<(K Key, (IReadOnlyList<V> Left, IReadOnlyList<W> Right) Value)> Open(int partition, TaskScope scope)
        {
            var left = CogroupSide<K, V>.Read(Parents[0], partition, scope);
            var right = CogroupSide<K, W>.Read(Parents[1], partition, scope);
            return new CogroupReader<K, (K Key, (IReadOnlyList<V> Left, IReadOnlyList<W> Right) Value)>(
                [left, right], scope, (key, i) => (key, (left.ValuesOf(i), right.ValuesOf(i)))).Open();
        }

        protected override int CountPartitions() => partitioner.NumPartitions;
    }

    /// <summary>The values of each key in three inputs: see <see cref="CogroupReader{K, TRow}"/> for the order of keys.</summary>
    internal sealed class CogroupNode<K, V, W, X>(PlanNode first, PlanNode second, PlanNode third, Partitioner<K> partitioner)
        : PlanNode<(K Key, (IReadOnlyList<V> First, IReadOnlyList<W> Second, IReadOnlyList<X> Third) Value)>(first, second, third)
    {
        private CogroupNode(PlanReader reader)
            : this(reader.Parent<(K, V)>(0), reader.Parent<(K, W)>(1), reader.Parent<(K, X)>(2), PartitionerCodec.Read<K>(reader))
        {
        }

        public override string Operator => "Cogroup";

        public override object Partitioner => partitioner;

        public override PartitionMap MapOf(int parent) => KeyedInput.MapOf(Parents[parent]);

        public override void WriteArguments(PlanWriter writer) => PartitionerCodec.Write(writer, partitioner);

        public override ChunkReader<(K Key, (IReadOnlyList<V> First, IReadOnlyList<W> Second, IReadOnlyList<X> Third) Value)> Open(
            int partition, TaskScope scope)
        {
            var first = CogroupSide<K, V>.Read(Parents[0], partition, scope);
            var second = CogroupSide<K, W>.Read(Parents[1], partition, scope);
            var third = CogroupSide<K, X>.Read(Parents[2], partition, scope);
            return new CogroupReader<K, (K, (IReadOnlyList<V>, IReadOnlyList<W>, IReadOnlyList<X>))>(
                [first, second, third], scope, (key, i) => (key, (first.ValuesOf(i), second.ValuesOf(i), third.ValuesOf(i)))).Open();
        }

        protected override int CountPartitions() => partitioner.NumPartitions;
    }

    /// <summary>The values of each key in four inputs: see <see cref="CogroupReader{K, TRow}"/> for the order of keys.</summary>
    internal sealed class CogroupNode<K, V, W, X, Y>(
        PlanNode first, PlanNode second, PlanNode third, PlanNode fourth, Partitioner<K> partitioner)
        : PlanNode<(K Key, (IReadOnlyList<V> First, IReadOnlyList<W> Second, IReadOnlyList<X> Third, IReadOnlyList<Y> Fourth) Value)>(
            first, second, third, fourth)
    {
        private CogroupNode(PlanReader reader)
            : this(
                reader.Parent<(K, V)>(0), reader.Parent<(K, W)>(1), reader.Parent<(K, X)>(2), reader.Parent<(K, Y)>(3),
                PartitionerCodec.Read<K>(reader))
        {
        }

        public override string Operator => "Cogroup";

        public override object Partitioner => partitioner;

        public override PartitionMap MapOf(int parent) => KeyedInput.MapOf(Parents[parent]);

        public override void WriteArguments(PlanWriter writer) => PartitionerCodec.Write(writer, partitioner);

        public override ChunkReader<
            (K Key, (IReadOnlyList<V> First, IReadOnlyList<W> Second, IReadOnlyList<X> Third, IReadOnlyList<Y> Fourth) Value)> Open(
            int partition, TaskScope scope)
        {
            var first = CogroupSide<K, V>.Read(Parents[0], partition, scope);
            var second = CogroupSide<K, W>.Read(Parents[1], partition, scope);
            var third = CogroupSide<K, X>.Read(Parents[2], partition, scope);
            var fourth = CogroupSide<K, Y>.Read(Parents[3], partition, scope);
            return new CogroupReader<K, (K, (IReadOnlyList<V>, IReadOnlyList<W>, IReadOnlyList<X>, IReadOnlyList<Y>))>(
                [first, second, third, fourth],
                scope, (key, i) => (key, (first.ValuesOf(i), second.ValuesOf(i), third.ValuesOf(i), fourth.ValuesOf(i)))).Open();
        }

        protected override int CountPartitions() => partitioner.NumPartitions;
    }
}

namespace MicroSpark
{
    public static partial class PairRdd
    {
        /// <summary>
        /// The values of each key in three RDDs, an empty list where one lacks it. Wide; what is placed by the target partitioner is not
        /// moved.
        /// </summary>
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

        /// <summary>
        /// The values of each key in four RDDs, an empty list where one lacks it. Wide; what is placed by the target partitioner is not
        /// moved.
        /// </summary>
        /// <param name="rdd">The first pairs.</param>
        /// <param name="second">The second pairs.</param>
        /// <param name="third">The third pairs.</param>
        /// <param name="fourth">The fourth pairs.</param>
        /// <param name="partitions">Partitions of the result, 1 or more; by default those of the largest input.</param>
        public static Rdd<
            (K Key, (IReadOnlyList<V> First, IReadOnlyList<W> Second, IReadOnlyList<X> Third, IReadOnlyList<Y> Fourth) Value)>
            Cogroup<K, V, W, X, Y>(
            this Rdd<(K Key, V Value)> rdd, Rdd<(K Key, W Value)> second, Rdd<(K Key, X Value)> third, Rdd<(K Key, Y Value)> fourth,
            int? partitions = null) =>
            CogroupOf(rdd, second, third, fourth, partitions, null);

        /// <inheritdoc
        /// cref="Cogroup{K,V,W,X,Y}(Rdd{ValueTuple{K,V}},Rdd{ValueTuple{K,W}},Rdd{ValueTuple{K,X}},Rdd{ValueTuple{K,Y}},int?)"/>
        /// <param name="partitioner">Places the result's pairs.</param>
        public static Rdd<
            (K Key, (IReadOnlyList<V> First, IReadOnlyList<W> Second, IReadOnlyList<X> Third, IReadOnlyList<Y> Fourth) Value)>
            Cogroup<K, V, W, X, Y>(
            this Rdd<(K Key, V Value)> rdd, Rdd<(K Key, W Value)> second, Rdd<(K Key, X Value)> third, Rdd<(K Key, Y Value)> fourth,
            Partitioner<K> partitioner) =>
            CogroupOf(rdd, second, third, fourth, null, NotNull(partitioner));

        private static Rdd<(K Key, (IReadOnlyList<V> First, IReadOnlyList<W> Second, IReadOnlyList<X> Third) Value)> CogroupOf<K, V, W, X>(
            Rdd<(K Key, V Value)> rdd, Rdd<(K Key, W Value)> second, Rdd<(K Key, X Value)> third, int? partitions,
            Partitioner<K>? partitioner)
        {
            ArgumentNullException.ThrowIfNull(rdd);
            rdd.EnsureSameContext(second);
            rdd.EnsureSameContext(third);
            PartitionCount.Ensure(partitions);
            KeyTypes.EnsureKey(typeof(K), nameof(Cogroup));
            CogroupNode<K, V, W, X> Build()
            {
                var target = partitioner ?? KeyPlacement.Of<K>(partitions, rdd.Node, second.Node, third.Node);
                return new CogroupNode<K, V, W, X>(
                    KeyedInput.Of(rdd.Node, nameof(Cogroup), target), KeyedInput.Of(second.Node, nameof(Cogroup), target),
                    KeyedInput.Of(third.Node, nameof(Cogroup), target), target);
            }

            return new(rdd.Runner, NodeRef.Of(
                nameof(Cogroup),
                (Func<PlanNode<(K Key, (IReadOnlyList<V> First, IReadOnlyList<W> Second, IReadOnlyList<X> Third) Value)>>)Build,
                needsCounts: true, rdd.Ref, second.Ref, third.Ref));
        }

        private static Rdd<
            (K Key, (IReadOnlyList<V> First, IReadOnlyList<W> Second, IReadOnlyList<X> Third, IReadOnlyList<Y> Fourth) Value)>
            CogroupOf<K, V, W, X, Y>(
            Rdd<(K Key, V Value)> rdd, Rdd<(K Key, W Value)> second, Rdd<(K Key, X Value)> third, Rdd<(K Key, Y Value)> fourth,
            int? partitions,
            Partitioner<K>? partitioner)
        {
            ArgumentNullException.ThrowIfNull(rdd);
            rdd.EnsureSameContext(second);
            rdd.EnsureSameContext(third);
            rdd.EnsureSameContext(fourth);
            PartitionCount.Ensure(partitions);
            KeyTypes.EnsureKey(typeof(K), nameof(Cogroup));
            CogroupNode<K, V, W, X, Y> Build()
            {
                var target = partitioner ?? KeyPlacement.Of<K>(partitions, rdd.Node, second.Node, third.Node, fourth.Node);
                return new CogroupNode<K, V, W, X, Y>(
                    KeyedInput.Of(rdd.Node, nameof(Cogroup), target), KeyedInput.Of(second.Node, nameof(Cogroup), target),
                    KeyedInput.Of(third.Node, nameof(Cogroup), target), KeyedInput.Of(fourth.Node, nameof(Cogroup), target), target);
            }

            return new(rdd.Runner, NodeRef.Of(
                nameof(Cogroup),
                (Func<PlanNode<
                    (K Key,
                        (IReadOnlyList<V> First, IReadOnlyList<W> Second, IReadOnlyList<X> Third, IReadOnlyList<Y> Fourth) Value)>>)Build,
                needsCounts: true, rdd.Ref, second.Ref, third.Ref, fourth.Ref));
        }
    }
}
