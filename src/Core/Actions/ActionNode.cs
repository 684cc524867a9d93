using MicroSpark.Actions;
using MicroSpark.Code;
using MicroSpark.Codecs;
using MicroSpark.Memory;
using MicroSpark.Plans;
using MicroSpark.Readers;
using MicroSpark.Storage;

namespace MicroSpark.Actions
{
    /// <summary>
    /// What an action does with one partition on a worker: the root of a job's plan. The client puts the results together.
    /// </summary>
    internal abstract class ActionNode<T, R>(PlanNode<T> parent) : PlanNode<R>(parent), IStageRoot
    {
        private readonly PlanNode<T> _parent = parent;
        private bool _isPart;

        /// <summary>
        /// A result goes to the client. A part of a submitted action's result is kept instead: a later task joins the parts.
        /// </summary>
        public sealed override OutputKind Output => _isPart ? OutputKind.Shuffle : OutputKind.Result;

        /// <summary>A side effect happens once for each action: the output of an earlier action must not stand for it.</summary>
        protected sealed override bool IsUnique => _isPart && SideEffects;

        /// <summary>Makes this an input of a <see cref="FinishNode{P, R}"/> instead of a plan's root.</summary>
        public ActionNode<T, R> AsPart()
        {
            _isPart = true;
            return this;
        }

        /// <summary>Whether a client in this process may have the result itself; otherwise it gets a copy.</summary>
        protected virtual bool Shareable => ValueCodec.IsShareable(typeof(R));

        protected abstract R Compute(IPipeline<T> input, int partition, TaskScope scope);

        public Block Run(int partition, TaskScope scope)
        {
            try
            {
                var result = Compute(scope.Pipe(_parent, partition), partition, scope);
                return Skeleton.Output == OutputKind.Shuffle ? new BucketBlock<R>([result], 1) : new ResultBlock<R>(result, Shareable);
            }
            catch (ResultTooLargeException e)
            {
                return new DroppedResult(e.Bytes);
            }
        }

        public sealed override ChunkReader<R> Open(int partition, TaskScope scope) =>
            throw new InvalidOperationException("An action is the root of its plan and is never opened.");
    }
}

namespace MicroSpark
{
    public partial class Rdd<T>
    {
        /// <summary>
        /// Runs an action on some partitions (null: all); each result is handed over once, as it comes. With no partitions nothing runs at
        /// all.
        /// </summary>
        internal async Task RunAsync<R>(
            string name, ActionNode<T, R> action, IReadOnlyList<int>? partitions, Action<int, R> onResult,
            CancellationToken cancellationToken)
        {
            Runner.EnsureUsable();
            cancellationToken.ThrowIfCancellationRequested();
            if (partitions is { Count: 0 })
            {
                return;
            }

            var plan = PlanEncoder.Encode(action);
            if (action.NumPartitions > 0)
            {
                await Runner.RunAsync(
                    new JobRequest(name, plan, partitions),
                    result => onResult(
                        result.Partition,
                        result.ByReference ? (R)result.Value! : ValueCodec.Decode<R>(result.Encoded.Span, CodeSpace.Process)),
                    cancellationToken).ConfigureAwait(false);
            }

            // Also of what has no partitions: it is as much as there is.
            foreach (var checkpoint in plan.Checkpoints)
            {
                await checkpoint.WriteAsync(cancellationToken).ConfigureAwait(false);
            }
        }

        /// <summary>
        /// Runs an action on all partitions and puts their results together: here, or on a worker when the action is submitted.
        /// </summary>
        /// <param name="action">Made here: it may list files, and what goes wrong with them is the action's failure.</param>
        /// <param name="finish">Gets the results by partition. Everything that it captures can travel.</param>
        internal Task<A> ResultAsync<R, A>(
            string name, Func<ActionNode<T, R>> action, Func<R[], A> finish, CancellationToken cancellationToken)
        {
            return Runner.Capture is { } capture ? Captured(capture) : FinishAsync();

            async Task<A> FinishAsync()
            {
                Runner.EnsureUsable();
                return finish(await RunAllAsync(name, action(), cancellationToken).ConfigureAwait(false));
            }

            Task<A> Captured(ActionCapture capture) => capture.Take<A>(
                new CapturedAction(name, FinishNode<R, A>.Encode(name, action().AsPart(), finish), typeof(A), Joined: false));
        }

        /// <summary>Runs an action on all partitions and gives its results by partition.</summary>
        internal async Task<R[]> RunAllAsync<R>(string name, ActionNode<T, R> action, CancellationToken cancellationToken)
        {
            Runner.EnsureUsable();
            var results = new R[action.NumPartitions];
            await RunAsync(name, action, null, (partition, result) => results[partition] = result, cancellationToken).ConfigureAwait(false);
            return results;
        }
    }
}
