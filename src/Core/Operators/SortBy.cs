using MicroSpark.Hashing;
using MicroSpark.Operators;
using MicroSpark.Ordering;
using MicroSpark.Partitioners;
using MicroSpark.Plans;
using MicroSpark.Shuffle;
using MicroSpark.Stages;
using MicroSpark.Storage;

namespace MicroSpark.Operators
{
    /// <summary>
    /// A sample of each partition's keys with the number of pairs that each stands for: the hidden stage that a sort's bounds come from. One
    /// bucket, read by every task of the sort's map side.
    /// </summary>
    internal sealed class SampleKeysNode<K, V>(PlanNode<(K Key, V Value)> parent, string operatorName, int partitions)
        : PlanNode<(K Key, float Weight)>(parent), IStageRoot
    {
        private readonly PlanNode<(K Key, V Value)> _parent = parent;

        private SampleKeysNode(PlanReader reader)
            : this(reader.Parent<(K, V)>(), reader.Text()!, reader.Int32())
        {
        }

        public override string Operator => operatorName;

        public override OutputKind Output => OutputKind.Shuffle;

        public override void WriteArguments(PlanWriter writer)
        {
            writer.Text(operatorName);
            writer.Int32(partitions);
        }

        public override ChunkReader<(K Key, float Weight)> Open(int partition, TaskScope scope) =>
            throw new InvalidOperationException("A shuffle's map side is read bucket by bucket.");

        public Block Run(int partition, TaskScope scope)
        {
            var size = RangeBounds.SampleSize(partitions, NumPartitions);
            var sink = new ReservoirSink<K, V> { Sample = new K[size], Random = new Random(partition) };
            scope.Pipe(_parent, partition).Drive(ref sink);
            var output = new BucketBuilder<(K, float)>(1);
            var taken = (int)Math.Min(size, sink.Seen);
            for (var i = 0; i < taken; i++)
            {
                output.Add((sink.Sample[i], (float)sink.Seen / taken), 0, 0);
            }

            return output.Build();
        }
    }

    /// <summary>A sample of fixed size, every element as likely as any other (Vitter's algorithm R). The seed is the partition: same input, same sample.</summary>
    internal struct ReservoirSink<K, V> : ISink<(K Key, V Value)>
    {
        public K[] Sample;
        public Random Random;
        public long Seen;

        public bool Add((K Key, V Value) item)
        {
            var at = Seen < Sample.Length ? Seen : Random.NextInt64(Seen + 1);
            if (at < Sample.Length)
            {
                Sample[at] = item.Key;
            }

            Seen++;
            return true;
        }
    }

    /// <summary>The map side of a sort: finds the bounds from all partitions' samples, then puts each pair into the bucket of its range.</summary>
    internal sealed class SortWriteNode<K, V>(
        PlanNode<(K Key, V Value)> parent, SampleKeysNode<K, V> sample, string operatorName, int partitions, bool ascending, IComparer<K>? comparer)
        : PlanNode<(K Key, V Value)>(parent, sample), IStageRoot
    {
        private readonly PlanNode<(K Key, V Value)> _parent = parent;
        private readonly Lock _gate = new();
        private RangePartitioner<K>? _partitioner;

        private SortWriteNode(PlanReader reader)
            : this(
                reader.Parent<(K, V)>(0), (SampleKeysNode<K, V>)(PlanNode)reader.Parent<(K, float)>(1), reader.Text()!, reader.Int32(), reader.Boolean(),
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

        public override ChunkReader<(K Key, V Value)> Open(int partition, TaskScope scope) =>
            throw new InvalidOperationException("A shuffle's map side is read bucket by bucket.");

        public Block Run(int partition, TaskScope scope)
        {
            var range = Bounds(scope);
            var sink = new RangeSink<K, V> { Range = range, Output = new BucketBuilder<(K, V)>(partitions), Hashed = KeyTypes.HasStableHash(typeof(K)) };
            scope.Pipe(_parent, partition).Drive(ref sink);
            return sink.Output.Build();
        }

        protected override int CountPartitions() => _parent.NumPartitions;

        /// <summary>Once per plan and worker: the samples are the same for every task.</summary>
        private RangePartitioner<K> Bounds(TaskScope scope)
        {
            lock (_gate)
            {
                if (_partitioner is null)
                {
                    var samples = new BufferSink<(K Key, float Weight)> { Items = [] };
                    var input = (SampleKeysNode<K, V>)Parents[1];
                    Pipeline<(K Key, float Weight)>.OfReader(scope.ReadShuffle<(K Key, float Weight)>(input, 0), input, scope).Drive(ref samples);
                    var bounds = RangeBounds.Determine(samples.Items.AsSpan(0, samples.Count), partitions, comparer);
                    _partitioner = new RangePartitioner<K>(bounds, ascending, comparer);
                }

                return _partitioner;
            }
        }
    }

    internal struct RangeSink<K, V> : ISink<(K Key, V Value)>
    {
        public RangePartitioner<K> Range;
        public BucketBuilder<(K, V)> Output;
        public bool Hashed;

        public readonly bool Add((K Key, V Value) item)
        {
            Output.Add(item, Range.GetPartition(item.Key), Hashed ? StableHash<K>.Of(item.Key) : 0);
            return true;
        }
    }
}

namespace MicroSpark
{
    public static partial class PairRdd
    {
        /// <summary>
        /// All pairs in the order of their keys, across partitions and within. Pairs of equal keys are in no promised order. Wide; a hidden stage
        /// samples the keys to find the partitions' bounds, so few distinct keys leave some of the partitions empty.
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
            Rdd<(K Key, V Value)> rdd, string operatorName, bool ascending, int? partitions, IComparer<K>? comparer)
        {
            Rdd<K>.EnsurePartitions(partitions);
            _ = comparer ?? NaturalOrder<K>.Comparer;
            return rdd.Derive(
                operatorName,
                parent =>
                {
                    var count = partitions ?? parent.NumPartitions;
                    var sample = new SampleKeysNode<K, V>(parent, operatorName, count);
                    var write = new SortWriteNode<K, V>(parent, sample, operatorName, count, ascending, comparer);
                    var moved = new ShuffledNode<(K Key, V Value)>(write, operatorName, count, new SortedPartitioner<K>(write.Lineage, count));
                    return new SortPartitionNode<K, V>(moved, operatorName, ascending, comparer);
                },
                needsCounts: true);
        }
    }

    public partial class Rdd<T>
    {
        /// <summary>
        /// All elements in the order of their keys, across partitions and within. Elements of equal keys are in no promised order. Wide; see
        /// <see cref="PairRdd.SortByKey{K, V}"/>.
        /// </summary>
        /// <param name="key">Makes an element's key.</param>
        /// <param name="ascending">False for descending keys.</param>
        /// <param name="partitions">Partitions of the result, 1 or more; by default this RDD's.</param>
        /// <param name="comparer">The keys' order; by default the natural one (strings ordinal).</param>
        /// <exception cref="ArgumentException">The keys have no order.</exception>
        public Rdd<T> SortBy<K>(Func<T, K> key, bool ascending = true, int? partitions = null, IComparer<K>? comparer = null) =>
            PairRdd.Sort(KeyBy(nameof(SortBy), key), nameof(SortBy), ascending, partitions, comparer).Map<T>(nameof(SortBy), static pair => pair.Value);
    }
}
