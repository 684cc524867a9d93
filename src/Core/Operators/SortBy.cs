using MicroSpark.Closures;
using MicroSpark.Hashing;
using MicroSpark.Model;
using MicroSpark.Operators;
using MicroSpark.Ordering;
using MicroSpark.Partitioners;
using MicroSpark.Plans;
using MicroSpark.Readers;
using MicroSpark.Shuffle;
using MicroSpark.Stages;
using MicroSpark.Storage;

namespace MicroSpark.Operators
{
    /// <summary>
    /// The map side of a sort: finds the bounds from all partitions' samples, then puts each element into the bucket of its range.
    /// </summary>
    internal sealed class SortWriteNode<T, K, TKey>(
        PlanNode<T> parent, PlanNode<(K Key, float Weight)> sample, string operatorName, int partitions, bool ascending,
        IComparer<K>? comparer)
        : PlanNode<T>(parent, sample), IStageRoot
        where TKey : struct, IKeyOf<T, K>
    {
        private readonly PlanNode<T> _parent = parent;
        private readonly SortedRanges<K> _ranges = new(sample, partitions, ascending, comparer);

        private SortWriteNode(PlanReader reader)
            : this(
                reader.Parent<T>(0), reader.Parent<(K, float)>(1), reader.Text(), reader.Int32(), reader.Boolean(),
                ComparerArgument.Read<K>(reader))
        {
        }

        public override string Operator => operatorName;

        public override OutputKind Output => OutputKind.Shuffle;

        public override PartitionMap MapOf(int parent) => parent == 0 ? PartitionMap.OneToOne.Instance : PartitionMap.All.Instance;

        public override void WriteArguments(PlanWriter writer)
        {
            writer.Text(operatorName);
            writer.Int32(partitions);
            writer.Boolean(ascending);
            ComparerArgument.Write(writer, comparer);
        }

        public override ChunkReader<T> Open(int partition, TaskScope scope) =>
            throw new InvalidOperationException("A shuffle's map side is read bucket by bucket.");

        public Block Run(int partition, TaskScope scope)
        {
            var ranges = _ranges.Of(scope);
            if (KeyTypes.HasStableHash(typeof(K)))
            {
                StableHash<K>.Prepare();
            }

            var sink = new RangeSink<T, K, TKey>
            { Ranges = ranges, Output = new BucketBuilder<T>(partitions, scope.Memory), Hashed = KeyTypes.HasStableHash(typeof(K)) };
            scope.Pipe(_parent, partition).Drive(ref sink);
            return sink.Output.Build();
        }

        protected override int CountPartitions() => _parent.NumPartitions;
    }

    internal struct RangeSink<T, K, TKey> : ISink<T>
        where TKey : struct, IKeyOf<T, K>
    {
        public RangeFinder<K> Ranges;
        public BucketBuilder<T> Output;
        public bool Hashed;

        public readonly bool Add(T item)
        {
            var key = TKey.Of(in item);
            Output.Add(item, Ranges.Of(key), Hashed ? StableHash<K>.Of(key) : 0);
            return true;
        }
    }
}

namespace MicroSpark
{
    public static partial class PairRdd
    {
        /// <summary>
        /// All pairs in the order of their keys, across partitions and within. Pairs of equal keys are in no promised order. Wide; a hidden
        /// stage samples the keys to find the partitions' bounds, so few distinct keys leave some of the partitions empty.
        /// </summary>
        /// <param name="rdd">The pairs.</param>
        /// <param name="ascending">False for descending keys.</param>
        /// <param name="partitions">Partitions of the result, 1 or more; by default this RDD's.</param>
        /// <param name="comparer">The keys' order; by default the natural one (strings ordinal).</param>
        /// <exception cref="ArgumentException">The keys have no order.</exception>
        public static Rdd<(K Key, V Value)> SortByKey<K, V>(
            this Rdd<(K Key, V Value)> rdd, bool ascending = true, int? partitions = null, IComparer<K>? comparer = null)
        {
            ArgumentNullException.ThrowIfNull(rdd);
            return Sort(rdd, nameof(SortByKey), ascending, partitions, comparer);
        }

        internal static Rdd<(K Key, V Value)> Sort<K, V>(
            Rdd<(K Key, V Value)> rdd, string operatorName, bool ascending, int? partitions, IComparer<K>? comparer) =>
            rdd.Sort<K, FirstOfPair<K, V>>(
                operatorName, ascending, partitions, comparer,
                (sort, sample, count) => new RangesOfSort<K>(sort, sample, count, ascending, comparer));
    }

    public partial class Rdd<T>
    {
        /// <summary>
        /// All elements in the order of their keys, across partitions and within. Elements of equal keys are in no promised order. Wide;
        /// see <see cref="PairRdd.SortByKey{K, V}"/>.
        /// </summary>
        /// <param name="key">Makes an element's key.</param>
        /// <param name="ascending">False for descending keys.</param>
        /// <param name="partitions">Partitions of the result, 1 or more; by default this RDD's.</param>
        /// <param name="comparer">The keys' order; by default the natural one (strings ordinal).</param>
        /// <exception cref="ArgumentException">The keys have no order.</exception>
        public Rdd<T> SortBy<K>(Func<T, K> key, bool ascending = true, int? partitions = null, IComparer<K>? comparer = null) =>
            SortBy(nameof(SortBy), key, ascending, partitions, comparer);

        internal Rdd<T> SortBy<K>(string operatorName, Func<T, K> key, bool ascending, int? partitions, IComparer<K>? comparer)
        {
            ArgumentNullException.ThrowIfNull(key);

            // Elements that are their own keys travel and are sorted alone.
            if (typeof(K) == typeof(T) && SameElement.Is((Func<T, T>)(object)key))
            {
                Runner.EnsureUsable();
                return Sort<T, Itself<T>>(operatorName, ascending, partitions, (IComparer<T>?)comparer, static (_, _, _) => null);
            }

            var keyed = PairRdd.Sort(KeyBy(operatorName, key), operatorName, ascending, partitions, comparer);
            var element = Capture<Func<(K Key, T Value), T>>(PairFunctions.Value, operatorName);
            return keyed.Derive(
                operatorName, parent => new MapNode<(K Key, T Value), T>(parent, operatorName, element) { Origin = Node });
        }

        internal Rdd<T> Sort<K, TKey>(
            string operatorName, bool ascending, int? partitions, IComparer<K>? comparer,
            Func<LineageId, PlanNode<(K Key, float Weight)>, int, object?> partitionerOf)
            where TKey : struct, IKeyOf<T, K>
        {
            PartitionCount.Ensure(partitions);
            _ = comparer ?? NaturalOrder<K>.Comparer;
            return Derive(
                operatorName,
                parent =>
                {
                    var count = partitions ?? parent.NumPartitions;
                    var sample = new SampleKeysNode<T, K, TKey>(parent, operatorName, count);
                    var write = new SortWriteNode<T, K, TKey>(parent, sample, operatorName, count, ascending, comparer);
                    var moved = new ShuffledNode<T>(write, operatorName, count, partitionerOf(write.Lineage, sample, count));
                    return new SortPartitionNode<T, K, TKey>(moved, operatorName, ascending, comparer);
                },
                needsCounts: true);
        }
    }
}
