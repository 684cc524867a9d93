using MicroSpark.Actions;
using MicroSpark.Codecs;
using MicroSpark.Memory;
using MicroSpark.Plans;
using MicroSpark.Readers;
using MicroSpark.Stages;

namespace MicroSpark.Actions
{
    /// <summary>A partition's elements, or the first few.</summary>
    internal sealed class CollectNode<T>(PlanNode<T> parent, int limit) : ActionNode<T, T[]>(parent)
    {
        private CollectNode(PlanReader reader)
            : this(reader.Parent<T>(), reader.Int32())
        {
        }

        public override string Operator => "Collect";

        /// <summary>The array is the task's own; its elements must be such that nobody can change them.</summary>
        protected override bool Shareable => ValueCodec.IsShareable(typeof(T));

        public override void WriteArguments(PlanWriter writer) => writer.Int32(limit);

        protected override T[] Compute(IPipeline<T> input, int partition, TaskScope scope)
        {
            if (limit == int.MaxValue)
            {
                var all = new BufferSink<T> { Items = [], Most = scope.Task.MaxResultSize };
                input.DriveRuns(ref all);
                return Trim(all.Items, all.Count);
            }

            var some = new LimitSink<T> { Items = new T[Math.Min(limit, 1024)], Limit = limit, Most = scope.Task.MaxResultSize };
            if (limit > 0)
            {
                input.Drive(ref some);
            }

            return Trim(some.Items, some.Count);
        }

        private static T[] Trim(T[] items, int count)
        {
            Array.Resize(ref items, count);
            return items;
        }
    }

    /// <summary>Collects elements until there are enough.</summary>
    internal struct LimitSink<T> : ISink<T>
    {
        public T[] Items;
        public int Count;
        public int Limit;
        public long Most;

        public bool Add(T item)
        {
            if (Count == Items.Length)
            {
                ResultTooLargeException.ThrowIfAbove(Most, Items.AsSpan(0, Count), default);
                Array.Resize(ref Items, (int)Math.Min(Limit, 2L * Count));
            }

            Items[Count++] = item;
            return Count < Limit;
        }
    }
}

namespace MicroSpark
{
    public partial class Rdd<T>
    {
        /// <summary>
        /// All elements, by partition and then by position. They must fit into the client's memory: for more, read them with
        /// <see cref="AsAsyncEnumerable"/> or save them.
        /// </summary>
        /// <exception cref="JobFailedException">A task failed for good, or the elements take more than
        /// <see cref="MicroSparkOptions.MaxResultSize"/>.</exception>
        public Task<T[]> CollectAsync(CancellationToken cancellationToken = default)
        {
            return Runner.Capture is { } capture
                ? capture.Take<T[]>(new CapturedAction(
                    nameof(CollectAsync), PlanEncoder.Encode(new CollectNode<T>(Node, int.MaxValue)), typeof(T[]), Joined: true))
                : JoinedAsync();

            async Task<T[]> JoinedAsync() =>
                Concatenate(
                    await RunAllAsync(nameof(CollectAsync), new CollectNode<T>(Node, int.MaxValue), cancellationToken).ConfigureAwait(
                        false));
        }

        /// <summary>The elements of all partitions, one after the other.</summary>
        internal static T[] Concatenate(T[][] parts)
        {
            if (parts.Length == 1)
            {
                return parts[0];
            }

            var all = new T[checked((int)parts.Sum(p => (long)p.Length))];
            var at = 0;
            foreach (var part in parts)
            {
                part.CopyTo(all, at);
                at += part.Length;
            }

            return all;
        }

        /// <summary>
        /// The first elements, by partition and then by position. Partitions are computed one after the other, then in growing numbers,
        /// until there are enough: later ones are not touched.
        /// </summary>
        /// <param name="count">How many; 0 or less gives none and runs nothing.</param>
        /// <param name="cancellationToken">Stops the job.</param>
        /// <exception cref="JobFailedException">A task failed for good.</exception>
        public async Task<T[]> TakeAsync(int count, CancellationToken cancellationToken = default)
        {
            Runner.EnsureUsable();
            if (count <= 0)
            {
                return [];
            }

            const int ScaleUp = 4;
            var taken = new List<T>();
            var total = NumPartitions;
            for (var scanned = 0; scanned < total && taken.Count < count;)
            {
                // Nothing found: four times as many as were scanned. Something: what is missing by the yield so far and half more, at most
                // four times.
                var more = scanned == 0 ? 1
                    : taken.Count == 0 ? scanned * (long)ScaleUp
                    : Math.Clamp((long)Math.Ceiling(1.5 * count * scanned / taken.Count) - scanned, 1, scanned * (long)ScaleUp);
                var partitions = Enumerable.Range(scanned, (int)Math.Min(more, total - scanned)).ToArray();
                var left = count - taken.Count;
                var parts = new T[partitions.Length][];
                var first = scanned;
                await RunAsync(
                    nameof(TakeAsync), new CollectNode<T>(Node, left), partitions, (partition, part) => parts[partition - first] = part,
                    cancellationToken).ConfigureAwait(false);
                foreach (var part in parts)
                {
                    taken.AddRange(part.AsSpan(0, Math.Min(part.Length, count - taken.Count)));
                }

                scanned += partitions.Length;
            }

            return taken.ToArray();
        }

        /// <summary>The first element, by partition and then by position.</summary>
        /// <exception cref="InvalidOperationException">The RDD is empty.</exception>
        public async Task<T> FirstAsync(CancellationToken cancellationToken = default)
        {
            var first = await TakeAsync(1, cancellationToken).ConfigureAwait(false);
            return first.Length > 0 ? first[0] : throw EmptyError(nameof(FirstAsync));
        }

        /// <summary>Whether there is no element. Computes as few partitions as <see cref="TakeAsync"/> with 1 does.</summary>
        public async Task<bool> IsEmptyAsync(CancellationToken cancellationToken = default) =>
            (await TakeAsync(1, cancellationToken).ConfigureAwait(false)).Length == 0;

        internal InvalidOperationException EmptyError(string action) => new(EmptyMessage(action));

        internal string EmptyMessage(string action) =>
            $"{action} needs at least one element, and '{Name}' is empty. Ask IsEmptyAsync first, or use FoldAsync or TakeAsync.";
    }
}
