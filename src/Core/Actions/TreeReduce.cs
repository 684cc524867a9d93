using MicroSpark.Actions;
using MicroSpark.Closures;
using MicroSpark.Shuffle;

namespace MicroSpark.Actions
{
    /// <summary>Keys that are partition numbers themselves.</summary>
    internal sealed class IndexPartitioner(int partitions) : Partitioner<int>
    {
        public override int NumPartitions => partitions;

        public override int GetPartition(int key) => key;
    }

    [EngineFunction]
    internal sealed class ReducedPartition<T>(Func<T, T, T> f)
    {
        public IEnumerable<T> Of(int partition, IEnumerable<T> items)
        {
            using var all = items.GetEnumerator();
            if (!all.MoveNext())
            {
                return [];
            }

            var value = all.Current;
            while (all.MoveNext())
            {
                value = f(value, all.Current);
            }

            return [value];
        }
    }

    [EngineFunction]
    internal sealed class AggregatedPartition<T, A>(Zero<A> zero, Func<A, T, A> add)
    {
        public IEnumerable<A> Of(int partition, IEnumerable<T> items) => [items.Aggregate(zero.Copy(), add)];
    }

    /// <summary>Gives each element the number of the group that its partition comes to.</summary>
    [EngineFunction]
    internal sealed class Neighbours<T>(int groups, int partitions)
    {
        public IEnumerable<(int Key, T Value)> Of(int partition, IEnumerable<T> items)
        {
            var group = (int)((long)partition * groups / partitions);
            return items.Select(item => (Key: group, Value: item));
        }
    }
}

namespace MicroSpark
{
    public partial class Rdd<T>
    {
        /// <summary>
        /// As <see cref="ReduceAsync(Func{T, T, T}, CancellationToken)"/>, with the partitions' results merged on the workers, neighbours
        /// first, until few are left for the client: for many partitions with large results.
        /// </summary>
        /// <param name="f">Associative.</param>
        /// <param name="depth">Levels of merging, 1 or more; 1 merges on the client alone.</param>
        /// <param name="cancellationToken">Stops the job.</param>
        /// <exception cref="InvalidOperationException">The RDD is empty.</exception>
        /// <exception cref="JobFailedException">A task failed for good.</exception>
        public Task<T> TreeReduceAsync(Func<T, T, T> f, int depth = 2, CancellationToken cancellationToken = default)
        {
            ArgumentNullException.ThrowIfNull(f);
            ArgumentOutOfRangeException.ThrowIfLessThan(depth, 1);
            return MapPartitions(nameof(TreeReduceAsync), new ReducedPartition<T>(f).Of, preservesPartitioning: false)
                .MergeLevels(nameof(TreeReduceAsync), f, depth).ReduceAsync(
                    nameof(TreeReduceAsync), f, EmptyMessage(nameof(TreeReduceAsync)), cancellationToken);
        }

        /// <summary>
        /// As <see cref="AggregateAsync{A}(A, Func{A, T, A}, Func{A, A, A}, CancellationToken)"/>, with the partitions' results merged on
        /// the workers, neighbours first, until few are left for the client. The zero is used once per partition.
        /// </summary>
        /// <param name="zero">The neutral start; copied.</param>
        /// <param name="add">Takes an element into an aggregate.</param>
        /// <param name="merge">Merges two aggregates; associative.</param>
        /// <param name="depth">Levels of merging, 1 or more; 1 merges on the client alone.</param>
        /// <param name="cancellationToken">Stops the job.</param>
        /// <returns>The zero for an RDD without partitions.</returns>
        /// <exception cref="JobFailedException">A task failed for good.</exception>
        public Task<A> TreeAggregateAsync<A>(
            A zero, Func<A, T, A> add, Func<A, A, A> merge, int depth = 2, CancellationToken cancellationToken = default)
        {
            ArgumentNullException.ThrowIfNull(add);
            ArgumentNullException.ThrowIfNull(merge);
            ArgumentOutOfRangeException.ThrowIfLessThan(depth, 1);
            var start = Zero<A>.Of(zero);
            var parts = MapPartitions<A>(
                nameof(TreeAggregateAsync), new AggregatedPartition<T, A>(start, add).Of, preservesPartitioning: false);
            return NumPartitions == 0
                ? AggregateAsync(nameof(TreeAggregateAsync), zero, add, merge, cancellationToken)
                : parts.MergeLevels(nameof(TreeAggregateAsync), merge, depth).ReduceAsync(
                    nameof(TreeAggregateAsync), merge, EmptyMessage(nameof(TreeAggregateAsync)), cancellationToken);
        }

        /// <summary>
        /// At most one element in each partition: merges neighbours level by level while that leaves the client less to do.
        /// </summary>
        private Rdd<T> MergeLevels(string name, Func<T, T, T> merge, int depth)
        {
            var rdd = this;
            var count = NumPartitions;
            var scale = Math.Max((int)Math.Ceiling(Math.Pow(count, 1.0 / depth)), 2);
            while (count > scale + Math.Ceiling((double)count / scale))
            {
                var (before, groups) = (count, count / scale);
                var keyed = rdd.MapPartitions<(int Key, T Value)>(name, new Neighbours<T>(groups, before).Of, preservesPartitioning: false);
                rdd = PairRdd.Reduce(keyed, name, merge, null, new IndexPartitioner(groups)).Values();
                count = groups;
            }

            return rdd;
        }
    }
}
