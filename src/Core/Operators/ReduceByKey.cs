using MicroSpark.Closures;
using MicroSpark.Hashing;
using MicroSpark.Model;
using MicroSpark.Operators;
using MicroSpark.Plans;
using MicroSpark.Readers;
using MicroSpark.Shuffle;
using MicroSpark.Stages;
using MicroSpark.Storage;

namespace MicroSpark.Operators
{
    /// <summary>
    /// The map side of an aggregation: combines by key first, so that a key leaves a map task once, or seldom, where that pays.
    /// </summary>
    internal sealed class CombineWriteNode<K, V, C>(
        PlanNode<(K Key, V Value)> parent, Aggregation<K, V, C> aggregation, Partitioner<K> partitioner)
        : PlanNode<(K Key, C Value)>(parent), IStageRoot
    {
        private readonly PlanNode<(K Key, V Value)> _parent = parent;

        private CombineWriteNode(PlanReader reader)
            : this(reader.Parent<(K, V)>(), Aggregation<K, V, C>.Read(reader), PartitionerCodec.Read<K>(reader))
        {
        }

        public override string Operator => aggregation.Operator;

        public override OutputKind Output => OutputKind.Shuffle;

        protected override bool HasStableIdentity => aggregation.HasStableIdentity;

        public override void WriteArguments(PlanWriter writer)
        {
            aggregation.Write(writer);
            PartitionerCodec.Write(writer, partitioner);
        }

        public override ChunkReader<(K Key, C Value)> Open(int partition, TaskScope scope) =>
            throw new InvalidOperationException("A shuffle's map side is read bucket by bucket.");

        public Block Run(int partition, TaskScope scope) =>
            new CombineWriter<K, V, C>(aggregation.OfTask(_parent, scope), partitioner, scope).Run(scope.Pipe(_parent, partition));
    }

    /// <summary>The reduce side of an aggregation: merges what the map tasks combined, in the order of the map partitions.</summary>
    internal sealed class CombineReadNode<K, C>(
        PlanNode<(K Key, C Value)> write, string operatorName, Closure<Func<C, C, C>> merge, Partitioner<K> partitioner)
            : PlanNode<(K Key, C Value)>(write)
    {
        private readonly PlanNode<(K Key, C Value)> _write = write;

        private CombineReadNode(PlanReader reader)
            : this(reader.Parent<(K, C)>(), reader.Text(), reader.Closure<Func<C, C, C>>(), PartitionerCodec.Read<K>(reader))
        {
        }

        public override string Operator => operatorName;

        public override object Partitioner => partitioner;

        public override PartitionMap MapOf(int parent) => PartitionMap.All.Instance;

        protected override bool HasStableIdentity => merge.HasStableIdentity;

        public override void WriteArguments(PlanWriter writer)
        {
            writer.Text(operatorName);
            writer.Closure(merge);
            PartitionerCodec.Write(writer, partitioner);
        }

        public override ChunkReader<(K Key, C Value)> Open(int partition, TaskScope scope)
        {
            var combining = new TaskCombining<K, C, C>(this, scope, null, merge.CreateInstance());
            return combining.Combine(
                Pipeline<(K Key, C Value)>.OfReader(scope.ReadShuffle<(K Key, C Value)>(_write, partition), this, scope));
        }

        protected override int CountPartitions() => partitioner.NumPartitions;
    }

    /// <summary>An aggregation of pairs that are placed by the target partitioner already: no shuffle.</summary>
    internal sealed class LocalCombineNode<K, V, C>(PlanNode<(K Key, V Value)> parent, Aggregation<K, V, C> aggregation)
        : PlanNode<(K Key, C Value)>(parent)
    {
        private readonly PlanNode<(K Key, V Value)> _parent = parent;

        private LocalCombineNode(PlanReader reader)
            : this(reader.Parent<(K, V)>(), Aggregation<K, V, C>.Read(reader))
        {
        }

        public override string Operator => aggregation.Operator;

        public override object? Partitioner => _parent.Partitioner;

        protected override bool HasStableIdentity => aggregation.HasStableIdentity;

        public override void WriteArguments(PlanWriter writer) => aggregation.Write(writer);

        public override ChunkReader<(K Key, C Value)> Open(int partition, TaskScope scope) =>
            aggregation.OfTask(_parent, scope).Combine(scope.Pipe(_parent, partition));
    }
}

