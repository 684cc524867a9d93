using MicroSpark.Closures;
using MicroSpark.Operators;
using MicroSpark.Plans;
using MicroSpark.Readers;

namespace MicroSpark.Operators
{
    /// <summary>A function of the partition's whole sequence. Called once per partition, also for empty ones.</summary>
    internal sealed class MapPartitionsNode<T, U>(
        PlanNode<T> parent, string operatorName, Closure<Func<int, IEnumerable<T>, IEnumerable<U>>> function, bool preservesPartitioning,
        bool barrier)
        : PlanNode<U>(parent)
    {
        private readonly PlanNode<T> _parent = parent;

        private MapPartitionsNode(PlanReader reader)
            : this(reader.Parent<T>(), reader.Text(), reader.Closure<Func<int, IEnumerable<T>, IEnumerable<U>>>(), reader.Boolean(),
                reader.Boolean())
        {
        }

        public override string Operator => operatorName;

        public override object? Partitioner => preservesPartitioning ? _parent.Partitioner : null;

        public override bool Barrier => barrier;

        protected override bool HasStableIdentity => function.HasStableIdentity;

        public override void WriteArguments(PlanWriter writer)
        {
            writer.Text(operatorName);
            writer.Closure(function);
            writer.Boolean(preservesPartitioning);
            writer.Boolean(barrier);
        }

        public override ChunkReader<U> Open(int partition, TaskScope scope)
        {
            var f = function.CreateInstance();
            return UserSequence.Read(
                () => f(partition, scope.Pipe(_parent, partition).Iterate()), new FaultSite(operatorName, function.DisplayName, null),
                scope);
        }
    }
}

namespace MicroSpark.Operators
{
    /// <summary>A function of a partition's sequence that does not ask which partition it is.</summary>
    [EngineFunction]
    internal sealed class PartitionFunction<T, U>(Func<IEnumerable<T>, IEnumerable<U>> f)
    {
        public IEnumerable<U> Apply(int partition, IEnumerable<T> items) => f(items);
    }

    [EngineFunction]
    internal static class PartitionFunctions
    {
        public static IEnumerable<T[]> ToArray<T>(int partition, IEnumerable<T> items) => [items.ToArray()];
    }
}

namespace MicroSpark
{
    public partial class Rdd<T>
    {
        /// <summary>
        /// Applies a function to each partition's elements as one sequence, read on demand; called once also for an empty partition.
        /// Narrow.
        /// </summary>
        /// <param name="f">Takes the partition's elements in order; what it gives are the new partition's.</param>
        /// <param name="preservesPartitioning">True when the function leaves the keys of pairs as they are: the partitioner is then
        /// kept.</param>
        /// <exception cref="ClosureNotShippableException">The function holds something that cannot travel.</exception>
        public Rdd<U> MapPartitions<U>(Func<IEnumerable<T>, IEnumerable<U>> f, bool preservesPartitioning = false)
        {
            ArgumentNullException.ThrowIfNull(f);
            return MapPartitions<U>(nameof(MapPartitions), new PartitionFunction<T, U>(f).Apply, preservesPartitioning);
        }

        /// <summary>
        /// <see cref="MapPartitions{U}(Func{IEnumerable{T}, IEnumerable{U}}, bool)"/> with the partition's index, from 0.
        /// </summary>
        public Rdd<U> MapPartitionsWithIndex<U>(Func<int, IEnumerable<T>, IEnumerable<U>> f, bool preservesPartitioning = false) =>
            MapPartitions(nameof(MapPartitionsWithIndex), f, preservesPartitioning);

        /// <summary>Each partition's elements as one array, an empty one for an empty partition. Narrow.</summary>
        public Rdd<T[]> Glom() => MapPartitions<T[]>(nameof(Glom), PartitionFunctions.ToArray, preservesPartitioning: false);

        internal Rdd<U> MapPartitions<U>(
            string operatorName, Func<int, IEnumerable<T>, IEnumerable<U>> f, bool preservesPartitioning, bool barrier = false)
        {
            var closure = Capture(f, operatorName);
            return Derive(
                operatorName, parent => new MapPartitionsNode<T, U>(parent, operatorName, closure, preservesPartitioning, barrier));
        }
    }
}
