using MicroSpark.Closures;
using MicroSpark.Operators;
using MicroSpark.Plans;
using MicroSpark.Stages;

namespace MicroSpark.Operators
{
    /// <summary>One element for one.</summary>
    internal sealed class MapNode<T, U> : FunctionNode<T, U, Func<T, U>>
    {
        private readonly object? _partitioner;

        /// <param name="partitioner">How the results are placed, where the operator knows it.</param>
        public MapNode(PlanNode<T> parent, string operatorName, Closure<Func<T, U>> function, object? partitioner = null)
            : base(parent, operatorName, function) => _partitioner = partitioner;

        private MapNode(PlanReader reader)
            : base(reader)
        {
        }

        public override object? Partitioner => _partitioner;

        /// <summary>The node whose elements the function takes out again, as after a sort by keys. Known to the client alone.</summary>
        public PlanNode<U>? Origin { private get; init; }

        public override IReadOnlyList<string?>? ElementNames => TupleNames.OfResult(Function.Method);

        public override PlanNode? SameElements => Origin;

        public override void Emit(StageEmitter emitter, int firstFunction)
        {
            emitter.CallOnCurrent(firstFunction);
            emitter.SetCurrent(typeof(U));
        }

        protected override IEnumerable<U> Iterate(IEnumerable<T> upstream, ReadOnlySpan<Delegate> functions) =>
            upstream.Select((Func<T, U>)functions[0]);
    }
}

namespace MicroSpark
{
    public partial class Rdd<T>
    {
        /// <summary>Applies a function to each element. Narrow; keeps order and partition count; the partitioner is lost.</summary>
        /// <exception cref="ClosureNotShippableException">The function holds something that cannot travel.</exception>
        public Rdd<U> Map<U>(Func<T, U> f) => Map(nameof(Map), f);

        /// <summary><see cref="Map{U}(Func{T, U})"/>, for C# query syntax.</summary>
        public Rdd<U> Select<U>(Func<T, U> f) => Map(nameof(Select), f);

        internal Rdd<U> Map<U>(string operatorName, Func<T, U> f)
        {
            var closure = Capture(f, operatorName);
            return Derive(operatorName, parent => new MapNode<T, U>(parent, operatorName, closure));
        }
    }
}
