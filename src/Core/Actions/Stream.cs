using System.Runtime.CompilerServices;
using MicroSpark.Actions;
using MicroSpark.Closures;
using MicroSpark.Engine;
using MicroSpark.Memory;
using MicroSpark.Plans;
using MicroSpark.Shuffle;
using MicroSpark.Stages;
using MicroSpark.Storage;

namespace MicroSpark.Actions
{
    /// <summary>A partition's elements for a client that reads them piece by piece: the root of a job's plan, kept as frames.</summary>
    internal sealed class StreamNode<T>(PlanNode<T> parent) : PlanNode<T>(parent), IStageRoot
    {
        private readonly PlanNode<T> _parent = parent;

        private StreamNode(PlanReader reader)
            : this(reader.Parent<T>())
        {
        }

        public override string Operator => "Stream";

        public override OutputKind Output => OutputKind.Result;

        public override void WriteArguments(PlanWriter writer)
        {
        }

        public Block Run(int partition, TaskScope scope)
        {
            using var keeper = new FrameKeeper<T>(scope.Memory, scope.Code);
            var sink = new FrameSink<T>(keeper);
            scope.Pipe(_parent, partition).DriveRuns(ref sink);
            return keeper.Complete();
        }

        public override ChunkReader<T> Open(int partition, TaskScope scope) =>
            throw new InvalidOperationException("An action is the root of its plan and is never opened.");
    }
}

namespace MicroSpark
{
    public partial class Rdd<T>
    {
        /// <summary>
        /// The elements as a stream, by partition and then by position, in bounded memory: they wait at the workers, on disk when they are many, and come a
        /// frame of about 256 KB at a time, as the consumer asks for them. Partitions are computed ahead of the consumer, one at first and
        /// then more, up to the default parallelism. Ending the enumeration stops the work and drops what waits.
        /// </summary>
        public IAsyncEnumerable<T> AsAsyncEnumerable() => StreamAsync(default);

        /// <summary>Makes <c>await foreach (var item in rdd)</c> work.</summary>
        public IAsyncEnumerator<T> GetAsyncEnumerator(CancellationToken cancellationToken = default) =>
            StreamAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);

        private async IAsyncEnumerable<T> StreamAsync([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            Runner.EnsureUsable();
            var total = NumPartitions;
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var computed = new Queue<Task<ResultStream>>();
            ResultStream? present = null;
            try
            {
                var started = 0;
                for (var (partition, ahead) = (0, 1); partition < total; partition++)
                {
                    for (; started < total && started <= partition + ahead; started++)
                    {
                        computed.Enqueue(OpenPartitionAsync(started, stop.Token));
                    }

                    ahead = Math.Min(2 * ahead, Math.Max(1, Runner.DefaultParallelism));
                    present = await computed.Dequeue().ConfigureAwait(false);
                    var frames = new FrameReader<T>(CodeSpace.Process);
                    while (await present.NextAsync().ConfigureAwait(false))
                    {
                        var count = frames.Take(present.Frame, present.Payload).Length;
                        for (var i = present.Known; i < count; i++)
                        {
                            cancellationToken.ThrowIfCancellationRequested();
                            yield return frames.Items[i];
                        }
                    }

                    await present.DisposeAsync().ConfigureAwait(false);
                    present = null;
                }
            }
            finally
            {
                await stop.CancelAsync().ConfigureAwait(false);
                if (present is not null)
                {
                    await present.DisposeAsync().ConfigureAwait(false);
                }

                foreach (var unread in computed)
                {
                    await DropAsync(unread).ConfigureAwait(false);
                }
            }
        }

        private async Task<ResultStream> OpenPartitionAsync(int partition, CancellationToken cancellationToken)
        {
            var plan = PlanEncoder.Encode(new StreamNode<T>(Node));
            var stream = await Runner.OpenAsync(new JobRequest(nameof(AsAsyncEnumerable), plan, [partition]), cancellationToken).ConfigureAwait(false);
            try
            {
                foreach (var checkpoint in plan.Checkpoints)
                {
                    await checkpoint.WriteAsync(cancellationToken).ConfigureAwait(false);
                }

                return stream;
            }
            catch
            {
                await stream.DisposeAsync().ConfigureAwait(false);
                throw;
            }
        }

        /// <summary>What was computed ahead is not wanted any more; how its job ends is of no interest.</summary>
        private static async Task DropAsync(Task<ResultStream> unread)
        {
            await unread.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default).ConfigureAwait(false);
            if (unread.IsCompletedSuccessfully)
            {
                await unread.Result.DisposeAsync().ConfigureAwait(false);
            }
            else
            {
                _ = unread.Exception;
            }
        }
    }
}
