using MicroSpark.Model;
using MicroSpark.Plans;
using MicroSpark.Readers;

namespace MicroSpark.Sources
{
    /// <summary>Numbers, sliced arithmetically and never materialised.</summary>
    internal sealed class RangeNode(long start, long step, Int128 count, int partitions) : PlanNode<long>
    {
        private RangeNode(PlanReader reader)
            : this(reader.Int64(), reader.Int64(), new Int128((ulong)reader.Int64(), (ulong)reader.Int64()), reader.Int32())
        {
        }

        public override string Operator => "Range";

        /// <summary>A half-open range; empty when the step leads away from the end.</summary>
        public static RangeNode Of(long start, long end, long step, int partitions)
        {
            var span = (Int128)end - start;
            var count = span == 0 || (span > 0) != (step > 0) ? 0 : ((span < 0 ? -span : span) + Int128.Abs(step) - 1) / Int128.Abs(step);
            return new RangeNode(start, step, count, partitions);
        }

        public override void WriteArguments(PlanWriter writer)
        {
            writer.Int64(start);
            writer.Int64(step);
            writer.Int64((long)(ulong)(count >> 64));
            writer.Int64((long)(ulong)count);
            writer.Int32(partitions);
        }

        public override ChunkReader<long> Open(int partition, TaskScope scope)
        {
            var first = count * partition / partitions;
            var end = count * (partition + 1) / partitions;
            return new RangeReader((long)(start + (first * step)), step, checked((long)(end - first)));
        }

        protected override int CountPartitions() => partitions;
    }

    /// <summary>No partitions at all.</summary>
    internal sealed class EmptyNode<T> : PlanNode<T>
    {
        public EmptyNode()
        {
        }

        private EmptyNode(PlanReader reader) => _ = reader;

        public override string Operator => "Empty";

        public override void WriteArguments(PlanWriter writer)
        {
        }

        public override ChunkReader<T> Open(int partition, TaskScope scope) =>
            throw new InvalidOperationException("An empty RDD has no partition to open.");

        protected override int CountPartitions() => 0;
    }
}

namespace MicroSpark.Sources
{
    /// <summary>The sources, for the context to offer.</summary>
    internal static partial class Source
    {
        public static Rdd<long> Range(JobRunner runner, long start, long end, long step, int? partitions)
        {
            runner.EnsureUsable();
            if (step == 0)
            {
                throw new ArgumentOutOfRangeException(nameof(step), step, "A range needs a step other than 0.");
            }

            PartitionCount.Ensure(partitions);
            return new Rdd<long>(
                runner, NodeRef.Of(
                    "Range", () => RangeNode.Of(start, end, step, partitions ?? runner.DefaultParallelism), needsCounts: false));
        }

        public static Rdd<T> Empty<T>(JobRunner runner)
        {
            runner.EnsureUsable();
            return new Rdd<T>(runner, NodeRef.Of("Empty", () => new EmptyNode<T>(), needsCounts: false));
        }

        public static Rdd<T> Union<T>(JobRunner runner, IEnumerable<Rdd<T>> rdds)
        {
            runner.EnsureUsable();
            ArgumentNullException.ThrowIfNull(rdds);
            var list = rdds.ToArray();
            foreach (var rdd in list)
            {
                ArgumentNullException.ThrowIfNull(rdd, nameof(rdds));
                if (!ReferenceEquals(rdd.Runner, runner))
                {
                    throw new ArgumentException("All RDDs of a union must come from this context.", nameof(rdds));
                }
            }

            return list.Length == 0 ? Empty<T>(runner) : Rdd<T>.Union(runner, list);
        }
    }
}
