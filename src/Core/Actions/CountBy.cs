#pragma warning disable CS8714 // Null keys are refused with an error that says so; the signatures leave nullable key types to the caller.

using MicroSpark.Actions;
using MicroSpark.Closures;
using MicroSpark.Codecs;
using MicroSpark.Hashing;
using MicroSpark.Operators;
using MicroSpark.Plans;
using MicroSpark.Readers;
using MicroSpark.Shuffle;
using MicroSpark.Tables;

namespace MicroSpark.Actions
{
    /// <summary>How often each element occurs in a partition, in order of first arrival.</summary>
    internal sealed class CountByNode<T>(PlanNode<T> parent, string operatorName) : ActionNode<T, (T Value, long Count)[]>(parent)
    {
        private CountByNode(PlanReader reader)
            : this(reader.Parent<T>(), reader.Text())
        {
        }

        public override string Operator => operatorName;

        protected override bool Shareable => ValueCodec.IsShareable(typeof(T));

        public override void WriteArguments(PlanWriter writer) => writer.Text(operatorName);

        protected override (T Value, long Count)[] Compute(IPipeline<T> input, int partition, TaskScope scope)
        {
            StableHash<T>.Prepare();
            var sink = new CountBySink<T> { Table = new CombineTable<T, long>(0, scope.Memory) };
            input.Drive(ref sink);
            return sink.Table.Entries.ToArray();
        }
    }

    internal struct CountBySink<T> : ISink<T>, ITakesAll
    {
        public CombineTable<T, long> Table;

        public readonly bool Add(T item)
        {
            Table.Slot(item, StableHash<T>.Of(item), out _)++;
            return true;
        }
    }
}

namespace MicroSpark.Actions
{
    /// <summary>Partitions' counts added up.</summary>
    [EngineFunction]
    internal sealed class CountedValues<T>(string name)
    {
        public Dictionary<T, long> Of((T Value, long Count)[][] parts)
        {
            var counts = new Dictionary<T, long>();
            foreach (var part in parts)
            {
                Add(name, counts, part);
            }

            return counts;
        }

        public static void Add(string name, Dictionary<T, long> counts, (T Value, long Count)[] part)
        {
            foreach (var (value, count) in part)
            {
                if (value is null)
                {
                    throw new InvalidOperationException(
                        $"{name} found a null, which a dictionary cannot hold as a key. Filter nulls out, or count with ReduceByKey.");
                }

                System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(counts, value, out _) += count;
            }
        }
    }

    /// <summary>The pairs of all partitions, one after the other, in a dictionary.</summary>
    /// <param name="name">The action.</param>
    /// <param name="merge">Of two values of one key.</param>
    /// <param name="empty">What is said when there is no partition; null where that gives an empty dictionary.</param>
    [EngineFunction]
    internal sealed class PairsAsMap<K, V>(string name, Func<V, V, V> merge, string? empty)
    {
        public Dictionary<K, V> Of((K Key, V Value)[][] parts)
        {
            if (empty is not null && parts.Length == 0)
            {
                throw new InvalidOperationException(empty);
            }

            var map = new Dictionary<K, V>();
            foreach (var part in parts)
            {
                foreach (var (key, value) in part)
                {
                    if (key is null)
                    {
                        throw new InvalidOperationException(
                            $"{name} found a null key, which a dictionary cannot hold. Filter null keys out first.");
                    }

                    ref var slot = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(map, key, out var exists);
                    slot = exists ? Rdd<V>.MergeOnClient(name, merge, slot!, value) : value;
                }
            }

            return map;
        }
    }

    [EngineFunction]
    internal sealed class OneKey<K, V>(K key)
    {
        public bool Has((K Key, V Value) pair) => EqualityComparer<K>.Default.Equals(pair.Key, key);
    }
}

namespace MicroSpark
{
    public partial class Rdd<T>
    {
        /// <summary>How often each element occurs. The counts must fit into the client's memory.</summary>
        /// <exception cref="InvalidOperationException">An element is null: a dictionary cannot hold it.</exception>
        /// <exception cref="ArgumentException">The element type has no value equality.</exception>
        public Task<Dictionary<T, long>> CountByValueAsync(CancellationToken cancellationToken = default) =>
            CountByAsync(nameof(CountByValueAsync), cancellationToken);

        internal Task<Dictionary<T, long>> CountByAsync(string name, CancellationToken cancellationToken)
        {
            KeyTypes.EnsureKey(typeof(T), name);
            return ResultAsync(name, () => new CountByNode<T>(Node, name), new CountedValues<T>(name).Of, cancellationToken);
        }
    }