namespace MicroSpark.Operators
{
    /// <summary>What an aggregation makes of the first value of a key: each key has a zero of its own.</summary>
    [EngineFunction]
    internal sealed class FirstOfKey<V, A>(Zero<A> zero, Func<A, V, A> add)
    {
        public A Of(V value) => add(zero.Copy(), value);
    }
}

namespace MicroSpark
{
    public static partial class PairRdd
    {
        /// <summary>
        /// Merges the values of each key with an associative and commutative function, first within each partition, then across. A key
        /// with one value never calls it. Wide, or narrow when the pairs are already placed by the target partitioner.
        /// </summary>
        /// <param name="rdd">The pairs.</param>
        /// <param name="f">Merges two values of a key.</param>
        /// <param name="partitions">Partitions of the result, 1 or more; by default those of the largest input.</param>
        public static Rdd<(K Key, V Value)> ReduceByKey<K, V>(this Rdd<(K Key, V Value)> rdd, Func<V, V, V> f, int? partitions = null) =>
            Reduce(rdd, nameof(ReduceByKey), f, partitions, null);

        /// <inheritdoc cref="ReduceByKey{K, V}(Rdd{ValueTuple{K, V}}, Func{V, V, V}, int?)"/>
        /// <param name="partitioner">Places the result's pairs.</param>
        public static Rdd<(K Key, V Value)> ReduceByKey<K, V>(
            this Rdd<(K Key, V Value)> rdd, Func<V, V, V> f, Partitioner<K> partitioner) =>
            Reduce(rdd, nameof(ReduceByKey), f, null, NotNull(partitioner));

        /// <summary>
        /// Aggregates the values of each key. Each partition that has the key starts from a copy of <paramref name="zero"/> of its own,
        /// which <paramref name="add"/> may change in place. Wide, or narrow when the pairs are already placed by the target partitioner.
        /// </summary>
        /// <param name="rdd">The pairs.</param>
        /// <param name="zero">The neutral start; copied.</param>
        /// <param name="add">Takes a value into an aggregate.</param>
        /// <param name="merge">Merges two aggregates of a key.</param>
        /// <param name="partitions">Partitions of the result, 1 or more; by default those of the largest input.</param>
        public static Rdd<(K Key, A Value)> AggregateByKey<K, V, A>(
            this Rdd<(K Key, V Value)> rdd, A zero, Func<A, V, A> add, Func<A, A, A> merge, int? partitions = null) =>
            Aggregate(rdd, nameof(AggregateByKey), zero, add, merge, partitions, null);

        /// <inheritdoc cref="AggregateByKey{K, V, A}(Rdd{ValueTuple{K, V}}, A, Func{A, V, A}, Func{A, A, A}, int?)"/>
        /// <param name="partitioner">Places the result's pairs.</param>
        public static Rdd<(K Key, A Value)> AggregateByKey<K, V, A>(
            this Rdd<(K Key, V Value)> rdd, A zero, Func<A, V, A> add, Func<A, A, A> merge, Partitioner<K> partitioner) =>
            Aggregate(rdd, nameof(AggregateByKey), zero, add, merge, null, NotNull(partitioner));

        /// <summary>
        /// Merges the values of each key and a neutral zero, as
        /// <see cref="AggregateByKey{K, V, A}(Rdd{ValueTuple{K, V}}, A, Func{A, V, A}, Func{A, A, A}, int?)"/> does.
        /// </summary>
        public static Rdd<(K Key, V Value)> FoldByKey<K, V>(
            this Rdd<(K Key, V Value)> rdd, V zero, Func<V, V, V> f, int? partitions = null) =>
            Aggregate(rdd, nameof(FoldByKey), zero, f, f, partitions, null);

        /// <inheritdoc cref="FoldByKey{K, V}(Rdd{ValueTuple{K, V}}, V, Func{V, V, V}, int?)"/>
        /// <param name="partitioner">Places the result's pairs.</param>
        public static Rdd<(K Key, V Value)> FoldByKey<K, V>(
            this Rdd<(K Key, V Value)> rdd, V zero, Func<V, V, V> f, Partitioner<K> partitioner) =>
            Aggregate(rdd, nameof(FoldByKey), zero, f, f, null, NotNull(partitioner));

