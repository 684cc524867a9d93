using System.Runtime.CompilerServices;
using MicroSpark.Actions;
using MicroSpark.Closures;
using MicroSpark.Plans;
using MicroSpark.Readers;
using MicroSpark.Stages;
using MicroSpark.Tasks;

namespace MicroSpark.Actions
{
    /// <summary>A function over a partition's sequence, for its result or for what it does.</summary>
    internal sealed class RunNode<T, R>(
        PlanNode<T> parent, string operatorName, Closure<Func<IEnumerable<T>, R>> function, bool sideEffects)
        : ActionNode<T, R>(parent)
    {
        private RunNode(PlanReader reader)
            : this(reader.Parent<T>(), reader.Text(), reader.Closure<Func<IEnumerable<T>, R>>(), reader.Boolean())
        {
        }

        public override string Operator => operatorName;

        public override bool SideEffects => sideEffects;

        protected override bool HasStableIdentity => function.HasStableIdentity;

        public override void WriteArguments(PlanWriter writer)
        {
            writer.Text(operatorName);
            writer.Closure(function);
            writer.Boolean(sideEffects);
        }

        protected override R Compute(IPipeline<T> input, int partition, TaskScope scope)
        {
            var f = function.CreateInstance();
            try
            {
                using var section = scope.Progress.User();
                return f(input.Iterate());
            }
            catch (Exception e) when (scope.NoteFailure(e, () => new FaultSite(operatorName, function.DisplayName, null)))
            {
                throw;
            }
        }
    }

    /// <summary>A function on each element, for what it does.</summary>
    internal sealed class ForeachNode<T>(PlanNode<T> parent, Closure<Action<T>> function) : ActionNode<T, bool>(parent)
    {
        private ForeachNode(PlanReader reader)
            : this(reader.Parent<T>(), reader.Closure<Action<T>>())
        {
        }

        public override string Operator => "Foreach";

        public override bool SideEffects => true;

        protected override bool HasStableIdentity => function.HasStableIdentity;

        public override void WriteArguments(PlanWriter writer) => writer.Closure(function);

        protected override bool Compute(IPipeline<T> input, int partition, TaskScope scope)
        {
            var sink = new ForeachSink<T> { Function = function.CreateInstance() };
            input.Drive(ref sink);
            return true;
        }
    }

    internal struct ForeachSink<T> : ISink<T>, IEmittingSink
    {
        public Action<T> Function;

        public readonly Delegate[] Functions => [Function];

        public readonly bool Add(T item)
        {
            Function(item);
            return true;
        }

        public readonly void EmitAdd(StageEmitter emitter, System.Reflection.Emit.LocalBuilder sink, int firstFunction) =>
            emitter.CallOnCurrent(firstFunction);
    }
}

namespace MicroSpark
{
    public partial class Rdd<T>
    {
        /// <summary>
        /// Calls a function on each element, on the workers, for what it does. At least once: an attempt that is repeated calls it again.
        /// Never run speculatively.
        /// </summary>
        /// <exception cref="JobFailedException">A task failed for good.</exception>
        public Task ForeachAsync(Action<T> f, CancellationToken cancellationToken = default)
        {
            var closure = Capture(f, nameof(ForeachAsync));
            return ResultAsync(nameof(ForeachAsync), () => new ForeachNode<T>(Node, closure), ActionFunctions.Done, cancellationToken);
        }

        /// <summary>
        /// Calls an asynchronous function on each element, on the workers, and awaits it before the next: the task's thread waits. At least
        /// once: an attempt that is repeated calls it again.
        /// </summary>
        /// <exception cref="JobFailedException">A task failed for good.</exception>
        [OverloadResolutionPriority(2)]
        public Task ForeachAsync(Func<T, Task> f, CancellationToken cancellationToken = default)
        {
            ArgumentNullException.ThrowIfNull(f);
            return ForeachAsync(new AwaitedFunction<T>(f).Run, cancellationToken);
        }

