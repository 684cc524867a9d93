using MicroSpark.Hashing;
using MicroSpark.Model;
using MicroSpark.Operators;
using MicroSpark.Plans;
using MicroSpark.Readers;
using MicroSpark.Shuffle;

namespace MicroSpark.Operators
{
    /// <summary>All values of each key of one input: see <see cref="CogroupReader{K, TRow}"/> for the order of keys.</summary>
    internal sealed class GroupNode<K, V>(PlanNode input, string operatorName, Partitioner<K> partitioner)
        : PlanNode<(K Key, IReadOnlyList<V> Values)>(input)
    {
        private GroupNode(PlanReader reader)
            : this(reader.Parent<(K, V)>(), reader.Text(), PartitionerCodec.Read<K>(reader))
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

        public override ChunkReader<(K Key, IReadOnlyList<V> Values)> Open(int partition, TaskScope scope)
        {
            var side = CogroupSide<K, V>.Read(Parents[0], partition, scope);
            return new CogroupReader<K, (K Key, IReadOnlyList<V> Values)>([side], scope, (key, i) => (key, side.ValuesOf(i))).Open();
        }

        protected override int CountPartitions() => partitioner.NumPartitions;
    }
}

namespace MicroSpark
{
    public static partial class PairRdd
    {
        /// <summary>
        /// All values of each key, in no promised order. A whole group is in the memory of one task; prefer <c>ReduceByKey</c> or
        /// <c>AggregateByKey</c> to compute something of each group. Wide, or narrow when the pairs are already placed by the target
        /// partitioner.
        /// </summary>
        /// <param name="rdd">The pairs.</param>
        /// <param name="partitions">Partitions of the result, 1 or more; by default those of the largest input.</param>
        public static Rdd<(K Key, IReadOnlyList<V> Values)> GroupByKey<K, V>(this Rdd<(K Key, V Value)> rdd, int? partitions = null) =>
            Group(rdd, nameof(GroupByKey), partitions, null);

        /// <inheritdoc cref="GroupByKey{K, V}(Rdd{ValueTuple{K, V}}, int?)"/>
        /// <param name="partitioner">Places the result's pairs.</param>
        public static Rdd<(K Key, IReadOnlyList<V> Values)> GroupByKey<K, V>(this Rdd<(K Key, V Value)> rdd, Partitioner<K> partitioner) =>
            Group(rdd, nameof(GroupByKey), null, NotNull(partitioner));

        internal static Rdd<(K Key, IReadOnlyList<V> Values)> Group<K, V>(
            Rdd<(K Key, V Value)> rdd, string operatorName, int? partitions, Partitioner<K>? partitioner)
        {
            ArgumentNullException.ThrowIfNull(rdd);
            PartitionCount.Ensure(partitions);
            KeyTypes.EnsureKey(typeof(K), operatorName);
            return rdd.Derive(
                operatorName,
                parent =>
                {
                    var target = partitioner ?? KeyPlacement.Of<K>(partitions, parent);
                    return new GroupNode<K, V>(KeyedInput.Of(parent, operatorName, target), operatorName, target);
                },
                needsCounts: true);
        }
    }

    public partial class Rdd<T>
    {
        /// <summary>
        /// The elements in groups of equal keys. Wide. See <see cref="PairRdd.GroupByKey{K, V}(Rdd{ValueTuple{K, V}}, int?)"/>.
        /// </summary>
        /// <param name="key">Makes an element's key.</param>
        /// <param name="partitions">Partitions of the result, 1 or more; by default this RDD's.</param>
        public Rdd<(K Key, IReadOnlyList<T> Values)> GroupBy<K>(Func<T, K> key, int? partitions = null) =>
            PairRdd.Group(KeyBy(nameof(GroupBy), key), nameof(GroupBy), partitions, null);

        /// <summary>Parts of the elements in groups of equal keys. Wide.</summary>
        /// <param name="key">Makes an element's key.</param>
        /// <param name="element">Makes what is grouped.</param>
        /// <param name="partitions">Partitions of the result, 1 or more; by default this RDD's.</param>
        public Rdd<(K Key, IReadOnlyList<E> Values)> GroupBy<K, E>(Func<T, K> key, Func<T, E> element, int? partitions = null)
        {
            ArgumentNullException.ThrowIfNull(element);
            return PairRdd.Group(KeyBy(nameof(GroupBy), key).MapValues(nameof(GroupBy), element), nameof(GroupBy), partitions, null);
        }
    }
}
