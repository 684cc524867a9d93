using System.Reflection.Emit;
using MicroSpark.Actions;
using MicroSpark.Closures;
using MicroSpark.Codecs;
using MicroSpark.Plans;
using MicroSpark.Readers;
using MicroSpark.Shuffle;
using MicroSpark.Stages;

namespace MicroSpark.Actions
{
    /// <summary>A partition folded into one value, from a zero of its own.</summary>
    internal sealed class FoldNode<T, A>(PlanNode<T> parent, string operatorName, A zero, Closure<Func<A, T, A>> add)
        : ActionNode<T, A>(parent)
    {
        private FoldNode(PlanReader reader)
            : this(reader.Parent<T>(), reader.Text(), default!, reader.Closure<Func<A, T, A>>())
        {
            _encodedZero = reader.Bytes();
        }

        private readonly ReadOnlyMemory<byte> _encodedZero;

        public override string Operator => operatorName;

        protected override bool HasStableIdentity => add.HasStableIdentity;

        public override void WriteArguments(PlanWriter writer)
        {
            writer.Text(operatorName);
            writer.Closure(add);
            writer.Value(zero);
        }

        protected override A Compute(IPipeline<T> input, int partition, TaskScope scope)
        {
            var sink = new FoldSink<T, A> { Value = ValueCodec.Decode<A>(_encodedZero.Span, scope.Code), Function = add.CreateInstance() };
            input.Drive(ref sink);
            return sink.Value;
        }
    }

    /// <summary>A partition reduced to one value; none when it is empty.</summary>
    internal sealed class ReduceNode<T>(PlanNode<T> parent, string operatorName, Closure<Func<T, T, T>> function)
        : ActionNode<T, Optional<T>>(parent)
    {
        private ReduceNode(PlanReader reader)
            : this(reader.Parent<T>(), reader.Text(), reader.Closure<Func<T, T, T>>())
        {
        }

        public override string Operator => operatorName;

        protected override bool HasStableIdentity => function.HasStableIdentity;

        public override void WriteArguments(PlanWriter writer)
        {
            writer.Text(operatorName);
            writer.Closure(function);
        }

        protected override Optional<T> Compute(IPipeline<T> input, int partition, TaskScope scope)
        {
            var sink = new ReduceSink<T> { Function = function.CreateInstance() };
            input.Drive(ref sink);
            return sink.HasValue ? Optional<T>.Some(sink.Value) : Optional<T>.None;
        }
    }

    /// <summary><c>value = f(value, element)</c></summary>
    internal struct FoldSink<T, A> : ISink<T>, IEmittingSink, IBriefSink
    {
        public A Value;
        public Func<A, T, A> Function;

        public readonly Delegate[] Functions => [Function];

        public readonly bool IsBrief => true;

        public bool Add(T item)
        {
            Value = Function(Value, item);
            return true;
        }

        public readonly void EmitAdd(StageEmitter emitter, LocalBuilder sink, int firstFunction)
        {
            var value = typeof(FoldSink<T, A>).GetField(nameof(Value))!;
            emitter.IL.Emit(OpCodes.Ldloca, sink);
            emitter.Call(firstFunction, () =>
            {
                emitter.IL.Emit(OpCodes.Ldloc, sink);
                emitter.IL.Emit(OpCodes.Ldfld, value);
                emitter.IL.Emit(OpCodes.Ldloc, emitter.Current);
            });
            emitter.IL.Emit(OpCodes.Stfld, value);
        }
    }

    /// <summary><c>value = first ? element : f(value, element)</c></summary>
    internal struct ReduceSink<T> : ISink<T>, IEmittingSink, IBriefSink
    {
        public T Value;
        public bool HasValue;
        public Func<T, T, T> Function;

        public readonly Delegate[] Functions => [Function];

        public readonly bool IsBrief => true;

        public bool Add(T item)
        {
            Value = HasValue ? Function(Value, item) : item;
            HasValue = true;
            return true;
        }

        public readonly void EmitAdd(StageEmitter emitter, LocalBuilder sink, int firstFunction)
        {
            var il = emitter.IL;
            var value = typeof(ReduceSink<T>).GetField(nameof(Value))!;
            var hasValue = typeof(ReduceSink<T>).GetField(nameof(HasValue))!;
            var first = il.DefineLabel();
            var end = il.DefineLabel();
            il.Emit(OpCodes.Ldloc, sink);
            il.Emit(OpCodes.Ldfld, hasValue);
            il.Emit(OpCodes.Brfalse, first);
            il.Emit(OpCodes.Ldloca, sink);
            emitter.Call(firstFunction, () =>
            {
                il.Emit(OpCodes.Ldloc, sink);
                il.Emit(OpCodes.Ldfld, value);
                il.Emit(OpCodes.Ldloc, emitter.Current);
            });
            il.Emit(OpCodes.Stfld, value);
            il.Emit(OpCodes.Br, end);
            il.MarkLabel(first);
            il.Emit(OpCodes.Ldloca, sink);
            il.Emit(OpCodes.Ldloc, emitter.Current);
            il.Emit(OpCodes.Stfld, value);
            il.Emit(OpCodes.Ldloca, sink);
            il.Emit(OpCodes.Ldc_I4_1);
            il.Emit(OpCodes.Stfld, hasValue);
            il.MarkLabel(end);
        }
    }
}

