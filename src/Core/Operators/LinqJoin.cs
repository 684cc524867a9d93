using MicroSpark.Closures;
using MicroSpark.Operators;

namespace MicroSpark.Operators
{
    /// <summary>The result of <c>join</c> for a pairing.</summary>
    [EngineFunction]
    internal sealed class JoinedRow<K, T, U, R>(Func<T, U, R> result)
    {
        public R Of((K Key, (T Left, U Right) Value) row) => result(row.Value.Left, row.Value.Right);
    }

    /// <summary>The results of <c>join .. into</c> for a key. A null key has no inner elements.</summary>
    [EngineFunction]
    internal sealed class JoinedGroup<K, T, U, R>(Func<T, IReadOnlyList<U>, R> result)
    {
        public IEnumerable<R> Of((K Key, (IReadOnlyList<T> Left, IReadOnlyList<U> Right) Value) row)
        {
            var group = row.Key is null ? [] : row.Value.Right;
            return row.Value.Left.Select(item => result(item, group));
        }
    }
}

namespace MicroSpark
{
    public partial class Rdd<T>
    {
        /// <summary>
        /// Every pairing of elements whose keys are equal; <c>join</c> in query syntax. As in LINQ, a null key equals no other. Wide; order
        /// is not kept.
        /// </summary>
        /// <exception cref="ArgumentException">The key type has no value equality.</exception>
        /// <exception cref="ClosureNotShippableException">A function holds something that cannot travel.</exception>
        public Rdd<R> Join<U, K, R>(Rdd<U> inner, Func<T, K> outerKey, Func<U, K> innerKey, Func<T, U, R> result)
        {
            ArgumentNullException.ThrowIfNull(inner);
            ArgumentNullException.ThrowIfNull(result);
            return PairRdd.JoinOf<K, T, U, T, U>(
                    KeyBy(nameof(Join), outerKey).Filter(nameof(Join), PairFunctions.HasKey),
                    inner.KeyBy(nameof(Join), innerKey), nameof(Join), null, null)
                .Map<R>(nameof(Join), new JoinedRow<K, T, U, R>(result).Of);
        }

        /// <summary>
        /// Each element with all of the inner whose key is equal, an empty list where there are none; <c>join .. into</c> in query syntax.
        /// As in LINQ, a null key equals no other. Wide; order is not kept.
        /// </summary>
        /// <exception cref="ArgumentException">The key type has no value equality.</exception>
        /// <exception cref="ClosureNotShippableException">A function holds something that cannot travel.</exception>
        public Rdd<R> GroupJoin<U, K, R>(Rdd<U> inner, Func<T, K> outerKey, Func<U, K> innerKey, Func<T, IReadOnlyList<U>, R> result)
        {
            ArgumentNullException.ThrowIfNull(inner);
            ArgumentNullException.ThrowIfNull(result);
            return PairRdd.CogroupOf(
                KeyBy(nameof(GroupJoin), outerKey), inner.KeyBy(nameof(GroupJoin), innerKey), nameof(GroupJoin), null, null)
                .FlatMap<R>(nameof(GroupJoin), new JoinedGroup<K, T, U, R>(result).Of);
        }
    }
}
