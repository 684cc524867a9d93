using MicroSpark.Actions;
using MicroSpark.Ordering;
using MicroSpark.Plans;
using MicroSpark.Stages;

namespace MicroSpark.Actions
{
    /// <summary>The smallest elements of a partition, in ascending order.</summary>
    internal sealed class SmallestNode<T>(PlanNode<T> parent, string operatorName, int count, IComparer<T>? comparer, bool largest) : ActionNode<T, T[]>(parent)
    {
        private SmallestNode(PlanReader reader)
            : this(reader.Parent<T>(), reader.Text()!, reader.Int32(), reader.Boolean() ? reader.Value<IComparer<T>>() : null, reader.Boolean())
        {
        }

        public override string Operator => operatorName;

        protected override bool Shareable => Codecs.ValueCodec.IsShareable(typeof(T));

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

        protected override T[] Compute(Pipeline<T> input, int partition, TaskScope scope)
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

    /// <summary>Keeps the smallest so many elements in a heap whose root is the largest of them. Of equal elements the earlier stay.</summary>
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
            SmallestAsync(nameof(TakeOrderedAsync), count, comparer, largest: false, cancellationToken);

        /// <summary>The largest elements in descending order.</summary>
        /// <param name="count">How many, 0 or more; all when there are fewer.</param>
        /// <param name="comparer">The order; by default the natural one (strings ordinal).</param>
        /// <param name="cancellationToken">Stops the job.</param>
        /// <exception cref="ArgumentException">The elements have no order, or the count is negative.</exception>
        public Task<T[]> TopAsync(int count, IComparer<T>? comparer = null, CancellationToken cancellationToken = default) =>
            SmallestAsync(nameof(TopAsync), count, comparer, largest: true, cancellationToken);

        /// <summary>The elements with the smallest keys, in ascending order of the keys.</summary>
        /// <param name="count">How many, 0 or more; all when there are fewer.</param>
        /// <param name="key">Makes an element's key.</param>
        /// <param name="comparer">The keys' order; by default the natural one (strings ordinal).</param>
        /// <param name="cancellationToken">Stops the job.</param>
        public Task<T[]> TakeOrderedAsync<K>(
            int count, Func<T, K> key, IComparer<K>? comparer = null, CancellationToken cancellationToken = default) =>
            SmallestByAsync(nameof(TakeOrderedAsync), count, key, comparer, largest: false, cancellationToken);

        /// <summary>The elements with the largest keys, in descending order of the keys.</summary>
        /// <param name="count">How many, 0 or more; all when there are fewer.</param>
        /// <param name="key">Makes an element's key.</param>
        /// <param name="comparer">The keys' order; by default the natural one (strings ordinal).</param>
        /// <param name="cancellationToken">Stops the job.</param>
        public Task<T[]> TopAsync<K>(int count, Func<T, K> key, IComparer<K>? comparer = null, CancellationToken cancellationToken = default) =>
            SmallestByAsync(nameof(TopAsync), count, key, comparer, largest: true, cancellationToken);

        /// <summary>The element with the largest key; the first of several.</summary>
        /// <exception cref="InvalidOperationException">The RDD is empty.</exception>
        public async Task<T> MaxByAsync<K>(Func<T, K> key, CancellationToken cancellationToken = default) =>
            One(nameof(MaxByAsync), await SmallestByAsync<K>(nameof(MaxByAsync), 1, key, null, largest: true, cancellationToken).ConfigureAwait(false));

        /// <summary>The element with the smallest key; the first of several.</summary>
        /// <exception cref="InvalidOperationException">The RDD is empty.</exception>
        public async Task<T> MinByAsync<K>(Func<T, K> key, CancellationToken cancellationToken = default) =>
            One(nameof(MinByAsync), await SmallestByAsync<K>(nameof(MinByAsync), 1, key, null, largest: false, cancellationToken).ConfigureAwait(false));

        /// <summary>The largest element.</summary>
        /// <exception cref="InvalidOperationException">The RDD is empty.</exception>
        public async Task<T> MaxAsync(IComparer<T>? comparer = null, CancellationToken cancellationToken = default) =>
            One(nameof(MaxAsync), await SmallestAsync(nameof(MaxAsync), 1, comparer, largest: true, cancellationToken).ConfigureAwait(false));

        /// <summary>The smallest element.</summary>
        /// <exception cref="InvalidOperationException">The RDD is empty.</exception>
        public async Task<T> MinAsync(IComparer<T>? comparer = null, CancellationToken cancellationToken = default) =>
            One(nameof(MinAsync), await SmallestAsync(nameof(MinAsync), 1, comparer, largest: false, cancellationToken).ConfigureAwait(false));

        private async Task<T[]> SmallestAsync(string name, int count, IComparer<T>? comparer, bool largest, CancellationToken cancellationToken)
        {
            Runner.EnsureUsable();
            ArgumentOutOfRangeException.ThrowIfNegative(count);
            var order = SmallestNode<T>.Order(comparer, largest);
            if (count == 0)
            {
                return [];
            }

            var action = new SmallestNode<T>(Node, name, count, comparer, largest);
            var best = new Smallest<T>(count, order);
            foreach (var part in await RunAllAsync(name, action, cancellationToken).ConfigureAwait(false))
            {
                foreach (var item in part)
                {
                    best.Add(item);
                }
            }

            return best.ToSortedArray();
        }

        private async Task<T[]> SmallestByAsync<K>(
            string name, int count, Func<T, K> key, IComparer<K>? comparer, bool largest, CancellationToken cancellationToken)
        {
            var order = new FirstItemOrder<K, T>(comparer);
            _ = comparer ?? NaturalOrder<K>.Comparer;
            var pairs = await KeyBy(name, key).SmallestAsync(name, count, order, largest, cancellationToken).ConfigureAwait(false);
            return Array.ConvertAll(pairs, pair => pair.Value);
        }

        private T One(string name, T[] best) => best.Length > 0 ? best[0] : throw EmptyError(name);
    }

    /// <summary>Orders pairs by their key alone; null stands for the natural order.</summary>
    internal sealed class FirstItemOrder<K, V>(IComparer<K>? keys) : IComparer<(K Key, V Value)>
    {
        private readonly IComparer<K>? _keys = keys;

        public int Compare((K Key, V Value) x, (K Key, V Value) y) => (_keys ?? NaturalOrder<K>.Comparer).Compare(x.Key, y.Key);
    }
}
