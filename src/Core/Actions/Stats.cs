using System.Numerics;
using MicroSpark.Actions;
using MicroSpark.Closures;
using MicroSpark.Plans;
using MicroSpark.Readers;
using MicroSpark.Stages;
using MicroSpark.Statistics;

namespace MicroSpark.Actions
{
    /// <summary>Count, moments and extremes of a partition.</summary>
    internal sealed class MomentsNode<T>(PlanNode<T> parent, string operatorName) : ActionNode<T, Moments>(parent)
        where T : struct, INumber<T>
    {
        private MomentsNode(PlanReader reader)
            : this(reader.Parent<T>(), reader.Text())
        {
        }

        public override string Operator => operatorName;

        public override void WriteArguments(PlanWriter writer) => writer.Text(operatorName);

        protected override Moments Compute(IPipeline<T> input, int partition, TaskScope scope)
        {
            var sink = new MomentsSink<T> { Moments = Moments.None };
            input.Drive(ref sink);
            return sink.Moments;
        }
    }

    internal struct MomentsSink<T> : ISink<T>, IBriefSink
        where T : struct, INumber<T>
    {
        public Moments Moments;

        public readonly bool IsBrief => typeof(T).IsPrimitive;

        public bool Add(T item)
        {
            Moments.Add(double.CreateSaturating(item));
            return true;
        }
    }
}

namespace MicroSpark.Actions
{
    [EngineFunction]
    internal sealed class MergedMoments<R>(Func<Moments, R> result, string empty)
    {
        public R Of(Moments[] parts)
        {
            if (parts.Length == 0)
            {
                throw new InvalidOperationException(empty);
            }

            var all = Moments.None;
            foreach (var part in parts)
            {
                all.Merge(part);
            }

            return result(all);
        }
    }

    [EngineFunction]
    internal static class StatsFunctions
    {
        public static Stats All(Moments all) => new(all);

        public static double Mean(Moments all) => new Stats(all).Mean;

        public static double Variance(Moments all) => new Stats(all).Variance;

        public static double Stdev(Moments all) => new Stats(all).Stdev;

        public static double SampleVariance(Moments all) => new Stats(all).SampleVariance;

        public static double SampleStdev(Moments all) => new Stats(all).SampleStdev;
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
            where T : struct, INumber<T> => MomentsAsync(rdd, nameof(StatsAsync), StatsFunctions.All, cancellationToken);

        /// <summary>The average; 0 for no numbers. See <see cref="StatsAsync{T}(Rdd{T}, CancellationToken)"/>.</summary>
        public static Task<double> MeanAsync<T>(this Rdd<T> rdd, CancellationToken cancellationToken = default)
            where T : struct, INumber<T> => MomentsAsync(rdd, nameof(MeanAsync), StatsFunctions.Mean, cancellationToken);

        /// <summary>
        /// The variance of all numbers (divided by the count). See <see cref="StatsAsync{T}(Rdd{T}, CancellationToken)"/>.
        /// </summary>
        public static Task<double> VarianceAsync<T>(this Rdd<T> rdd, CancellationToken cancellationToken = default)
            where T : struct, INumber<T> =>
                MomentsAsync(rdd, nameof(VarianceAsync), StatsFunctions.Variance, cancellationToken);

        /// <summary>The square root of <see cref="VarianceAsync{T}"/>.</summary>
        public static Task<double> StdevAsync<T>(this Rdd<T> rdd, CancellationToken cancellationToken = default)
            where T : struct, INumber<T> => MomentsAsync(rdd, nameof(StdevAsync), StatsFunctions.Stdev, cancellationToken);

        /// <summary>
        /// The variance that a sample suggests (divided by the count minus 1). See <see cref="StatsAsync{T}(Rdd{T}, CancellationToken)"/>.
        /// </summary>
        public static Task<double> SampleVarianceAsync<T>(this Rdd<T> rdd, CancellationToken cancellationToken = default)
            where T : struct, INumber<T> =>
                MomentsAsync(rdd, nameof(SampleVarianceAsync), StatsFunctions.SampleVariance, cancellationToken);

        /// <summary>The square root of <see cref="SampleVarianceAsync{T}"/>.</summary>
        public static Task<double> SampleStdevAsync<T>(this Rdd<T> rdd, CancellationToken cancellationToken = default)
            where T : struct, INumber<T> =>
                MomentsAsync(rdd, nameof(SampleStdevAsync), StatsFunctions.SampleStdev, cancellationToken);

        private static Task<R> MomentsAsync<T, R>(Rdd<T> rdd, string name, Func<Moments, R> result, CancellationToken cancellationToken)
            where T : struct, INumber<T>
        {
            ArgumentNullException.ThrowIfNull(rdd);
            var empty = rdd.EmptyMessage(name);
            return rdd.ResultAsync(
                name, () => new MomentsNode<T>(rdd.Node, name), new MergedMoments<R>(result, empty).Of, cancellationToken);
        }
    }
}
