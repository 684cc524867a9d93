using MicroSpark.Actions;
using MicroSpark.Closures;
using MicroSpark.Code;
using MicroSpark.Codecs;
using MicroSpark.Ordering;
using MicroSpark.Plans;
using MicroSpark.Readers;

namespace MicroSpark.Actions
{
    /// <summary>The smallest elements of a partition, in ascending order.</summary>
    internal sealed class SmallestNode<T>(PlanNode<T> parent, string operatorName, int count, IComparer<T>? comparer, bool largest)
        : ActionNode<T, T[]>(parent)
    {
        private SmallestNode(PlanReader reader)
            : this(reader.Parent<T>(), reader.Text(), reader.Int32(), reader.Boolean() ? reader.Value<IComparer<T>>() : null,
                reader.Boolean())
        {
        }

        public override string Operator => operatorName;

        protected override bool Shareable => ValueCodec.IsShareable(typeof(T));

        public override void WriteArguments(PlanWriter writer)
        {
            writer.Text(operatorName);
            writer.Int32(count);
            writer.Boolean(comparer is not null);
            if (comparer is not null)
            {
                writer.Value(comparer);
            }

            writer.Boolean(largest);
        }

        protected override T[] Compute(IPipeline<T> input, int partition, TaskScope scope)
        {
            var sink = new SmallestSink<T> { Best = new Smallest<T>(count, Order(comparer, largest)) };
            input.Drive(ref sink);
            return sink.Best.ToSortedArray();
        }

        internal static IComparer<T> Order(IComparer<T>? comparer, bool largest)
        {
            var order = comparer ?? NaturalOrder<T>.Comparer;
            return largest ? Comparer<T>.Create((a, b) => order.Compare(b, a)) : order;
        }
    }

    /// <summary>
    /// Keeps the smallest so many elements in a heap whose root is the largest of them. Of equal elements the earlier stay.
    /// </summary>
    internal sealed class Smallest<T>(int capacity, IComparer<T> order)
    {
        private readonly PriorityQueue<T, (T Item, long Arrival)> _kept = new(Comparer<(T Item, long Arrival)>.Create((a, b) =>
        {
            var byItem = order.Compare(b.Item, a.Item);
            return byItem != 0 ? byItem : b.Arrival.CompareTo(a.Arrival);
        }));

        private long _arrivals;

        public void Add(T item)
        {
            var arrival = _arrivals++;
            if (_kept.Count < capacity)
            {
                _kept.Enqueue(item, (item, arrival));
            }
            else if (capacity > 0 && order.Compare(item, _kept.Peek()) < 0)
            {
                _kept.EnqueueDequeue(item, (item, arrival));
            }
        }

        public T[] ToSortedArray()
        {
            var sorted = new T[_kept.Count];
            for (var i = sorted.Length - 1; i >= 0; i--)
            {
                sorted[i] = _kept.Dequeue();
            }

            return sorted;
        }
    }

    internal struct SmallestSink<T> : ISink<T>
    {
        public Smallest<T> Best;

        public readonly bool Add(T item)
        {
            Best.Add(item);
            return true;
        }
    }

    /// <summary>Orders pairs by their key alone; null stands for the natural order.</summary>
    [PlanValue]
    internal sealed class FirstItemOrder<K, V>(IComparer<K>? keys) : IComparer<(K Key, V Value)>
    {
        private readonly IComparer<K>? _keys = keys;

        public int Compare((K Key, V Value) x, (K Key, V Value) y) => (_keys ?? NaturalOrder<K>.Comparer).Compare(x.Key, y.Key);
    }
}

namespace MicroSpark.Actions
{
    /// <summary>The best of all partitions' best, in their order.</summary>
    [EngineFunction]
    internal sealed class BestOf<T, R>(int count, IComparer<T>? comparer, bool largest, Func<T[], R> give)
    {
        public R Of(T[][] parts)
        {
            var best = new Smallest<T>(count, SmallestNode<T>.Order(comparer, largest));
            foreach (var part in parts)
            {
                foreach (var item in part)
                {
                    best.Add(item);
                }
            }

            return give(best.ToSortedArray());
        }
    }

    [EngineFunction]
    internal sealed class ValuesOf<K, V, R>(Func<V[], R> give)
    {
        public R Of((K Key, V Value)[] pairs) => give(Array.ConvertAll(pairs, static pair => pair.Value));
    }

    [EngineFunction]
    internal sealed class FirstOrEmpty<T>(string empty)
    {
        public T Of(T[] best) => best.Length > 0 ? best[0] : throw new InvalidOperationException(empty);
    }
}

namespace MicroSpark
{
    public partial class Rdd<T>
    {
        /// <summary>The smallest elements in ascending order.</summary>
        /// <param name="count">How many, 0 or more; all when there are fewer.</param>
        /// <param name="comparer">The order; by default the natural one (strings ordinal).</param>
        /// <param name="cancellationToken">Stops the job.</param>
        /// <exception cref="ArgumentException">The elements have no order, or the count is negative.</exception>
        public Task<T[]> TakeOrderedAsync(int count, IComparer<T>? comparer = null, CancellationToken cancellationToken = default) =>
            SmallestAsync(nameof(TakeOrderedAsync), count, comparer, largest: false, ActionFunctions.Same, cancellationToken);