        /// <summary>
        /// Combines the values of each key: a key's first value in a partition makes a combiner, the others are added to it, combiners of
        /// different partitions are merged. Wide, or narrow when the pairs are already placed by the target partitioner.
        /// </summary>
        /// <param name="rdd">The pairs.</param>
        /// <param name="create">Makes a combiner of a key's first value.</param>
        /// <param name="add">Takes a value into a combiner; may change it in place.</param>
        /// <param name="merge">Merges two combiners of a key.</param>
        /// <param name="partitions">Partitions of the result, 1 or more; by default those of the largest input.</param>
        public static Rdd<(K Key, C Value)> CombineByKey<K, V, C>(
            this Rdd<(K Key, V Value)> rdd, Func<V, C> create, Func<C, V, C> add, Func<C, C, C> merge, int? partitions = null) =>
            Combine(rdd, nameof(CombineByKey), create, add, merge, partitions, null);

        /// <inheritdoc cref="CombineByKey{K, V, C}(Rdd{ValueTuple{K, V}}, Func{V, C}, Func{C, V, C}, Func{C, C, C}, int?)"/>
        /// <param name="partitioner">Places the result's pairs.</param>
        public static Rdd<(K Key, C Value)> CombineByKey<K, V, C>(
            this Rdd<(K Key, V Value)> rdd, Func<V, C> create, Func<C, V, C> add, Func<C, C, C> merge, Partitioner<K> partitioner) =>
            Combine(rdd, nameof(CombineByKey), create, add, merge, null, NotNull(partitioner));

        internal static Rdd<(K Key, V Value)> Reduce<K, V>(
            Rdd<(K Key, V Value)> rdd, string operatorName, Func<V, V, V> f, int? partitions, Partitioner<K>? partitioner)
        {
            ArgumentNullException.ThrowIfNull(rdd);
            var merge = rdd.Capture(f, operatorName);
            return ByKey(rdd, new Aggregation<K, V, V>(operatorName, null, merge, merge), partitions, partitioner);
        }

        private static Rdd<(K Key, C Value)> Combine<K, V, C>(
            Rdd<(K Key, V Value)> rdd, string operatorName, Func<V, C> create, Func<C, V, C> add, Func<C, C, C> merge, int? partitions,
            Partitioner<K>? partitioner)
        {
            ArgumentNullException.ThrowIfNull(rdd);
            var aggregation = new Aggregation<K, V, C>(
                operatorName, rdd.Capture(create, operatorName, nameof(create)), rdd.Capture(add, operatorName, nameof(add)),
                rdd.Capture(merge, operatorName, nameof(merge)));
            return ByKey(rdd, aggregation, partitions, partitioner);
        }

        private static Rdd<(K Key, A Value)> Aggregate<K, V, A>(
            Rdd<(K Key, V Value)> rdd, string operatorName, A zero, Func<A, V, A> add, Func<A, A, A> merge, int? partitions,
            Partitioner<K>? partitioner)
        {
            ArgumentNullException.ThrowIfNull(rdd);
            ArgumentNullException.ThrowIfNull(add);
            var start = Zero<A>.Of(zero);
            return Combine(rdd, operatorName, new FirstOfKey<V, A>(start, add).Of, add, merge, partitions, partitioner);
        }

        internal static Rdd<(K Key, C Value)> ByKey<K, V, C>(
            Rdd<(K Key, V Value)> rdd, Aggregation<K, V, C> aggregation, int? partitions, Partitioner<K>? partitioner)
        {
            PartitionCount.Ensure(partitions);
            KeyTypes.EnsureKey(typeof(K), aggregation.Operator);
            return rdd.Derive<(K Key, C Value)>(
                aggregation.Operator,
                parent => ByKey(parent, aggregation, partitioner ?? KeyPlacement.Of<K>(partitions, parent)), needsCounts: true);
        }

        internal static PlanNode<(K Key, C Value)> ByKey<K, V, C>(
            PlanNode<(K Key, V Value)> parent, Aggregation<K, V, C> aggregation, Partitioner<K> target) =>
            target.Equals(parent.Partitioner)
                ? new LocalCombineNode<K, V, C>(parent, aggregation)
                : new CombineReadNode<K, C>(
                    new CombineWriteNode<K, V, C>(parent, aggregation, target), aggregation.Operator, aggregation.Merge, target);

        private static Partitioner<K> NotNull<K>(Partitioner<K> partitioner)
        {
            ArgumentNullException.ThrowIfNull(partitioner);
            return partitioner;
        }
    }
}
