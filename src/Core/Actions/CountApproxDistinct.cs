using MicroSpark.Actions;
using MicroSpark.Closures;
using MicroSpark.Hashing;
using MicroSpark.Plans;
using MicroSpark.Readers;
using MicroSpark.Shuffle;
using MicroSpark.Statistics;

namespace MicroSpark.Actions
{
    /// <summary>A sketch of a partition's different elements.</summary>
    internal sealed class SketchNode<T>(PlanNode<T> parent, int precision) : ActionNode<T, HyperLogLog>(parent)
    {
        private SketchNode(PlanReader reader)
            : this(reader.Parent<T>(), reader.Int32())
        {
        }

        public override string Operator => "CountApproxDistinct";

        /// <summary>The task made it and nobody else has it.</summary>
        protected override bool Shareable => true;

        public override void WriteArguments(PlanWriter writer) => writer.Int32(precision);

        protected override HyperLogLog Compute(IPipeline<T> input, int partition, TaskScope scope)
        {
            StableHash<T>.Prepare();
            var sink = new SketchSink<T> { Sketch = new HyperLogLog(precision) };
            input.Drive(ref sink);
            return sink.Sketch;
        }
    }

    internal struct SketchSink<T> : ISink<T>
    {
        public HyperLogLog Sketch;

        public readonly bool Add(T item)
        {
            Sketch.Add(StableHash<T>.Of(item));
            return true;
        }
    }
}

namespace MicroSpark.Actions
{
    [EngineFunction]
    internal sealed class MergedSketch(int precision)
    {
        public long Estimate(HyperLogLog[] parts)
        {
            var all = new HyperLogLog(precision);
            foreach (var part in parts)
            {
                all.Merge(part);
            }

            return all.Estimate();
        }
    }

    [EngineFunction]
    internal sealed class NewSketch<V>(int precision)
    {
        public HyperLogLog Of(V value) => SketchFunctions.Add(new HyperLogLog(precision), value);
    }

    [EngineFunction]
    internal static class SketchFunctions
    {
        public static HyperLogLog Add<V>(HyperLogLog sketch, V value) => sketch.Add(StableHash<V>.Of(value));

        public static HyperLogLog Merge(HyperLogLog left, HyperLogLog right) => left.Merge(right);

        public static long Estimate(HyperLogLog sketch) => sketch.Estimate();
    }
}

namespace MicroSpark
{
    public partial class Rdd<T>
    {
        /// <summary>
        /// Estimates how many different elements there are, from a small sketch of each partition (HyperLogLog). The same elements give the
        /// same estimate.
        /// </summary>
        /// <param name="relativeStandardDeviation">How far off it is on average, as a part of the result; half of it takes four times the
        /// memory.</param>
        /// <param name="cancellationToken">Stops the job.</param>
        /// <exception cref="ArgumentOutOfRangeException">The deviation is not above 0, or too small.</exception>
        /// <exception cref="ArgumentException">The element type has no value equality.</exception>
        /// <exception cref="JobFailedException">A task failed for good.</exception>
        public Task<long> CountApproxDistinctAsync(double relativeStandardDeviation = 0.05, CancellationToken cancellationToken = default)
        {
            var precision = HyperLogLog.PrecisionFor(relativeStandardDeviation);
            KeyTypes.EnsureKey(typeof(T), nameof(CountApproxDistinctAsync));
            return ResultAsync(
                nameof(CountApproxDistinctAsync), () =>
                    new SketchNode<T>(Node, precision), new MergedSketch(precision).Estimate, cancellationToken);
        }
    }

    public static partial class PairRdd
    {
        /// <summary>
        /// Estimates how many different values each key has (HyperLogLog). Wide, or narrow when the pairs are already placed by the target
        /// partitioner.
        /// </summary>
        /// <param name="rdd">The pairs.</param>
        /// <param name="relativeStandardDeviation">How far off it is on average, as a part of the result; half of it takes four times the
        /// memory.</param>
        /// <param name="partitions">Partitions of the result, 1 or more; by default those of the largest input.</param>
        /// <exception cref="ArgumentOutOfRangeException">The deviation is not above 0, or too small.</exception>
        /// <exception cref="ArgumentException">The key or value type has no value equality.</exception>
        public static Rdd<(K Key, long Value)> CountApproxDistinctByKey<K, V>(
            this Rdd<(K Key, V Value)> rdd, double relativeStandardDeviation = 0.05, int? partitions = null) =>
            SketchByKey(rdd, relativeStandardDeviation, partitions, null);

        /// <inheritdoc cref="CountApproxDistinctByKey{K, V}(Rdd{ValueTuple{K, V}}, double, int?)"/>
        /// <param name="partitioner">Places the result's pairs.</param>
        public static Rdd<(K Key, long Value)> CountApproxDistinctByKey<K, V>(
            this Rdd<(K Key, V Value)> rdd, double relativeStandardDeviation, Partitioner<K> partitioner) =>
            SketchByKey(rdd, relativeStandardDeviation, null, NotNull(partitioner));

        private static Rdd<(K Key, long Value)> SketchByKey<K, V>(
            Rdd<(K Key, V Value)> rdd, double relativeStandardDeviation, int? partitions, Partitioner<K>? partitioner)
        {
            const string Name = nameof(CountApproxDistinctByKey);
            ArgumentNullException.ThrowIfNull(rdd);
            KeyTypes.EnsureKey(typeof(V), Name);
            var precision = HyperLogLog.PrecisionFor(relativeStandardDeviation);
            return Combine<K, V, HyperLogLog>(
                rdd, Name, new NewSketch<V>(precision).Of, SketchFunctions.Add, SketchFunctions.Merge, partitions, partitioner)
                .MapValues<K, HyperLogLog, long>(Name, SketchFunctions.Estimate);
        }
    }
}
