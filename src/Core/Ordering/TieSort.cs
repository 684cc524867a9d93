namespace MicroSpark.Ordering;

/// <summary>
/// Sorts a few elements that ranks left alike by ranks of what is behind, and what these leave alike by the next. There are many such
/// sorts in one of millions of elements, fifty of a price each: they share rooms and rankings, and call the ranking once for each group.
/// </summary>
/// <param name="ranking">Measured.</param>
internal sealed class TieSort<T, K, TKey>(Ranking<K> ranking, KeyComparison<K> comparison, bool ascending, int level = 0)
    where TKey : struct, IKeyOf<T, K>
{
    /// <summary>The most elements of one sort.</summary>
    public const int Largest = 128;

    /// <summary>Up to so many, comparing is quicker than ranking.</summary>
    private const int Few = 4;

    /// <summary>So many rankings in a row have said too little: the keys are long and much alike.</summary>
    private const int Deepest = 4;

    private readonly K[] _keys = new K[Largest];
    private readonly T[] _items = new T[Largest];
    private readonly ulong[] _ranks = new ulong[Largest];
    private readonly RankEntry[] _entries = new RankEntry[Largest];
    private readonly RankEntry[] _scratch = new RankEntry[Largest];
    private readonly bool _exact = ranking.IsExact;
    private TieSort<T, K, TKey>? _next;
    private bool _asked;

    public void Sort(Span<T> ties)
    {
        if (ties.Length <= Few)
        {
            MergeSort<T, K, TKey>.Sort(ties, comparison, ascending);
            return;
        }

        for (var i = 0; i < ties.Length; i++)
        {
            _keys[i] = TKey.Of(in ties[i]);
        }

        ranking.Rank(_keys.AsSpan(0, ties.Length), _ranks);
        var entries = _entries.AsSpan(0, ties.Length);
        for (var i = 0; i < entries.Length; i++)
        {
            entries[i] = new RankEntry(_ranks[i], i);
        }

        RadixSort<RankEntry, EntryRank>.Sort(entries, _scratch, default, ranking.Bits);
        ties.CopyTo(_items);
        for (var i = 0; i < entries.Length; i++)
        {
            ties[i] = _items[entries[i].Position];
        }

        if (!_exact)
        {
            SortAlike(ties, entries);
        }
    }

    private void SortAlike(Span<T> ties, ReadOnlySpan<RankEntry> entries)
    {
        for (int start = 0, end; start < ties.Length; start = end)
        {
            for (end = start + 1; end < ties.Length && entries[end].Rank == entries[start].Rank; end++)
            {
            }

            if (end - start > Few && Next() is { } next)
            {
                next.Sort(ties[start..end]);
            }
            else
            {
                MergeSort<T, K, TKey>.Sort(ties[start..end], comparison, ascending);
            }
        }
    }

    private TieSort<T, K, TKey>? Next()
    {
        if (!_asked)
        {
            _asked = true;
            _next = level < Deepest && ranking.Rest is { } rest ? new TieSort<T, K, TKey>(rest, comparison, ascending, level + 1) : null;
        }

        return _next;
    }
}
