// Null keys have no fraction and fail with an error that says so; the signatures leave nullable key types to the caller.
#pragma warning disable CS8714

using MicroSpark.Hashing;
using MicroSpark.Operators;
using MicroSpark.Plans;
using MicroSpark.Readers;
using MicroSpark.Sampling;
using MicroSpark.Shuffle;
using MicroSpark.Storage;
using MicroSpark.Tables;

namespace MicroSpark.Operators
{
    /// <summary>How often the pairs of each key are drawn, and how.</summary>
    internal sealed record KeyedSample<K>(string Operator, bool WithReplacement, Dictionary<K, double> Fractions, long Seed)
    {
        public static KeyedSample<K> Of(string operatorName, bool withReplacement, IReadOnlyDictionary<K, double> fractions, long? seed)
        {
            ArgumentNullException.ThrowIfNull(fractions);
            foreach (var (_, fraction) in fractions)
            {
                Sampling.Fractions.Ensure(fraction, withReplacement, nameof(fractions));
            }

            return new KeyedSample<K>(operatorName, withReplacement, new Dictionary<K, double>(fractions), seed ?? SampleRandom.AnySeed);
        }

        public double FractionOf(K key) => key is not null && Fractions.TryGetValue(key, out var fraction)
            ? fraction
            : throw new KeyNotFoundException(
                $"{Operator} met the key '{key}', for which no fraction was given. Give every key one, or filter the others out.");

        public void Write(PlanWriter writer)
        {
            writer.Text(Operator);
            writer.Boolean(WithReplacement);
            writer.Value(Fractions);
            writer.Int64(Seed);
        }

        public static KeyedSample<K> Read(PlanReader reader) =>
            new(reader.Text(), reader.Boolean(), reader.Value<Dictionary<K, double>>(), reader.Int64());
    }
}

namespace MicroSpark.Operators
{
    /// <summary>Each pair with the probability, or as often on average, as its key's fraction says.</summary>
    internal sealed class SampleByKeyNode<K, V>(PlanNode<(K Key, V Value)> parent, KeyedSample<K> sample)
        : PlanNode<(K Key, V Value)>(parent)
    {
        private readonly PlanNode<(K Key, V Value)> _parent = parent;

        private SampleByKeyNode(PlanReader reader)
            : this(reader.Parent<(K, V)>(), KeyedSample<K>.Read(reader))
        {
        }

        public override string Operator => sample.Operator;

        public override object? Partitioner => _parent.Partitioner;

        public override void WriteArguments(PlanWriter writer) => sample.Write(writer);

        public override ChunkReader<(K Key, V Value)> Open(int partition, TaskScope scope) =>
            new EnumerableReader<(K Key, V Value)>(Draw(partition, scope));

        private IEnumerable<(K Key, V Value)> Draw(int partition, TaskScope scope)
        {
            var random = new SampleRandom(sample.Seed, partition);
            foreach (var pair in scope.Pipe(_parent, partition).Iterate())
            {
                var fraction = sample.FractionOf(pair.Key);
                for (var times = sample.WithReplacement ? random.NextPoisson(fraction)
                    : random.NextDouble() < fraction ? 1
                    : 0; times > 0; times--)
                {
                    yield return pair;
                }
            }
        }
    }

    /// <summary>How many pairs of each key each partition has: the hidden stage below SampleByKeyExact.</summary>
    internal sealed class KeySizesNode<K, V>(PlanNode<(K Key, V Value)> parent) : PlanNode<(int Partition, K Key, long Count)>(parent),
    IStageRoot
    {
        private readonly PlanNode<(K Key, V Value)> _parent = parent;

        private KeySizesNode(PlanReader reader)
            : this(reader.Parent<(K, V)>())
        {
        }

        public override string Operator => "SampleByKeyExact";

        public override OutputKind Output => OutputKind.Shuffle;

        public override void WriteArguments(PlanWriter writer)
        {
        }

        public override ChunkReader<(int Partition, K Key, long Count)> Open(int partition, TaskScope scope) =>
            throw new InvalidOperationException("A shuffle's map side is read bucket by bucket.");

        public Block Run(int partition, TaskScope scope)
        {
            StableHash<K>.Prepare();
            var sink = new KeySizesSink<K, V> { Sizes = new CombineTable<K, long>(0, scope.Memory) };
            scope.Pipe(_parent, partition).Drive(ref sink);
            var output = new BucketBuilder<(int, K, long)>(1);
            for (var i = 0; i < sink.Sizes.Count; i++)
            {
                var (key, count) = sink.Sizes.Entries[i];
                output.Add((partition, key, count), 0, sink.Sizes.Hashes[i]);
            }

            return output.Build();
        }
    }

    internal struct KeySizesSink<K, V> : ISink<(K Key, V Value)>
    {
        public CombineTable<K, long> Sizes;

        public readonly bool Add((K Key, V Value) item)
        {
            Sizes.Slot(item.Key, StableHash<K>.Of(item.Key), out _)++;
            return true;
        }
    }

