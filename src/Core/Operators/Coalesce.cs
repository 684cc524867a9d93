using MicroSpark.Model;
using MicroSpark.Operators;
using MicroSpark.Plans;
using MicroSpark.Readers;

namespace MicroSpark.Operators
{
    /// <summary>Neighbouring partitions merged: i of n holds floor(i * c / n) .. floor((i + 1) * c / n) - 1 of the parent's c.</summary>
    internal sealed class CoalesceNode<T>(PlanNode<T> parent, int partitions) : PlanNode<T>(parent)
    {
        private readonly PlanNode<T> _parent = parent;

        private CoalesceNode(PlanReader reader)
            : this(reader.Parent<T>(), reader.Int32())
        {
        }

        public override string Operator => "Coalesce";

        public override PartitionMap MapOf(int parent) => new PartitionMap.Groups(_parent.NumPartitions, NumPartitions);

        public override void WriteArguments(PlanWriter writer) => writer.Int32(partitions);

        public override ChunkReader<T> Open(int partition, TaskScope scope)
        {
            var (start, end) = new PartitionMap.Groups(_parent.NumPartitions, NumPartitions).Range(partition);
            return new ConcatReader<T>(Enumerable.Range(start, end - start).Select(p => scope.Pipe(_parent, p).AsReader()));
        }

        protected override int CountPartitions() => Math.Min(partitions, _parent.NumPartitions);
    }
}

namespace MicroSpark
{
    public partial class Rdd<T>
    {
        /// <summary>
        /// Fewer partitions: neighbours are merged, in order, without a shuffle; a count at or above the present one changes nothing. With
        /// <paramref name="shuffle"/> the elements are spread evenly over exactly <paramref name="partitions"/>, in no promised order.
        /// Narrow without a shuffle, else wide.
        /// </summary>
        /// <exception cref="ArgumentOutOfRangeException">The count is below 1.</exception>
        public Rdd<T> Coalesce(int partitions, bool shuffle = false)
        {
            PartitionCount.Ensure(partitions);
            return shuffle
                ? Scatter(nameof(Coalesce), partitions)
                : Derive(nameof(Coalesce), parent => new CoalesceNode<T>(parent, partitions));
        }

        /// <summary>Spreads the elements evenly over a number of partitions. Wide; order is not kept.</summary>
        /// <exception cref="ArgumentOutOfRangeException">The count is below 1.</exception>
        public Rdd<T> Repartition(int partitions)
        {
            PartitionCount.Ensure(partitions);
            return Scatter(nameof(Repartition), partitions);
        }
    }
}
