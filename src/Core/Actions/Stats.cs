using System.Numerics;
using MicroSpark.Actions;
using MicroSpark.Plans;
using MicroSpark.Stages;
using MicroSpark.Statistics;

namespace MicroSpark.Actions
{
    /// <summary>Count, moments and extremes of a partition.</summary>
    internal sealed class MomentsNode<T>(PlanNode<T> parent, string operatorName) : ActionNode<T, Moments>(parent)
        where T : struct, INumber<T>
    {
        private MomentsNode(PlanReader reader)
            : this(reader.Parent<T>(), reader.Text()!)
        {
        }

        public override string Operator => operatorName;

        public override void WriteArguments(PlanWriter writer) => writer.Text(operatorName);

        protected override Moments Compute(Pipeline<T> input, int partition, TaskScope scope)
        {
            var sink = new MomentsSink<T> { Moments = Moments.None };
            input.Drive(ref sink);
            return sink.Moments;
        }
    }

    internal struct MomentsSink<T> : ISink<T>
        where T : struct, INumber<T>
    {
        public Moments Moments;

        public bool Add(T item)
        {
            Moments.Add(double.CreateSaturating(item));
            return true;
        }
    }
}

namespace MicroSpark
{
    public static partial class NumericRdd
    {
        /// <summary>Count, mean, sum, variance, standard deviation and extremes in one pass, as doubles.</summary>
        /// <returns>For no numbers: count 0, mean 0, variance NaN.</returns>
        /// <exception cref="InvalidOperationException">The RDD has no partitions.</exception>
        /// <exception cref="JobFailedException">A task failed for good.</exception>
        public static Task<Stats> StatsAsync<T>(this Rdd<T> rdd, CancellationToken cancellationToken = default)
            where T : struct, INumber<T> => StatsAsync(rdd, nameof(StatsAsync), cancellationToken);

        /// <summary>The average; 0 for no numbers. See <see cref="StatsAsync{T}(Rdd{T}, CancellationToken)"/>.</summary>
        public static async Task<double> MeanAsync<T>(this Rdd<T> rdd, CancellationToken cancellationToken = default)
            where T : struct, INumber<T> => (await StatsAsync(rdd, nameof(MeanAsync), cancellationToken).ConfigureAwait(false)).Mean;

        /// <summary>The variance of all numbers (divided by the count). See <see cref="StatsAsync{T}(Rdd{T}, CancellationToken)"/>.</summary>
        public static async Task<double> VarianceAsync<T>(this Rdd<T> rdd, CancellationToken cancellationToken = default)
            where T : struct, INumber<T> => (await StatsAsync(rdd, nameof(VarianceAsync), cancellationToken).ConfigureAwait(false)).Variance;

        /// <summary>The square root of <see cref="VarianceAsync{T}"/>.</summary>
        public static async Task<double> StdevAsync<T>(this Rdd<T> rdd, CancellationToken cancellationToken = default)
            where T : struct, INumber<T> => (await StatsAsync(rdd, nameof(StdevAsync), cancellationToken).ConfigureAwait(false)).Stdev;

        /// <summary>The variance that a sample suggests (divided by the count minus 1). See <see cref="StatsAsync{T}(Rdd{T}, CancellationToken)"/>.</summary>
        public static async Task<double> SampleVarianceAsync<T>(this Rdd<T> rdd, CancellationToken cancellationToken = default)
            where T : struct, INumber<T> => (await StatsAsync(rdd, nameof(SampleVarianceAsync), cancellationToken).ConfigureAwait(false)).SampleVariance;

        /// <summary>The square root of <see cref="SampleVarianceAsync{T}"/>.</summary>
        public static async Task<double> SampleStdevAsync<T>(this Rdd<T> rdd, CancellationToken cancellationToken = default)
            where T : struct, INumber<T> => (await StatsAsync(rdd, nameof(SampleStdevAsync), cancellationToken).ConfigureAwait(false)).SampleStdev;

        private static async Task<Stats> StatsAsync<T>(Rdd<T> rdd, string name, CancellationToken cancellationToken)
            where T : struct, INumber<T>
        {
            ArgumentNullException.ThrowIfNull(rdd);
            var parts = await rdd.RunAllAsync(name, new MomentsNode<T>(rdd.Node, name), cancellationToken).ConfigureAwait(false);
            if (parts.Length == 0)
            {
                throw rdd.EmptyError(name);
            }

            var all = Moments.None;
            foreach (var part in parts)
            {
                all.Merge(part);
            }

            return new Stats(all);
        }
    }
}