    public static partial class PairRdd
    {
        /// <summary>How many pairs each key has. The counts must fit into the client's memory.</summary>
        /// <exception cref="InvalidOperationException">A key is null: a dictionary cannot hold it.</exception>
        public static Task<Dictionary<K, long>> CountByKeyAsync<K, V>(
            this Rdd<(K Key, V Value)> rdd, CancellationToken cancellationToken = default)
        {
            ArgumentNullException.ThrowIfNull(rdd);
            return rdd.Keys().CountByAsync(nameof(CountByKeyAsync), cancellationToken);
        }

        /// <summary>All pairs as a dictionary; of several pairs with one key the last wins.</summary>
        /// <exception cref="InvalidOperationException">A key is null: a dictionary cannot hold it.</exception>
        public static Task<Dictionary<K, V>> CollectAsMapAsync<K, V>(
            this Rdd<(K Key, V Value)> rdd, CancellationToken cancellationToken = default)
        {
            ArgumentNullException.ThrowIfNull(rdd);
            KeyTypes.EnsureEquatable(typeof(K), nameof(CollectAsMapAsync));
            return rdd.ResultAsync(
                nameof(CollectAsMapAsync), () => new CollectNode<(K Key, V Value)>(rdd.Node, int.MaxValue),
                new PairsAsMap<K, V>(nameof(CollectAsMapAsync), PairFunctions.Last, null).Of, cancellationToken);
        }

        /// <summary>
        /// The values of one key, by partition and then by position. With a known partitioner only one partition is computed; of a sorted
        /// RDD only the one that can hold the key is read.
        /// </summary>
        /// <exception cref="ArgumentException">The key type has no value equality.</exception>
        public static async Task<V[]> LookupAsync<K, V>(
            this Rdd<(K Key, V Value)> rdd, K key, CancellationToken cancellationToken = default)
        {
            ArgumentNullException.ThrowIfNull(rdd);
            rdd.Runner.EnsureUsable();
            KeyTypes.EnsureEquatable(typeof(K), nameof(LookupAsync));
            int[]? partitions = null;
            if (rdd.Node.Partitioner is Partitioner<K> { NumPartitions: > 0 } known and not SortedPartitioner<K>)
            {
                var target = known.GetPartition(key);
                if ((uint)target >= (uint)known.NumPartitions)
                {
                    throw new ArgumentException(known.PartitionOutOfRange(key, target).Message, nameof(key));
                }

                partitions = [target];
            }

            if (rdd.Node.Partitioner is SortedPartitioner<K> { CanPlace: true } sorted)
            {
                rdd = rdd.Derive(nameof(LookupAsync), parent => sorted.Window(parent, nameof(LookupAsync), key, key));
            }

            var found = rdd.Filter(new OneKey<K, V>(key).Has).Values();
            var parts = new V[found.NumPartitions][];
            await found.RunAsync(
                nameof(LookupAsync), new CollectNode<V>(found.Node, int.MaxValue), partitions, (partition, part) => parts[partition] = part,
                cancellationToken).ConfigureAwait(false);
            return parts.Where(part => part is not null).SelectMany(part => part).ToArray();
        }

        /// <summary>
        /// Reduces the values of each key, within each partition and then on the client. The result must fit into the client's memory.
        /// </summary>
        /// <exception cref="InvalidOperationException">A key is null, or the RDD has no partitions.</exception>
        public static Task<Dictionary<K, V>> ReduceByKeyLocallyAsync<K, V>(
            this Rdd<(K Key, V Value)> rdd, Func<V, V, V> f, CancellationToken cancellationToken = default)
        {
            ArgumentNullException.ThrowIfNull(rdd);
            KeyTypes.EnsureKey(typeof(K), nameof(ReduceByKeyLocallyAsync));
            var merge = rdd.Capture(f, nameof(ReduceByKeyLocallyAsync));
            var empty = rdd.EmptyMessage(nameof(ReduceByKeyLocallyAsync));
            var combined = rdd.Derive(
                nameof(ReduceByKeyLocallyAsync),
                parent =>
                    new LocalCombineNode<K, V, V>(parent, new Aggregation<K, V, V>(nameof(ReduceByKeyLocallyAsync), null, merge, merge)));
            return combined.ResultAsync(
                nameof(ReduceByKeyLocallyAsync), () => new CollectNode<(K Key, V Value)>(combined.Node, int.MaxValue),
                new PairsAsMap<K, V>(nameof(ReduceByKeyLocallyAsync), f, empty).Of, cancellationToken);
        }
    }
}
