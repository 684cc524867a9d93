namespace MicroSpark.Ordering;

/// <summary>Sorts pairs by key, in place.</summary>
internal static partial class KeySort
{
    /// <summary>
    /// Sorts by key; the natural order when there is no comparer. Stable: pairs of equal keys stay in the order they came in, descending
    /// too, so the result is a function of the input alone.
    /// </summary>
    public static void SortByKey<K, V>(Span<(K Key, V Value)> pairs, IComparer<K>? comparer = null, bool ascending = true)
    {
        if (pairs.Length > 1)
        {
            MergeSort<K, V>.Sort(pairs, new KeyComparison<K>(comparer), ascending);
        }
    }
}
