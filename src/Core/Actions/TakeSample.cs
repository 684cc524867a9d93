using MicroSpark.Actions;
using MicroSpark.Codecs;
using MicroSpark.Plans;
using MicroSpark.Readers;
using MicroSpark.Sampling;

namespace MicroSpark.Actions
{
    /// <summary>A partition's elements at the given places among all elements; a place given twice gives its element twice.</summary>
    internal sealed class TakeAtNode<T>(PlanNode<T> parent, long[] places, long[] starts) : ActionNode<T, T[]>(parent)
    {
        private TakeAtNode(PlanReader reader)
            : this(reader.Parent<T>(), reader.Value<long[]>(), reader.Value<long[]>())
        {
        }

        public override string Operator => "TakeSample";

        protected override bool Shareable => ValueCodec.IsShareable(typeof(T));

        public override void WriteArguments(PlanWriter writer)
        {
            writer.Value(places);
            writer.Value(starts);
        }

        protected override T[] Compute(IPipeline<T> input, int partition, TaskScope scope)
        {
            var first = Positions.FirstFrom(places, starts[partition]);
            var end = Positions.FirstFrom(places, starts[partition + 1]);
            var sink = new TakeAtSink<T>
            { Places = places, Next = first, End = end, Place = starts[partition], Taken = new List<T>(end - first) };
            if (end > first)
            {
                input.Drive(ref sink);
            }

            return sink.Taken.ToArray();
        }
    }

    internal struct TakeAtSink<T> : ISink<T>
    {
        public long[] Places;
        public int Next;
        public int End;
        public long Place;
        public List<T> Taken;

        public bool Add(T item)
        {
            for (; Next < End && Places[Next] == Place; Next++)
            {
                Taken.Add(item);
            }

            Place++;
            return Next < End;
        }
    }
}

namespace MicroSpark
{
    public partial class Rdd<T>
    {
        /// <summary>Spark's limit, ten times the square root of the largest integer below it.</summary>
        private const int LargestSample = 2_147_020_237;

        /// <summary>
        /// Exactly so many elements, drawn at random, in random order; without replacement at most all. Counts first, then reads only the
        /// partitions that have some of the sample. The same seed on the same partitions gives the same elements.
        /// </summary>
        /// <param name="withReplacement">Whether an element may be drawn more than once.</param>
        /// <param name="count">How many, 0 or more.</param>
        /// <param name="seed">By default a random one.</param>
        /// <param name="cancellationToken">Stops the job.</param>
        /// <exception cref="ArgumentOutOfRangeException">The count is negative, or above 2,147,020,237.</exception>
        /// <exception cref="JobFailedException">A task failed for good.</exception>
        public async Task<T[]> TakeSampleAsync(
            bool withReplacement, int count, long? seed = null, CancellationToken cancellationToken = default)
        {
            Runner.EnsureUsable();
            ArgumentOutOfRangeException.ThrowIfNegative(count);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(count, LargestSample);
            if (count == 0)
            {
                return [];
            }

            var chosen = seed ?? SampleRandom.AnySeed;
            var sizes = await RunAllAsync(nameof(TakeSampleAsync), new CountNode<T>(Node), cancellationToken).ConfigureAwait(false);
            var starts = new long[sizes.Length + 1];
            for (var p = 0; p < sizes.Length; p++)
            {
                starts[p + 1] = starts[p] + sizes[p];
            }

            var places = Positions.Draw(starts[^1], count, withReplacement, chosen);
            var partitions = Enumerable.Range(0, sizes.Length)
                .Where(p => Positions.FirstFrom(places, starts[p]) < Positions.FirstFrom(places, starts[p + 1])).ToArray();
            var parts = new T[sizes.Length][];
            await RunAsync(
                nameof(TakeSampleAsync), new TakeAtNode<T>(Node, places, starts), partitions, (partition, part) => parts[partition] = part,
                cancellationToken).ConfigureAwait(false);
            var sample = partitions.SelectMany(p => parts[p]).ToArray();
            Shuffle(sample, new SampleRandom(chosen, stream: 1));
            return sample;
        }

        /// <summary>Fisher and Yates.</summary>
        private static void Shuffle(T[] items, SampleRandom random)
        {
            for (var i = items.Length - 1; i > 0; i--)
            {
                var other = random.NextInt64(i + 1);
                (items[i], items[other]) = (items[other], items[i]);
            }
        }
    }
}
