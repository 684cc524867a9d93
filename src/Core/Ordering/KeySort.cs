namespace MicroSpark.Ordering;

/// <summary>Sorts pairs by key, in place.</summary>
internal static class KeySort
{
    /// <summary>Sorts by key, stable; the natural order when there is no comparer. See <see cref="Sorter{T, K, TKey}"/>.</summary>
    /// <exception cref="ArgumentException">There is no comparer, and the keys have no natural order.</exception>
    public static void SortByKey<K, V>(Span<(K Key, V Value)> pairs, IComparer<K>? comparer = null, bool ascending = true) =>
        new Sorter<(K Key, V Value), K, FirstOfPair<K, V>>(comparer, ascending).Sort(pairs);
}