namespace MicroSpark.Actions
{
    [EngineFunction]
    internal sealed class ReducedParts<T>(string name, Func<T, T, T> f, string empty)
    {
        public T Of(Optional<T>[] parts)
        {
            var total = Optional<T>.None;
            foreach (var part in parts)
            {
                total = !part.HasValue ? total
                    : total.HasValue ? Optional<T>.Some(Rdd<T>.MergeOnClient(name, f, total.Value, part.Value))
                    : part;
            }

            return total.HasValue ? total.Value : throw new InvalidOperationException(empty);
        }
    }

    [EngineFunction]
    internal sealed class MergedParts<A>(string name, Func<A, A, A> merge, Zero<A> zero)
    {
        public A Of(A[] parts)
        {
            var total = zero.Copy();
            foreach (var part in parts)
            {
                total = Rdd<A>.MergeOnClient(name, merge, total, part);
            }

            return total;
        }
    }
}

namespace MicroSpark
{
    public partial class Rdd<T>
    {
        /// <summary>
        /// Reduces all elements with an associative and commutative function: within each partition in order, then across partitions in
        /// order. A single element never calls it.
        /// </summary>
        /// <exception cref="InvalidOperationException">The RDD is empty.</exception>
        /// <exception cref="JobFailedException">A task failed for good.</exception>
        public Task<T> ReduceAsync(Func<T, T, T> f, CancellationToken cancellationToken = default) =>
            ReduceAsync(nameof(ReduceAsync), f, EmptyMessage(nameof(ReduceAsync)), cancellationToken);

        /// <summary>
        /// Folds all elements. The zero is used once per partition and once on the client, so it should be neutral; each use has a copy of
        /// its own, which the function may change in place.
        /// </summary>
        /// <returns>The zero for an empty RDD.</returns>
        /// <exception cref="JobFailedException">A task failed for good.</exception>
        public Task<T> FoldAsync(T zero, Func<T, T, T> f, CancellationToken cancellationToken = default) =>
            AggregateAsync(nameof(FoldAsync), zero, f, f, cancellationToken);

        /// <summary>
        /// Aggregates all elements: <paramref name="add"/> within a partition, <paramref name="merge"/> across partitions in order. The
        /// zero is used once per partition and once on the client; each use has a copy of its own, which the functions may change in place.
        /// </summary>
        /// <returns>The zero for an empty RDD.</returns>
        /// <exception cref="JobFailedException">A task failed for good.</exception>
        public Task<A> AggregateAsync<A>(A zero, Func<A, T, A> add, Func<A, A, A> merge, CancellationToken cancellationToken = default) =>
            AggregateAsync(nameof(AggregateAsync), zero, add, merge, cancellationToken);

        /// <param name="empty">What is said when there is no element.</param>
        internal Task<T> ReduceAsync(string name, Func<T, T, T> f, string empty, CancellationToken cancellationToken)
        {
            var closure = Capture(f, name);
            return ResultAsync(
                name, () => new ReduceNode<T>(Node, name, closure), new ReducedParts<T>(name, f, empty).Of, cancellationToken);
        }

        internal Task<A> AggregateAsync<A>(string name, A zero, Func<A, T, A> add, Func<A, A, A> merge, CancellationToken cancellationToken)
        {
            ArgumentNullException.ThrowIfNull(merge);
            ElementRules.Check<A>(name);
            var closure = Capture(add, name, nameof(add));
            var start = Zero<A>.Of(zero);
            return ResultAsync(name, () =>
                new FoldNode<T, A>(Node, name, zero, closure), new MergedParts<A>(name, merge, start).Of, cancellationToken);
        }

        /// <summary>The user's function on two partitions' results: its failure is the job's, wherever it runs.</summary>
        internal static A MergeOnClient<A>(string name, Func<A, A, A> merge, A left, A right)
        {
            try
            {
                return merge(left, right);
            }
            catch (Exception e)
            {
                throw new JobFailedException(
                    $"The function of {name} threw while the client merged two partitions' results: {e.Message}", e)
                { Operator = name };
            }
        }
    }
}
