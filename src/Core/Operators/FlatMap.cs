using System.Reflection.Emit;
using MicroSpark.Closures;
using MicroSpark.Operators;
using MicroSpark.Plans;
using MicroSpark.Stages;
using MicroSpark.Stopping;

namespace MicroSpark.Operators
{
    /// <summary>Any number of elements for one: an inner loop over what the function gave.</summary>
    internal sealed class FlatMapNode<T, U> : FunctionNode<T, U, Func<T, IEnumerable<U>>>, IExpandingNode, IThrowingNode
    {
        public FlatMapNode(PlanNode<T> parent, string operatorName, Closure<Func<T, IEnumerable<U>>> function)
            : base(parent, operatorName, function)
        {
        }

        private FlatMapNode(PlanReader reader)
            : base(reader)
        {
        }

        public override IReadOnlyList<string?>? ElementNames => TupleNames.OfResult(Function.Method);

        public override void Emit(StageEmitter emitter, int firstFunction)
        {
            var item = emitter.Current;
            emitter.OpenFlatMap(firstFunction, () => emitter.IL.Emit(OpCodes.Ldloc, item), typeof(U), isResult: true);
        }

        protected override IEnumerable<U> Iterate(IEnumerable<T> upstream, ReadOnlySpan<Delegate> functions) =>
            Iterate(upstream, (Func<T, IEnumerable<U>>)functions[0]);

        private static IEnumerable<U> Iterate(IEnumerable<T> upstream, Func<T, IEnumerable<U>> f)
        {
            var task = TaskProgress.Current;
            foreach (var item in upstream)
            {
                foreach (var inner in FlatMapBuffer<U>.NotNull(f(item)))
                {
                    yield return inner;
                    task.ThrowIfStopped();
                }
            }
        }
    }
}

namespace MicroSpark.Operators
{
    /// <summary>What two <c>from</c> clauses make of an element of the first one.</summary>
    [EngineFunction]
    internal sealed class InnerItems<T, C, R>(Func<T, IEnumerable<C>> collection, Func<T, C, R> result)
    {
        public IEnumerable<R> Of(T item) => collection(item).Select(inner => result(item, inner));
    }
}

namespace MicroSpark
{
    public partial class Rdd<T>
    {
        /// <summary>
        /// Applies a function that gives any number of elements for each. Narrow; keeps order and partition count; the partitioner is lost.
        /// An array or a <see cref="List{T}"/> is read without an enumerator.
        /// </summary>
        /// <exception cref="ClosureNotShippableException">The function holds something that cannot travel.</exception>
        public Rdd<U> FlatMap<U>(Func<T, IEnumerable<U>> f) => FlatMap(nameof(FlatMap), f);

        /// <summary><see cref="FlatMap{U}(Func{T, IEnumerable{U}})"/>, for C# query syntax.</summary>
        public Rdd<U> SelectMany<U>(Func<T, IEnumerable<U>> f) => FlatMap(nameof(SelectMany), f);

        /// <summary>Pairs each element with those of a sequence made from it, for C# query syntax with two <c>from</c> clauses.</summary>
        public Rdd<R> SelectMany<C, R>(Func<T, IEnumerable<C>> collection, Func<T, C, R> result)
        {
            ArgumentNullException.ThrowIfNull(collection);
            ArgumentNullException.ThrowIfNull(result);
            return FlatMap(nameof(SelectMany), new InnerItems<T, C, R>(collection, result).Of);
        }

        internal Rdd<U> FlatMap<U>(string operatorName, Func<T, IEnumerable<U>> f)
        {
            var closure = Capture(f, operatorName);
            return Derive(operatorName, parent => new FlatMapNode<T, U>(parent, operatorName, closure));
        }
    }
}