        /// <summary>The largest elements in descending order.</summary>
        /// <param name="count">How many, 0 or more; all when there are fewer.</param>
        /// <param name="comparer">The order; by default the natural one (strings ordinal).</param>
        /// <param name="cancellationToken">Stops the job.</param>
        /// <exception cref="ArgumentException">The elements have no order, or the count is negative.</exception>
        public Task<T[]> TopAsync(int count, IComparer<T>? comparer = null, CancellationToken cancellationToken = default) =>
            SmallestAsync(nameof(TopAsync), count, comparer, largest: true, ActionFunctions.Same, cancellationToken);

        /// <summary>The elements with the smallest keys, in ascending order of the keys.</summary>
        /// <param name="count">How many, 0 or more; all when there are fewer.</param>
        /// <param name="key">Makes an element's key.</param>
        /// <param name="comparer">The keys' order; by default the natural one (strings ordinal).</param>
        /// <param name="cancellationToken">Stops the job.</param>
        public Task<T[]> TakeOrderedAsync<K>(
            int count, Func<T, K> key, IComparer<K>? comparer = null, CancellationToken cancellationToken = default) =>
            SmallestByAsync(nameof(TakeOrderedAsync), count, key, comparer, largest: false, ActionFunctions.Same, cancellationToken);

        /// <summary>The elements with the largest keys, in descending order of the keys.</summary>
        /// <param name="count">How many, 0 or more; all when there are fewer.</param>
        /// <param name="key">Makes an element's key.</param>
        /// <param name="comparer">The keys' order; by default the natural one (strings ordinal).</param>
        /// <param name="cancellationToken">Stops the job.</param>
        public Task<T[]> TopAsync<K>(
            int count, Func<T, K> key, IComparer<K>? comparer = null, CancellationToken cancellationToken = default) =>
            SmallestByAsync(nameof(TopAsync), count, key, comparer, largest: true, ActionFunctions.Same, cancellationToken);

        /// <summary>The element with the largest key; the first of several.</summary>
        /// <exception cref="InvalidOperationException">The RDD is empty.</exception>
        public Task<T> MaxByAsync<K>(Func<T, K> key, CancellationToken cancellationToken = default) =>
            SmallestByAsync<K, T>(nameof(MaxByAsync), 1, key, null, largest: true, One(nameof(MaxByAsync)), cancellationToken);

        /// <summary>The element with the smallest key; the first of several.</summary>
        /// <exception cref="InvalidOperationException">The RDD is empty.</exception>
        public Task<T> MinByAsync<K>(Func<T, K> key, CancellationToken cancellationToken = default) =>
            SmallestByAsync<K, T>(nameof(MinByAsync), 1, key, null, largest: false, One(nameof(MinByAsync)), cancellationToken);

        /// <summary>The largest element.</summary>
        /// <exception cref="InvalidOperationException">The RDD is empty.</exception>
        public Task<T> MaxAsync(IComparer<T>? comparer = null, CancellationToken cancellationToken = default) =>
            SmallestAsync(nameof(MaxAsync), 1, comparer, largest: true, One(nameof(MaxAsync)), cancellationToken);

        /// <summary>The smallest element.</summary>
        /// <exception cref="InvalidOperationException">The RDD is empty.</exception>
        public Task<T> MinAsync(IComparer<T>? comparer = null, CancellationToken cancellationToken = default) =>
            SmallestAsync(nameof(MinAsync), 1, comparer, largest: false, One(nameof(MinAsync)), cancellationToken);

        /// <param name="give">Makes the action's result of the elements in their order.</param>
        private Task<R> SmallestAsync<R>(
            string name, int count, IComparer<T>? comparer, bool largest, Func<T[], R> give, CancellationToken cancellationToken)
        {
            Runner.EnsureUsable();
            ArgumentOutOfRangeException.ThrowIfNegative(count);
            _ = SmallestNode<T>.Order(comparer, largest);
            return count == 0 && Runner.Capture is null
                ? Task.FromResult(give([]))
                : ResultAsync(
                    name, () => new SmallestNode<T>(Node, name, count, comparer, largest),
                    new BestOf<T, R>(count, comparer, largest, give).Of, cancellationToken);
        }

        private Task<R> SmallestByAsync<K, R>(
            string name, int count, Func<T, K> key, IComparer<K>? comparer, bool largest, Func<T[], R> give,
            CancellationToken cancellationToken)
        {
            _ = comparer ?? NaturalOrder<K>.Comparer;
            return KeyBy(name, key).SmallestAsync<R>(
                name, count, new FirstItemOrder<K, T>(comparer), largest, new ValuesOf<K, T, R>(give).Of, cancellationToken);
        }

        private Func<T[], T> One(string name) => new FirstOrEmpty<T>(EmptyMessage(name)).Of;
    }
}
