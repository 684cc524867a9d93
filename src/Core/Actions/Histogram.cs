using System.Numerics;
using MicroSpark.Actions;
using MicroSpark.Closures;
using MicroSpark.Plans;
using MicroSpark.Readers;

namespace MicroSpark.Actions
{
    /// <summary>How many of a partition's numbers fall between neighbouring edges.</summary>
    internal sealed class HistogramNode<T>(PlanNode<T> parent, double[] edges, bool even) : ActionNode<T, long[]>(parent)
        where T : struct, INumber<T>
    {
        private HistogramNode(PlanReader reader)
            : this(reader.Parent<T>(), reader.Value<double[]>(), reader.Boolean())
        {
        }

        public override string Operator => "Histogram";

        public override void WriteArguments(PlanWriter writer)
        {
            writer.Value(edges);
            writer.Boolean(even);
        }

        protected override long[] Compute(IPipeline<T> input, int partition, TaskScope scope)
        {
            var sink = new HistogramSink<T> { Edges = edges, Even = even, Counts = new long[edges.Length - 1] };
            input.Drive(ref sink);
            return sink.Counts;
        }
    }

    internal struct HistogramSink<T> : ISink<T>
        where T : struct, INumber<T>
    {
        public double[] Edges;
        public bool Even;
        public long[] Counts;

        public readonly bool Add(T item)
        {
            var number = double.CreateSaturating(item);
            var (first, last) = (Edges[0], Edges[^1]);
            if (double.IsNaN(last))
            {
                AddToOpenEnd(number);
            }
            else if (number >= first && number <= last)
            {
                // Even ranges are found by arithmetic; a number that rounding puts at the end belongs to the last one, as the end itself
                // does.
                var range = Even ? (int)((number - first) / (last - first) * Counts.Length) : RangeOf(number);
                Counts[Math.Min(range, Counts.Length - 1)]++;
            }

            return true;
        }

        /// <summary>NaN as the last edge is greater than all numbers: the last range has no end, and NaN is in it.</summary>
        private readonly void AddToOpenEnd(double number)
        {
            if (double.IsNaN(number) || number >= Edges[^2])
            {
                Counts[^1]++;
            }
            else if (number >= Edges[0])
            {
                Counts[RangeOf(number)]++;
            }
        }

        private readonly int RangeOf(double number)
        {
            var found = Array.BinarySearch(Edges, 0, double.IsNaN(Edges[^1]) ? Edges.Length - 1 : Edges.Length, number);
            return found >= 0 ? found : ~found - 1;
        }
    }
}

namespace MicroSpark.Actions
{
    [EngineFunction]
    internal sealed class RangeTotals(int ranges)
    {
        public long[] Of(long[][] parts)
        {
            var totals = new long[ranges];
            foreach (var part in parts)
            {
                for (var i = 0; i < ranges; i++)
                {
                    totals[i] += part[i];
                }
            }

            return totals;
        }
    }
}

namespace MicroSpark
{
    public static partial class NumericRdd
    {
        /// <summary>Counts the numbers in ranges of equal width between the smallest and the largest. Two passes.</summary>
        /// <param name="rdd">The numbers.</param>
        /// <param name="buckets">How many ranges, 1 or more. One comes out when all numbers are equal.</param>
        /// <param name="cancellationToken">Stops the job.</param>
        /// <exception cref="InvalidOperationException">There are no numbers, or one is NaN or infinite.</exception>
        /// <exception cref="JobFailedException">A task failed for good.</exception>
        public static async Task<Histogram> HistogramAsync<T>(this Rdd<T> rdd, int buckets, CancellationToken cancellationToken = default)
            where T : struct, INumber<T>
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(buckets, 1);
            var stats = await MomentsAsync(rdd, nameof(HistogramAsync), StatsFunctions.All, cancellationToken).ConfigureAwait(false);
            if (stats.Count == 0)
            {
                throw rdd.EmptyError(nameof(HistogramAsync));
            }

            var (min, max) = (stats.Min, stats.Max);
            if (!double.IsFinite(max - min))
            {
                throw new InvalidOperationException(
                    $"{nameof(HistogramAsync)} needs finite numbers to find its ranges; they go from {min} to {max}. Filter the others "
                    + $"out, or give the edges.");
            }

            var edges = min == max
                ? [min, max]
                : Enumerable.Range(0, buckets).Select(i => min + (i * (max - min) / buckets)).Append(max).ToArray();
            return new Histogram(edges, await CountRangesAsync(rdd, edges, even: min != max, cancellationToken).ConfigureAwait(false));
        }

        /// <summary>
        /// Counts the numbers between neighbouring edges: from one inclusive to the next exclusive, the last one inclusive. Numbers
        /// outside, and NaN, are not counted, unless the last edge is NaN: then the last range has no end, and NaN is in it.
        /// </summary>
        /// <param name="rdd">The numbers.</param>
        /// <param name="edges">Two or more, strictly ascending; the last one may be NaN.</param>
        /// <param name="cancellationToken">Stops the job.</param>
        /// <exception cref="ArgumentException">There are fewer than two edges, or they do not ascend.</exception>
        /// <exception cref="JobFailedException">A task failed for good.</exception>
        public static Task<long[]> HistogramAsync<T>(this Rdd<T> rdd, double[] edges, CancellationToken cancellationToken = default)
            where T : struct, INumber<T>
        {
            ArgumentNullException.ThrowIfNull(rdd);
            ArgumentNullException.ThrowIfNull(edges);
            var ascending = edges.Length > 0 && double.IsNaN(edges[^1]) ? edges[..^1] : edges;
            if (edges.Length < 2 || double.IsNaN(edges[0])
                || !ascending.Zip(ascending.Skip(1)).All(static pair => pair.First < pair.Second))
            {
                throw new ArgumentException("A histogram needs two or more edges that ascend strictly.", nameof(edges));
            }

            return CountRangesAsync(rdd, [.. edges], even: false, cancellationToken);
        }

        private static Task<long[]> CountRangesAsync<T>(Rdd<T> rdd, double[] edges, bool even, CancellationToken cancellationToken)
            where T : struct, INumber<T>
        {
            var ranges = edges.Length - 1;
            return rdd.ResultAsync(
                nameof(HistogramAsync), () =>
                    new HistogramNode<T>(rdd.Node, edges, even), new RangeTotals(ranges).Of, cancellationToken);
        }
    }
}