        /// <summary>
        /// The same with a function that gives a <see cref="ValueTask"/>, which a lambda would otherwise drop without a word.
        /// </summary>
        /// <inheritdoc cref="ForeachAsync(Func{T, Task}, CancellationToken)" />
        [OverloadResolutionPriority(1)]
        public Task ForeachAsync(Func<T, ValueTask> f, CancellationToken cancellationToken = default)
        {
            ArgumentNullException.ThrowIfNull(f);
            return ForeachAsync(new AwaitedValueFunction<T>(f).Run, cancellationToken);
        }

        /// <summary>
        /// Calls a function on each partition's sequence, on the workers, for what it does; also on empty partitions. At least once. What
        /// the function leaves unread is not computed.
        /// </summary>
        /// <exception cref="JobFailedException">A task failed for good.</exception>
        public Task ForeachPartitionAsync(Action<IEnumerable<T>> f, CancellationToken cancellationToken = default)
        {
            ArgumentNullException.ThrowIfNull(f);
            var closure = Capture<Func<IEnumerable<T>, bool>>(new PartitionAction<T>(f).Run, nameof(ForeachPartitionAsync));
            return ResultAsync(
                nameof(ForeachPartitionAsync), () =>
                    new RunNode<T, bool>(Node, "ForeachPartition", closure, sideEffects: true), ActionFunctions.Done, cancellationToken);
        }

        /// <summary>
        /// Calls an asynchronous function on each partition's sequence, on the workers, and awaits it: the task's thread waits. Also on
        /// empty partitions. At least once. The function may read the sequence before and behind its awaits, on one thread at a time,
        /// and not after it has ended. What it leaves unread is not computed.
        /// </summary>
        /// <exception cref="JobFailedException">A task failed for good.</exception>
        [OverloadResolutionPriority(2)]
        public Task ForeachPartitionAsync(Func<IEnumerable<T>, Task> f, CancellationToken cancellationToken = default)
        {
            ArgumentNullException.ThrowIfNull(f);
            return ForeachPartitionAsync(new AwaitedPartition<T>(f).Run, cancellationToken);
        }

        /// <summary>
        /// The same with a function that gives a <see cref="ValueTask"/>, which a lambda would otherwise drop without a word.
        /// </summary>
        /// <inheritdoc cref="ForeachPartitionAsync(Func{IEnumerable{T}, Task}, CancellationToken)" />
        [OverloadResolutionPriority(1)]
        public Task ForeachPartitionAsync(Func<IEnumerable<T>, ValueTask> f, CancellationToken cancellationToken = default)
        {
            ArgumentNullException.ThrowIfNull(f);
            return ForeachPartitionAsync(new AwaitedValuePartition<T>(f).Run, cancellationToken);
        }

        /// <summary>Runs a function on the sequences of some partitions and gives its results in the order asked for.</summary>
        internal Task<R[]> RunJobAsync<R>(
            Func<IEnumerable<T>, R> perPartition, IReadOnlyList<int>? partitions, CancellationToken cancellationToken)
        {
            ElementRules.Check<R>(nameof(RunJobAsync));
            var closure = Capture(perPartition, nameof(RunJobAsync), nameof(perPartition));
            if (partitions is null)
            {
                return ResultAsync(nameof(RunJobAsync), () =>
                    new RunNode<T, R>(Node, "RunJob", closure, sideEffects: false), ActionFunctions.Same, cancellationToken);
            }

            return SomeAsync();

            async Task<R[]> SomeAsync()
            {
                foreach (var partition in partitions)
                {
                    if (partition < 0 || partition >= NumPartitions)
                    {
                        throw new ArgumentOutOfRangeException(
                            nameof(partitions), partition, $"The RDD has the partitions 0 to {NumPartitions - 1}.");
                    }
                }

                var results = new Dictionary<int, R>();
                await RunAsync(
                    nameof(RunJobAsync), new RunNode<T, R>(Node, "RunJob", closure, sideEffects: false),
                    partitions.Distinct().Order().ToArray(),
                    (partition, result) => results[partition] = result, cancellationToken).ConfigureAwait(false);
                return [.. partitions.Select(partition => results[partition])];
            }
        }
    }
}
