using MicroSpark.Operators;
using MicroSpark.Plans;
using MicroSpark.Readers;
using MicroSpark.Stages;

namespace MicroSpark.Operators
{
    /// <summary>
    /// The parents' partitions one after the other. A task's loop goes straight on into the parent that its partition comes from.
    /// </summary>
    internal sealed class UnionNode<T> : PlanNode<T>, IFusedNode
    {
        private int[]? _starts;

        public UnionNode(PlanNode<T>[] parents)
            : base(parents)
        {
        }

        private UnionNode(PlanReader reader)
            : this(Enumerable.Range(0, reader.ParentCount).Select(reader.Parent<T>).ToArray())
        {
        }

        public override string Operator => "Union";

        public override PartitionMap MapOf(int parent) => new PartitionMap.Slice(Starts[parent], Parents[parent].NumPartitions);

        public override void WriteArguments(PlanWriter writer)
        {
        }

        public (PlanNode Node, int Partition) Upstream(int partition)
        {
            // The last parent that starts at or before the partition; empty parents share their successor's start.
            var parent = Array.BinarySearch(Starts, partition);
            parent = parent < 0 ? ~parent - 1 : Array.LastIndexOf(Starts, partition);
            return (Parents[parent], partition - Starts[parent]);
        }

        public Delegate[] CreateFunctions(int partition, TaskScope scope) => [];

        public void Emit(StageEmitter emitter, int firstFunction)
        {
        }

        public object Iterate(object upstream, ReadOnlySpan<Delegate> functions) => upstream;

        public override ChunkReader<T> Open(int partition, TaskScope scope) =>
            throw new InvalidOperationException("Union is part of a chain and is never opened by itself.");

        protected override int CountPartitions() => checked(Parents.Sum(p => p.NumPartitions));

        private int[] Starts
        {
            get
            {
                if (_starts is null)
                {
                    var starts = new int[Parents.Count];
                    for (var i = 1; i < starts.Length; i++)
                    {
                        starts[i] = starts[i - 1] + Parents[i - 1].NumPartitions;
                    }

                    _starts = starts;
                }

                return _starts;
            }
        }
    }

    /// <summary>Partition i holds the partitions i of all parents, which place their pairs alike: the placement stays known.</summary>
    internal sealed class AlignedUnionNode<T>(PlanNode<T>[] parents) : PlanNode<T>(parents)
    {
        private AlignedUnionNode(PlanReader reader)
            : this(Enumerable.Range(0, reader.ParentCount).Select(reader.Parent<T>).ToArray())
        {
        }

        public override string Operator => "Union";

        public override object? Partitioner => Parents[0].Partitioner;

        public override void WriteArguments(PlanWriter writer)
        {
        }

        public override ChunkReader<T> Open(int partition, TaskScope scope) =>
            new ConcatReader<T>(Parents.Select(parent => scope.Pipe((PlanNode<T>)parent, partition).AsReader()));
    }
}

namespace MicroSpark
{
    public partial class Rdd<T>
    {
        /// <summary>
        /// All elements of both, duplicates kept, this one's first. Narrow. The partition counts add up, unless both are known to be placed
        /// by equal partitioners: then count and partitioner stay. What has no partitions is left out of that.
        /// </summary>
        public Rdd<T> Union(Rdd<T> other)
        {
            EnsureSameContext(other);
            return Union(Runner, [this, other]);
        }

        /// <summary><see cref="Union(Rdd{T})"/>.</summary>
        internal static Rdd<T> Union(JobRunner runner, IReadOnlyList<Rdd<T>> rdds)
        {
            var refs = rdds.Select(r => (NodeRef)r.Ref).ToArray();
            return new Rdd<T>(runner, NodeRef.Of("Union", () => UnionOf(rdds.Select(r => r.Node).ToArray()), needsCounts: true, refs));
        }

        private static PlanNode<T> UnionOf(PlanNode<T>[] parents)
        {
            // What has no partitions has no pairs that could be placed otherwise.
            var some = Array.FindAll(parents, static p => p.NumPartitions > 0);
            var partitioner = some.Length > 0 ? some[0].Partitioner : null;
            return partitioner is not null && Array.TrueForAll(some, p => partitioner.Equals(p.Partitioner))
                ? new AlignedUnionNode<T>(some)
                : new UnionNode<T>(parents);
        }
    }
}
