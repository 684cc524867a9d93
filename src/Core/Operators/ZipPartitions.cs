using MicroSpark.Closures;
using MicroSpark.Operators;
using MicroSpark.Plans;
using MicroSpark.Readers;

namespace MicroSpark.Operators
{
    /// <summary>A function of two whole partitions.</summary>
    internal sealed class ZipPartitionsNode<T, U, R>(
        PlanNode<T> first, PlanNode<U> second, Closure<Func<IEnumerable<T>, IEnumerable<U>, IEnumerable<R>>> function,
        bool preservesPartitioning)
        : PlanNode<R>(first, second)
    {
        private readonly PlanNode<T> _first = first;
        private readonly PlanNode<U> _second = second;

        private ZipPartitionsNode(PlanReader reader)
            : this(reader.Parent<T>(0), reader.Parent<U>(1), reader.Closure<Func<IEnumerable<T>, IEnumerable<U>, IEnumerable<R>>>(),
                reader.Boolean())
        {
        }

        public override string Operator => "ZipPartitions";

        public override object? Partitioner => preservesPartitioning ? _first.Partitioner : null;

        protected override bool HasStableIdentity => function.HasStableIdentity;

        public override void WriteArguments(PlanWriter writer)
        {
            writer.Closure(function);
            writer.Boolean(preservesPartitioning);
        }

        public override ChunkReader<R> Open(int partition, TaskScope scope)
        {
            var f = function.CreateInstance();
            return UserSequence.Read(
                () => f(scope.Pipe(_first, partition).Iterate(), scope.Pipe(_second, partition).Iterate()),
                new FaultSite(Operator, function.DisplayName, null), scope);
        }
    }

    /// <summary>A function of three whole partitions.</summary>
    internal sealed class ZipPartitionsNode<T, U, W, R>(
        PlanNode<T> first, PlanNode<U> second, PlanNode<W> third,
        Closure<Func<IEnumerable<T>, IEnumerable<U>, IEnumerable<W>, IEnumerable<R>>> function, bool preservesPartitioning)
        : PlanNode<R>(first, second, third)
    {
        private readonly PlanNode<T> _first = first;
        private readonly PlanNode<U> _second = second;
        private readonly PlanNode<W> _third = third;

        private ZipPartitionsNode(PlanReader reader)
            : this(
                reader.Parent<T>(0), reader.Parent<U>(1), reader.Parent<W>(2),
                reader.Closure<Func<IEnumerable<T>, IEnumerable<U>, IEnumerable<W>, IEnumerable<R>>>(), reader.Boolean())
        {
        }

        public override string Operator => "ZipPartitions";

        public override object? Partitioner => preservesPartitioning ? _first.Partitioner : null;

        protected override bool HasStableIdentity => function.HasStableIdentity;

        public override void WriteArguments(PlanWriter writer)
        {
            writer.Closure(function);
            writer.Boolean(preservesPartitioning);
        }

        public override ChunkReader<R> Open(int partition, TaskScope scope)
        {
            var f = function.CreateInstance();
            return UserSequence.Read(
                () => f(
                    scope.Pipe(_first, partition).Iterate(), scope.Pipe(_second, partition).Iterate(),
                    scope.Pipe(_third, partition).Iterate()),
                new FaultSite(Operator, function.DisplayName, null), scope);
        }
    }
}

namespace MicroSpark
{
    public partial class Rdd<T>
    {
        /// <summary>
        /// Applies a function to the partitions of both that have the same index, each as one sequence that is read on demand. Narrow. The
        /// sequences may differ in length.
        /// </summary>
        /// <param name="other">As many partitions as this one.</param>
        /// <param name="f">Called once per partition, also for empty ones.</param>
        /// <param name="preservesPartitioning">True when the result's pairs are placed as this RDD's: the partitioner is then kept.</param>
        /// <exception cref="ArgumentException">The partition counts differ.</exception>
        /// <exception cref="ClosureNotShippableException">The function holds something that cannot travel.</exception>
        public Rdd<R> ZipPartitions<U, R>(
            Rdd<U> other, Func<IEnumerable<T>, IEnumerable<U>, IEnumerable<R>> f, bool preservesPartitioning = false)
        {
            var closure = Capture(f, nameof(ZipPartitions));
            return Derive<U, R>(
                nameof(ZipPartitions),
                other,
                (first, second) =>
                {
                    EnsureSameCount(nameof(ZipPartitions), first, second);
                    return new ZipPartitionsNode<T, U, R>(first, second, closure, preservesPartitioning);
                },
                needsCounts: true);
        }

        /// <summary><see cref="ZipPartitions{U, R}"/> of three.</summary>
        public Rdd<R> ZipPartitions<U, W, R>(
            Rdd<U> second, Rdd<W> third, Func<IEnumerable<T>, IEnumerable<U>, IEnumerable<W>, IEnumerable<R>> f,
            bool preservesPartitioning = false)
        {
            EnsureSameContext(second);
            EnsureSameContext(third);
            var closure = Capture(f, nameof(ZipPartitions));
            PlanNode<R> Build()
            {
                EnsureSameCount(nameof(ZipPartitions), Node, second.Node);
                EnsureSameCount(nameof(ZipPartitions), Node, third.Node);
                return new ZipPartitionsNode<T, U, W, R>(Node, second.Node, third.Node, closure, preservesPartitioning);
            }

            return new Rdd<R>(Runner, NodeRef.Of(nameof(ZipPartitions), Build, needsCounts: true, Ref, second.Ref, third.Ref));
        }
    }
}
