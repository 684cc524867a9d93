using System.Reflection.Emit;
using MicroSpark.Operators;
using MicroSpark.Plans;
using MicroSpark.Readers;
using MicroSpark.Sampling;
using MicroSpark.Stages;

namespace MicroSpark.Operators
{
    /// <summary>
    /// The elements whose random number, from 0 to 1, is in [lower, upper). Each element has one number for a seed, so ranges without
    /// overlap give samples without overlap.
    /// </summary>
    internal sealed class SampleNode<T>(PlanNode<T> parent, string operatorName, double lower, double upper, long seed)
        : FusedNode<T, T>(parent)
    {
        private SampleNode(PlanReader reader)
            : this(reader.Parent<T>(), reader.Text(), reader.Double(), reader.Double(), reader.Int64())
        {
        }

        public override string Operator => operatorName;

        public override object? Partitioner => Parent.Partitioner;

        public override void WriteArguments(PlanWriter writer)
        {
            writer.Text(operatorName);
            writer.Double(lower);
            writer.Double(upper);
            writer.Int64(seed);
        }

        public override Delegate[] CreateFunctions(int partition, TaskScope scope) =>
            [new Func<bool>(new Lot(lower, upper, new SampleRandom(seed, partition)).Draw)];

        public override void Emit(StageEmitter emitter, int firstFunction)
        {
            emitter.Call(firstFunction, static () => { });
            emitter.IL.Emit(OpCodes.Brfalse, emitter.Continue);
        }

        protected override IEnumerable<T> Iterate(IEnumerable<T> upstream, ReadOnlySpan<Delegate> functions)
        {
            var draw = (Func<bool>)functions[0];
            return upstream.Where(_ => draw());
        }
    }

    /// <summary>Each element as often as a Poisson number says: a sample with replacement, made in one pass.</summary>
    internal sealed class ResampleNode<T>(PlanNode<T> parent, double fraction, long seed) : PlanNode<T>(parent)
    {
        private readonly PlanNode<T> _parent = parent;

        private ResampleNode(PlanReader reader)
            : this(reader.Parent<T>(), reader.Double(), reader.Int64())
        {
        }

        public override string Operator => "Sample";

        public override object? Partitioner => _parent.Partitioner;

        public override void WriteArguments(PlanWriter writer)
        {
            writer.Double(fraction);
            writer.Int64(seed);
        }

        public override ChunkReader<T> Open(int partition, TaskScope scope) =>
            new ResampleReader<T>(scope.Pipe(_parent, partition).AsReader(), fraction, new SampleRandom(seed, partition));
    }

    internal sealed class ResampleReader<T>(ChunkReader<T> items, double fraction, SampleRandom random) : ChunkReader<T>
    {
        private BufferSink<T> _drawn = new() { Items = [] };
        private SampleRandom _random = random;

        public override bool Next(int limit, out ReadOnlySpan<T> run)
        {
            _drawn.Count = 0;
            while (_drawn.Count == 0 && items.Next(limit, out var read))
            {
                foreach (var item in read)
                {
                    for (var times = _random.NextPoisson(fraction); times > 0; times--)
                    {
                        _drawn.Add(item);
                    }
                }
            }

            run = _drawn.Items.AsSpan(0, _drawn.Count);
            return _drawn.Count > 0;
        }

        public override void Dispose() => items.Dispose();
    }
}

namespace MicroSpark
{
    public partial class Rdd<T>
    {
        /// <summary>
        /// A random part of the elements, each chosen by itself: the size is about the fraction. Narrow; keeps order, partition count and
        /// partitioner. The same seed on the same partitions gives the same elements, whenever the RDD is computed.
        /// </summary>
        /// <param name="withReplacement">Whether an element may be drawn more than once.</param>
        /// <param name="fraction">How often an element is drawn on average; without replacement from 0 to 1.</param>
        /// <param name="seed">By default a random one, chosen now.</param>
        /// <exception cref="ArgumentOutOfRangeException">The fraction is out of its bounds.</exception>
        public Rdd<T> Sample(bool withReplacement, double fraction, long? seed = null)
        {
            Fractions.Ensure(fraction, withReplacement, nameof(fraction));
            Runner.EnsureUsable();
            var chosen = seed ?? SampleRandom.AnySeed;
            return Derive<T>(
                nameof(Sample),
                parent => withReplacement
                    ? new ResampleNode<T>(parent, fraction, chosen)
                    : new SampleNode<T>(parent, nameof(Sample), 0, fraction, chosen));
        }

        /// <summary>
        /// Splits the elements at random. The parts have no element in common and together they have all, as long as computing this RDD
        /// again gives the same elements in the same order. Narrow; each part keeps order, partition count and partitioner.
        /// </summary>
        /// <param name="weights">The parts' shares, in any unit.</param>
        /// <param name="seed">By default a random one, chosen now.</param>
        /// <exception cref="ArgumentException">A weight is negative, or their sum is not above 0.</exception>
        public Rdd<T>[] RandomSplit(double[] weights, long? seed = null)
        {
            ArgumentNullException.ThrowIfNull(weights);
            Runner.EnsureUsable();
            var total = weights.Sum();
            if (!Array.TrueForAll(weights, static w => w >= 0) || !double.IsFinite(total) || total <= 0)
            {
                throw new ArgumentException("Weights must be 0 or more, and their sum above 0.", nameof(weights));
            }

            var chosen = seed ?? SampleRandom.AnySeed;
            var parts = new Rdd<T>[weights.Length];
            double soFar = 0;
            for (var i = 0; i < parts.Length; i++)
            {
                var lower = soFar / total;
                soFar += weights[i];
                var upper = i == parts.Length - 1 ? 1 : soFar / total;
                parts[i] = Derive(nameof(RandomSplit), parent => new SampleNode<T>(parent, nameof(RandomSplit), lower, upper, chosen));
            }

            return parts;
        }
    }
}
