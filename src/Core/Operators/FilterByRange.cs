using MicroSpark.Closures;
using MicroSpark.Operators;
using MicroSpark.Ordering;
using MicroSpark.Partitioners;
using MicroSpark.Plans;
using MicroSpark.Readers;
using MicroSpark.Shuffle;

namespace MicroSpark.Operators
{
    /// <summary>The parent's partitions first .. last as they are; the others are empty and the parent's are not read for them.</summary>
    internal sealed class PruneNode<T>(PlanNode<T> parent, string operatorName, int first, int last) : PlanNode<T>(parent)
    {
        private readonly PlanNode<T> _parent = parent;

        private PruneNode(PlanReader reader)
            : this(reader.Parent<T>(), reader.Text(), reader.Int32(), reader.Int32())
        {
        }

        public override string Operator => operatorName;

        public override object? Partitioner => _parent.Partitioner;

        public override PartitionMap MapOf(int parent) => new PartitionMap.Window(first, last);

        public override void WriteArguments(PlanWriter writer)
        {
            writer.Text(operatorName);
            writer.Int32(first);
            writer.Int32(last);
        }

        public override ChunkReader<T> Open(int partition, TaskScope scope) =>
            partition >= first && partition <= last
                ? scope.Pipe(_parent, partition).AsReader()
                : new MemoryReader<T>(default(ReadOnlyMemory<T>));
    }
}

namespace MicroSpark.Operators
{
    /// <summary>Keys from one to another, both included, in their natural order.</summary>
    [EngineFunction]
    internal sealed class KeyRange<K, V>(K lower, K upper)
    {
        public bool Has((K Key, V Value) pair) =>
            NaturalOrder<K>.Comparer.Compare(lower, pair.Key) <= 0 && NaturalOrder<K>.Comparer.Compare(pair.Key, upper) <= 0;
    }
}

namespace MicroSpark
{
    public static partial class PairRdd
    {
        /// <summary>
        /// The pairs whose keys are in a range, both ends included, in the keys' natural order. Narrow; keeps order, partition count and
        /// partitioner. When a <see cref="RangePartitioner{K}"/> or <c>SortByKey</c> placed the pairs, only the partitions that can hold
        /// the range are read.
        /// </summary>
        /// <param name="rdd">The pairs.</param>
        /// <param name="lower">The smallest key to keep.</param>
        /// <param name="upper">The largest key to keep; below <paramref name="lower"/> nothing is kept.</param>
        /// <exception cref="ArgumentException">The keys have no order.</exception>
        public static Rdd<(K Key, V Value)> FilterByRange<K, V>(this Rdd<(K Key, V Value)> rdd, K lower, K upper)
        {
            const string Name = nameof(FilterByRange);
            ArgumentNullException.ThrowIfNull(rdd);
            _ = NaturalOrder<K>.Comparer;
            var inRange = rdd.Capture<Func<(K Key, V Value), bool>>(new KeyRange<K, V>(lower, upper).Has, Name);
            return rdd.Derive<(K Key, V Value)>(
                Name,
                parent =>
                {
                    if (parent.Partitioner is Partitioner<K> { Bare: KeyRanges<K> { Comparer: null } range })
                    {
                        var (first, last) = (range.GetPartition(lower), range.GetPartition(upper));
                        parent = new PruneNode<(K Key, V Value)>(parent, Name, Math.Min(first, last), Math.Max(first, last));
                    }
                    else if (parent.Partitioner is SortedPartitioner<K> sorted)
                    {
                        parent = sorted.Window(parent, Name, lower, upper);
                    }

                    return new FilterNode<(K Key, V Value)>(parent, Name, inRange);
                },
                needsCounts: true);
        }
    }
}
