using MicroSpark.Hashing;
using MicroSpark.Operators;
using MicroSpark.Ordering;
using MicroSpark.Plans;
using MicroSpark.Readers;
using MicroSpark.Shuffle;
using MicroSpark.Storage;

namespace MicroSpark.Operators
{
    /// <summary>
    /// The map side of a shuffle that only spreads elements evenly: round robin from a start that depends on the partition alone.
    /// </summary>
    internal sealed class ScatterWriteNode<T>(PlanNode<T> parent, string operatorName, int partitions) : PlanNode<T>(parent), IStageRoot
    {
        private readonly PlanNode<T> _parent = parent;

        private ScatterWriteNode(PlanReader reader)
            : this(reader.Parent<T>(), reader.Text(), reader.Int32())
        {
        }

        public override string Operator => operatorName;

        public override OutputKind Output => OutputKind.Shuffle;

        public override void WriteArguments(PlanWriter writer)
        {
            writer.Text(operatorName);
            writer.Int32(partitions);
        }

        public override ChunkReader<T> Open(int partition, TaskScope scope) =>
            throw new InvalidOperationException("A shuffle's map side is read bucket by bucket.");

        public Block Run(int partition, TaskScope scope)
        {
            var start = (int)(StableHash<int>.Of(partition) % (ulong)partitions);
            var sink = new ScatterSink<T> { Output = new BucketBuilder<T>(partitions, scope.Memory), Next = start, Count = partitions };
            scope.Pipe(_parent, partition).Drive(ref sink);
            return sink.Output.Build();
        }
    }

    internal struct ScatterSink<T> : ISink<T>
    {
        public BucketBuilder<T> Output;
        public int Next;
        public int Count;

        public bool Add(T item)
        {
            Output.Add(item, Next, 0);
            Next = Next + 1 == Count ? 0 : Next + 1;
            return true;
        }
    }
}

namespace MicroSpark
{
    public partial class Rdd<T>
    {
        private Rdd<T> Scatter(string operatorName, int partitions) =>
            Derive(operatorName, parent =>
                new ShuffledNode<T>(new ScatterWriteNode<T>(parent, operatorName, partitions), operatorName, partitions, null));
    }

    public static partial class PairRdd
    {
        /// <summary>The partitioner by which the pairs are known to be placed; null when unknown. Runs no job.</summary>
        public static Partitioner<K>? Partitioner<K, V>(this Rdd<(K Key, V Value)> rdd)
        {
            ArgumentNullException.ThrowIfNull(rdd);
            return rdd.Node.Partitioner as Partitioner<K>;
        }

        /// <summary>Moves each pair to the partition that the partitioner names. Wide; the same RDD when it is placed so already.</summary>
        public static Rdd<(K Key, V Value)> PartitionBy<K, V>(this Rdd<(K Key, V Value)> rdd, Partitioner<K> partitioner)
        {
            ArgumentNullException.ThrowIfNull(rdd);
            ArgumentNullException.ThrowIfNull(partitioner);
            KeyTypes.EnsureKey(typeof(K), nameof(PartitionBy));
            return !rdd.Ref.IsDeferred && partitioner.Equals(rdd.Node.Partitioner)
                ? rdd
                : rdd.Derive(nameof(PartitionBy), parent => Move(parent, nameof(PartitionBy), partitioner));
        }

        /// <summary>
        /// Moves each pair to the partition that the partitioner names and sorts each partition by key; no order between partitions. Wide.
        /// </summary>
        /// <param name="rdd">The pairs.</param>
        /// <param name="partitioner">Places the pairs.</param>
        /// <param name="ascending">False for descending keys.</param>
        /// <param name="comparer">The keys' order; by default the natural one (strings ordinal).</param>
        public static Rdd<(K Key, V Value)> RepartitionAndSortWithinPartitions<K, V>(
            this Rdd<(K Key, V Value)> rdd, Partitioner<K> partitioner, bool ascending = true, IComparer<K>? comparer = null)
        {
            const string Name = nameof(RepartitionAndSortWithinPartitions);
            ArgumentNullException.ThrowIfNull(rdd);
            ArgumentNullException.ThrowIfNull(partitioner);
            KeyTypes.EnsureKey(typeof(K), Name);
            _ = comparer ?? NaturalOrder<K>.Comparer;
            return rdd.Derive(Name, parent =>
                new SortPartitionNode<(K Key, V Value), K, FirstOfPair<K, V>>(Move(parent, Name, partitioner), Name, ascending, comparer));
        }

        private static PlanNode<(K Key, V Value)> Move<K, V>(
            PlanNode<(K Key, V Value)> parent, string operatorName, Partitioner<K> partitioner) =>
            partitioner.Equals(parent.Partitioner)
                ? parent
                : new ShuffledNode<(K Key, V Value)>(
                    (PlanNode<(K Key, V Value)>)KeyedInput.Of(parent, operatorName, partitioner), operatorName, partitioner.NumPartitions,
                    partitioner);
    }
}
