using System.Reflection.Emit;
using MicroSpark.Closures;
using MicroSpark.Operators;
using MicroSpark.Plans;
using MicroSpark.Stages;

namespace MicroSpark.Operators
{
    /// <summary>The elements for which a predicate holds.</summary>
    internal sealed class FilterNode<T> : FunctionNode<T, T, Func<T, bool>>
    {
        public FilterNode(PlanNode<T> parent, string operatorName, Closure<Func<T, bool>> predicate)
            : base(parent, operatorName, predicate)
        {
        }

        private FilterNode(PlanReader reader)
            : base(reader)
        {
        }

        public override object? Partitioner => Parent.Partitioner;

        public override void Emit(StageEmitter emitter, int firstFunction)
        {
            emitter.CallOnCurrent(firstFunction);
            emitter.IL.Emit(OpCodes.Brfalse, emitter.Continue);
        }

        protected override IEnumerable<T> Iterate(IEnumerable<T> upstream, ReadOnlySpan<Delegate> functions) =>
            upstream.Where((Func<T, bool>)functions[0]);
    }
}

namespace MicroSpark
{
    public partial class Rdd<T>
    {
        /// <summary>Keeps the elements for which the predicate holds. Narrow; keeps order, partition count and partitioner.</summary>
        /// <exception cref="ClosureNotShippableException">The predicate holds something that cannot travel.</exception>
        public Rdd<T> Filter(Func<T, bool> predicate) => Filter(nameof(Filter), predicate);

        /// <summary><see cref="Filter(Func{T, bool})"/>, for C# query syntax.</summary>
        public Rdd<T> Where(Func<T, bool> predicate) => Filter(nameof(Where), predicate);

        private Rdd<T> Filter(string operatorName, Func<T, bool> predicate)
        {
            var closure = Capture(predicate, operatorName, nameof(predicate));
            return Derive(operatorName, parent => new FilterNode<T>(parent, operatorName, closure));
        }
    }
}