    /// <summary>
    /// Exactly ceil(count * fraction) pairs of each key. Every task draws the same places among all pairs of a key, in the order of the
    /// partitions, and gives those that are its own.
    /// </summary>
    internal sealed class SampleByKeyExactNode<K, V>(PlanNode<(K Key, V Value)> parent, KeySizesNode<K, V> sizes, KeyedSample<K> sample)
        : PlanNode<(K Key, V Value)>(parent, sizes)
    {
        private readonly PlanNode<(K Key, V Value)> _parent = parent;
        private readonly Lock _gate = new();
        private Dictionary<K, (long[] Places, long[] Starts)>? _drawn;

        private SampleByKeyExactNode(PlanReader reader)
            : this(reader.Parent<(K, V)>(0), (KeySizesNode<K, V>)(PlanNode)reader.Parent<(int, K, long)>(1), KeyedSample<K>.Read(reader))
        {
        }

        public override string Operator => sample.Operator;

        public override object? Partitioner => _parent.Partitioner;

        public override PartitionMap MapOf(int parent) => parent == 0 ? PartitionMap.OneToOne.Instance : PartitionMap.All.Instance;

        public override void WriteArguments(PlanWriter writer) => sample.Write(writer);

        public override ChunkReader<(K Key, V Value)> Open(int partition, TaskScope scope) =>
            new EnumerableReader<(K Key, V Value)>(Draw(partition, scope));

        private IEnumerable<(K Key, V Value)> Draw(int partition, TaskScope scope)
        {
            var drawn = Drawn(scope);
            var next = new Dictionary<K, (long Place, int Index)>();
            foreach (var pair in scope.Pipe(_parent, partition).Iterate())
            {
                sample.FractionOf(pair.Key);
                var (places, starts) = drawn[pair.Key];
                if (!next.TryGetValue(pair.Key, out var at))
                {
                    at = (starts[partition], Positions.FirstFrom(places, starts[partition]));
                }

                for (; at.Index < places.Length && places[at.Index] == at.Place; at.Index++)
                {
                    yield return pair;
                }

                next[pair.Key] = (at.Place + 1, at.Index);
            }
        }

        /// <summary>Once per plan and worker: the same for every task.</summary>
        private Dictionary<K, (long[] Places, long[] Starts)> Drawn(TaskScope scope)
        {
            lock (_gate)
            {
                return _drawn ??= ReadSizes(scope).ToDictionary(
                    key => key.Key,
                    key =>
                    {
                        // The seed's stream is the key's own, whatever other keys there are.
                        var seed = (long)HashMix.Combine((ulong)sample.Seed, StableHash<K>.Of(key.Key));
                        var count = checked((int)Math.Ceiling(key.Value[^1] * sample.FractionOf(key.Key)));
                        return (Positions.Draw(key.Value[^1], count, sample.WithReplacement, seed), key.Value);
                    });
            }
        }

        /// <summary>For each key where each partition's pairs start among all of the key's, and their number at the end.</summary>
        private Dictionary<K, long[]> ReadSizes(TaskScope scope)
        {
            var starts = new Dictionary<K, long[]>();
            using var reader = scope.ReadShuffle<(int Partition, K Key, long Count)>(sizes, 0);
            while (reader.Next(int.MaxValue, out var run))
            {
                foreach (var (partition, key, count) in run)
                {
                    sample.FractionOf(key);
                    if (!starts.TryGetValue(key, out var own))
                    {
                        starts.Add(key, own = new long[NumPartitions + 1]);
                    }

                    own[partition + 1] = count;
                }
            }

            foreach (var own in starts.Values)
            {
                for (var p = 1; p < own.Length; p++)
                {
                    own[p] += own[p - 1];
                }
            }

            return starts;
        }
    }
}

namespace MicroSpark
{
    public static partial class PairRdd
    {
        /// <summary>
        /// A random part of the pairs, each chosen by itself with its key's fraction. Narrow; keeps order, partition count and partitioner.
        /// The same seed on the same partitions gives the same pairs.
        /// </summary>
        /// <param name="rdd">The pairs.</param>
        /// <param name="withReplacement">Whether a pair may be drawn more than once.</param>
        /// <param name="fractions">How often each key's pairs are drawn on average; a key without a fraction fails the job.</param>
        /// <param name="seed">By default a random one, chosen now.</param>
        /// <exception cref="ArgumentOutOfRangeException">A fraction is negative, or above 1 without replacement.</exception>
        public static Rdd<(K Key, V Value)> SampleByKey<K, V>(
            this Rdd<(K Key, V Value)> rdd, bool withReplacement, IReadOnlyDictionary<K, double> fractions, long? seed = null)
        {
            ArgumentNullException.ThrowIfNull(rdd);
            rdd.Runner.EnsureUsable();
            var sample = KeyedSample<K>.Of(nameof(SampleByKey), withReplacement, fractions, seed);
            return rdd.Derive(nameof(SampleByKey), parent => new SampleByKeyNode<K, V>(parent, sample));
        }

        /// <summary>
        /// As <see cref="SampleByKey"/>, with exactly ceil(pairs of the key * fraction) pairs of each key. A hidden stage counts the keys'
        /// pairs first.
        /// </summary>
        /// <param name="rdd">The pairs.</param>
        /// <param name="withReplacement">Whether a pair may be drawn more than once.</param>
        /// <param name="fractions">How much of each key's pairs to draw; a key without a fraction fails the job.</param>
        /// <param name="seed">By default a random one, chosen now.</param>
        /// <exception cref="ArgumentOutOfRangeException">A fraction is negative, or above 1 without replacement.</exception>
        public static Rdd<(K Key, V Value)> SampleByKeyExact<K, V>(
            this Rdd<(K Key, V Value)> rdd, bool withReplacement, IReadOnlyDictionary<K, double> fractions, long? seed = null)
        {
            ArgumentNullException.ThrowIfNull(rdd);
            KeyTypes.EnsureKey(typeof(K), nameof(SampleByKeyExact));
            var sample = KeyedSample<K>.Of(nameof(SampleByKeyExact), withReplacement, fractions, seed);
            return rdd.Derive(
                nameof(SampleByKeyExact), parent => new SampleByKeyExactNode<K, V>(parent, new KeySizesNode<K, V>(parent), sample));
        }
    }
}
