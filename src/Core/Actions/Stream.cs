using System.Runtime.CompilerServices;
using MicroSpark.Actions;
using MicroSpark.Code;
using MicroSpark.Memory;
using MicroSpark.Plans;
using MicroSpark.Readers;
using MicroSpark.Storage;
using MicroSpark.Tasks;

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
            using var keeper = new ResultKeeper<T>(scope.Memory, scope.Code);
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
        /// The elements as a stream, by partition and then by position, in bounded memory. They wait at the workers, on disk when they are
        /// many. Each request of the consumer brings a frame of about 256 KB. Partitions are computed ahead of the consumer, one at first
        /// and then more, up to the default parallelism. Ending the enumeration stops the work and drops what waits.
        /// </summary>
        public IAsyncEnumerable<T> AsAsyncEnumerable() => StreamAsync(default);

        /// <summary>Makes <c>await foreach (var item in rdd)</c> work.</summary>
        public IAsyncEnumerator<T> GetAsyncEnumerator(CancellationToken cancellationToken = default) =>
            StreamAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);

        private async IAsyncEnumerable<T> StreamAsync([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            Runner.EnsureUsable();
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            await using var jobs = new StreamJobs<T>(this, stop.Token);
            ResultStream? present = null;
            try
            {
                while (await jobs.NextAsync().ConfigureAwait(false) is { } share)
                {
                    present = share.Stream;
                    var frames = new FrameDecoder<T>(CodeSpace.Process);
                    var bytes = 0L;
                    while (await present.NextAsync().ConfigureAwait(false))
                    {
                        var count = frames.Take(present.Header, present.Payload).Length;
                        bytes += present.Payload.Length;
                        for (var i = present.Known; i < count; i++)
                        {
                            cancellationToken.ThrowIfCancellationRequested();
                            yield return frames.Items[i];
                        }
                    }

                    await present.DisposeAsync().ConfigureAwait(false);
                    present = null;
                    jobs.Note(share, bytes);
                }
            }
            finally
            {
                await stop.CancelAsync().ConfigureAwait(false);
                if (present is not null)
                {
                    await present.DisposeAsync().ConfigureAwait(false);
                }
            }
        }
    }
}
