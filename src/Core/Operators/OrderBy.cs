using MicroSpark.Closures;
using MicroSpark.Code;
using MicroSpark.Operators;
using MicroSpark.Ordering;

namespace MicroSpark
{
    /// <summary>A sorted RDD to which further keys can be added. What runs is one sort by all keys.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    public sealed class OrderedRdd<T> : Rdd<T>
    {
        private readonly Rdd<T> _source;
        private readonly SortKeys<T> _keys;

        internal OrderedRdd(Rdd<T> source, SortKeys<T> keys, string operatorName)
            : base(source.Runner, keys.Sort(source, operatorName).Ref)
        {
            _source = source;
            _keys = keys;
        }

        /// <summary>Orders elements that are equal so far by a further key, in its natural order (strings ordinal).</summary>
        /// <exception cref="ArgumentException">The keys have no order.</exception>
        /// <exception cref="ClosureNotShippableException">The function holds something that cannot travel.</exception>
        public OrderedRdd<T> ThenBy<K>(Func<T, K> key) => Then(nameof(ThenBy), key, ascending: true);

        /// <summary>Orders elements that are equal so far by a further key, the largest first.</summary>
        /// <exception cref="ArgumentException">The keys have no order.</exception>
        /// <exception cref="ClosureNotShippableException">The function holds something that cannot travel.</exception>
        public OrderedRdd<T> ThenByDescending<K>(Func<T, K> key) => Then(nameof(ThenByDescending), key, ascending: false);

        private OrderedRdd<T> Then<K>(string operatorName, Func<T, K> key, bool ascending)
        {
            ArgumentNullException.ThrowIfNull(key);
            return new OrderedRdd<T>(_source, _keys.With(key, ascending), operatorName);
        }
    }

    public partial class Rdd<T>
    {
        /// <summary>
        /// All elements in the order of a key, across partitions and within; <c>orderby</c> in query syntax. Wide; see
        /// <see cref="PairRdd.SortByKey{K, V}"/>.
        /// </summary>
        /// <exception cref="ArgumentException">The keys have no order.</exception>
        /// <exception cref="ClosureNotShippableException">The function holds something that cannot travel.</exception>
        public OrderedRdd<T> OrderBy<K>(Func<T, K> key) => Order(nameof(OrderBy), key, ascending: true);

        /// <summary><see cref="OrderBy{K}"/>, the largest key first.</summary>
        /// <exception cref="ArgumentException">The keys have no order.</exception>
        /// <exception cref="ClosureNotShippableException">The function holds something that cannot travel.</exception>
        public OrderedRdd<T> OrderByDescending<K>(Func<T, K> key) => Order(nameof(OrderByDescending), key, ascending: false);

        private OrderedRdd<T> Order<K>(string operatorName, Func<T, K> key, bool ascending)
        {
            ArgumentNullException.ThrowIfNull(key);
            return new OrderedRdd<T>(this, new SortKeys<T, K>(key, ascending, null), operatorName);
        }
    }
}

namespace MicroSpark.Operators
{
    /// <summary>What an <see cref="OrderedRdd{T}"/> sorts by: one key, made of all that were given.</summary>
    internal abstract class SortKeys<T>
    {
        public abstract SortKeys<T> With<K>(Func<T, K> key, bool ascending);

        public abstract Rdd<T> Sort(Rdd<T> source, string operatorName);
    }

    /// <param name="comparer">Null for the natural order.</param>
    internal sealed class SortKeys<T, K>(Func<T, K> key, bool ascending, IComparer<K>? comparer) : SortKeys<T>
    {
        public override SortKeys<T> With<K2>(Func<T, K2> next, bool nextAscending) => new SortKeys<T, (K, K2)>(
            new TwoKeys<T, K, K2>(key, next).Of, true, new LevelOrder<K, K2>(comparer, ascending, nextAscending));

        public override Rdd<T> Sort(Rdd<T> source, string operatorName) =>
            source.SortBy(operatorName, key, ascending, null, comparer);
    }

    [EngineFunction]
    internal sealed class TwoKeys<T, K1, K2>(Func<T, K1> first, Func<T, K2> second)
    {
        public (K1 First, K2 Second) Of(T item) => (first(item), second(item));
    }

    /// <summary>By the first key in its direction and, where that is equal, by the second in its natural order and own direction.</summary>
    [PlanValue]
    internal sealed class LevelOrder<K1, K2>(IComparer<K1>? first, bool firstAscending, bool secondAscending)
        : IComparer<(K1 First, K2 Second)>, IRankingOrder<(K1 First, K2 Second)>
    {
        public Ranking<(K1 First, K2 Second)>? NewRanking()
        {
            if (Rankings.Of(first) is not { } byFirst)
            {
                return null;
            }

            var bySecond = Rankings.Of<K2>(null);
            return new LevelRanking<(K1 First, K2 Second)>(
                new PartRanking<(K1 First, K2 Second), K1>(
                    firstAscending ? byFirst : new DescendingRanking<K1>(byFirst), static key => key.First),
                bySecond is null ? null
                : new PartRanking<(K1 First, K2 Second), K2>(
                    secondAscending ? bySecond : new DescendingRanking<K2>(bySecond), static key => key.Second));
        }

        public int Compare((K1 First, K2 Second) x, (K1 First, K2 Second) y)
        {
            var byFirst = (first ?? NaturalOrder<K1>.Comparer).Compare(x.First, y.First);
            if (byFirst != 0)
            {
                return firstAscending == byFirst > 0 ? 1 : -1;
            }

            var bySecond = NaturalOrder<K2>.Comparer.Compare(x.Second, y.Second);
            return secondAscending ? bySecond : -Math.Sign(bySecond);
        }
    }
}
