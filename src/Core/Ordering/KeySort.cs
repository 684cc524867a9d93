using System.Buffers;
using System.Runtime.CompilerServices;

namespace MicroSpark.Ordering;

/// <summary>Sorts pairs by key, in place.</summary>
internal static class KeySort
{
    /// <summary>Below this length the radix sort's tables cost more than comparisons do.</summary>
    private const int RadixLength = 512;

    /// <summary>
    /// Sorts by key; the natural order when there is no comparer. Stable: pairs of equal keys stay in the order they came in, descending
    /// too, so the result is a function of the input alone. Numbers, times and strings in natural order take a radix sort.
    /// </summary>
    /// <exception cref="ArgumentException">There is no comparer, and the keys have no natural order.</exception>
    public static void SortByKey<K, V>(Span<(K Key, V Value)> pairs, IComparer<K>? comparer = null, bool ascending = true)
    {
        var comparison = new KeyComparison<K>(comparer);
        bool ranked = comparison.IsNatural && (KeyRank<K>.IsExact || typeof(K) == typeof(string));
        if (!ranked || pairs.Length < RadixLength)
        {
            MergeSort<K, V>.Sort(pairs, comparison, ascending);
            return;
        }

        var first = ArrayPool<(ulong Rank, int Position)>.Shared.Rent(pairs.Length);
        var second = ArrayPool<(ulong Rank, int Position)>.Shared.Rent(pairs.Length);
        var ranks = first.AsSpan(0, pairs.Length);
        Rank(pairs, ranks, ascending);
        var order = RadixSort.Sort(ranks, second.AsSpan(0, pairs.Length));
        RadixSort.Apply(pairs, order);
        if (!KeyRank<K>.IsExact)
        {
            SortTies(pairs, order, comparison, ascending);
        }

        ArrayPool<(ulong Rank, int Position)>.Shared.Return(first);
        ArrayPool<(ulong Rank, int Position)>.Shared.Return(second);
    }

    private static void Rank<K, V>(ReadOnlySpan<(K Key, V Value)> pairs, Span<(ulong Rank, int Position)> ranks, bool ascending)
    {
        // The complement turns the order round and leaves equal keys as they were.
        ulong flip = ascending ? 0 : ulong.MaxValue;
        if (KeyRank<K>.IsExact)
        {
            for (int i = 0; i < ranks.Length; i++)
            {
                ranks[i] = (KeyRank<K>.Of(pairs[i].Key) ^ flip, i);
            }

            return;
        }

        int skip = CommonPrefix(pairs);
        for (int i = 0; i < ranks.Length; i++)
        {
            ranks[i] = (KeyRank<K>.OfString(AsString(pairs[i].Key), skip) ^ flip, i);
        }
    }

    /// <summary>Units that all strings begin with ("http://www."): ranks start behind them.</summary>
    private static int CommonPrefix<K, V>(ReadOnlySpan<(K Key, V Value)> pairs)
    {
        ReadOnlySpan<char> prefix = default;
        bool any = false;
        foreach (var (key, _) in pairs)
        {
            if (AsString(key) is { } text)
            {
                prefix = any ? prefix[..prefix.CommonPrefixLength(text)] : text;
                any = true;
                if (prefix.IsEmpty)
                {
                    break;
                }
            }
        }

        return prefix.Length;
    }

    private static void SortTies<K, V>(
        Span<(K Key, V Value)> pairs, ReadOnlySpan<(ulong Rank, int Position)> order, KeyComparison<K> comparison, bool ascending)
    {
        for (int start = 0, end; start < order.Length; start = end)
        {
            for (end = start + 1; end < order.Length && order[end].Rank == order[start].Rank; end++)
            {
            }

            MergeSort<K, V>.Sort(pairs[start..end], comparison, ascending);
        }
    }

    private static string? AsString<K>(K key) => Unsafe.As<K, string?>(ref key);
}
