using System.Numerics;
using System.Runtime.CompilerServices;
using MicroSpark.Stopping;

namespace MicroSpark.Ordering;

/// <summary>
/// Sorts elements that fit into memory. Stable: elements of equal keys stay in the order of arrival, descending too, so the result is a
/// function of the input alone. There are three ways, by the kind of key. Numbers in small elements are moved by radix alone. For all other
/// keys with ranks, (rank, position) goes through the radix sort, bucket by bucket, and the elements follow. Keys without ranks are
/// compared.
/// </summary>
internal sealed class Sorter<T, K, TKey>
    where TKey : struct, IKeyOf<T, K>
{
    /// <summary>Elements larger than this, and such that hold references, are moved as seldom as can be.</summary>
    private const int LargestMoved = 32;

    /// <summary>Fewer digits of the first split let more than fits the cache into a bucket; more of them thrash the TLB.</summary>
    private const int LargestSplit = 11;

    /// <summary>Shorter than this, comparing is quicker than ranking, measuring and splitting.</summary>
    private const int Short = 128;

    /// <summary>How often ties are ranked anew, each time by what comes later in their keys.</summary>
    private const int Deepest = 64;

    private readonly KeyComparison<K> _comparison;
    private readonly IComparer<K>? _comparer;
    private readonly bool _ascending;
    private readonly int _depth;

    /// <param name="comparer">Null for the natural order.</param>
    /// <param name="ascending">False for the largest first.</param>
    /// <exception cref="ArgumentException">There is no comparer, and the keys have no natural order.</exception>
    public Sorter(IComparer<K>? comparer, bool ascending)
    {
        _comparer = comparer;
        _comparison = new KeyComparison<K>(comparer);
        _ascending = ascending;
    }

    /// <summary>For ties of another's: they share what was ranked so far.</summary>
    private Sorter(Sorter<T, K, TKey> outer)
        : this(outer._comparer, outer._ascending) => _depth = outer._depth + 1;

    /// <summary>Whether keys compare by <see cref="KeyRank{K}"/> alone.</summary>
    public bool IsExact => KeyRank<K>.IsExact && _comparison.IsNatural;

    public bool Ascending => _ascending;

    private bool MovesElements =>
        IsExact && !RuntimeHelpers.IsReferenceOrContainsReferences<T>() && Unsafe.SizeOf<T>() <= LargestMoved;

    /// <summary>Sorts in place.</summary>
    public void Sort(Span<T> items)
    {
        if (items.Length < Short)
        {
            MergeSort<T, K, TKey>.Sort(items, _comparison, _ascending);
        }
        else
        {
            Sort([items.ToArray()], items);
        }
    }

    /// <summary>Memory that sorting takes for each element, besides the element's own place in a chunk.</summary>
    public int BytesToSort => Unsafe.SizeOf<T>() + (MovesElements ? 0 : 2 * sizeof(ulong));

    /// <summary>The order of two elements.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Compare(K left, K right) => _ascending ? _comparison.Compare(left, right) : _comparison.Compare(right, left);

    /// <summary>Sorts the elements of all chunks, which stay as they are, into an array of their number.</summary>
    public void Sort(IReadOnlyList<ReadOnlyMemory<T>> chunks, Span<T> sorted)
    {
        using var section = TaskProgress.Current.User();
        if (sorted.Length >= Short && MovesElements)
        {
            MoveElements(chunks, sorted, _ascending);
        }
        else if (sorted.Length >= Short && Rankings.Of(_comparer) is { } ranking)
        {
            MoveEntries(chunks, sorted, _ascending ? ranking : new DescendingRanking<K>(ranking));
        }
        else
        {
            Copy(chunks, sorted);
            MergeSort<T, K, TKey>.Sort(sorted, _comparison, _ascending);
        }
    }

    private static void Copy(IReadOnlyList<ReadOnlyMemory<T>> chunks, Span<T> target)
    {
        foreach (var chunk in chunks)
        {
            chunk.Span.CopyTo(target);
            target = target[chunk.Length..];
        }
    }

    /// <summary>Digits of the first split, so that its buckets fit the cache with room for uneven ones.</summary>
    private static int SplitBits(int total, int inCache) =>
        total <= inCache ? 0 : Math.Clamp(BitOperations.Log2((uint)(total / (inCache / 2))) + 1, 1, LargestSplit);

    private static void MoveElements(IReadOnlyList<ReadOnlyMemory<T>> chunks, Span<T> sorted, bool ascending)
    {
        var rank = new ExactRank<T, K, TKey>(ascending);
        var (low, high, previous) = (ulong.MaxValue, 0UL, 0UL);
        var ordered = true;
        foreach (var chunk in chunks)
        {
            ordered &= RadixSort<T, ExactRank<T, K, TKey>>.Measure(chunk.Span, rank, ref low, ref high, ref previous);
        }

        rank = new ExactRank<T, K, TKey>(ascending, low);
        var bits = 64 - BitOperations.LeadingZeroCount(high - low);
        var splitBits = Math.Min(bits, SplitBits(sorted.Length, RadixSort<T, ExactRank<T, K, TKey>>.InCache));
        if (ordered || splitBits == 0)
        {
            Copy(chunks, sorted);
            RadixSort<T, ExactRank<T, K, TKey>>.Sort(sorted, ordered ? [] : new T[sorted.Length], rank, ordered ? 0 : bits);
            return;
        }

        var shift = bits - splitBits;
        var next = new int[1 << splitBits];
        foreach (var chunk in chunks)
        {
            RadixSort<T, ExactRank<T, K, TKey>>.Count(chunk.Span, next, rank, shift);
        }

        var largest = RadixSort<T, ExactRank<T, K, TKey>>.ToStarts(next);
        foreach (var chunk in chunks)
        {
            RadixSort<T, ExactRank<T, K, TKey>>.Scatter(chunk.Span, sorted, next, rank, shift);
        }

        // Every place has moved on to where the next bucket begins.
        var scratch = GC.AllocateUninitializedArray<T>(largest);
        var start = 0;
        foreach (var end in next)
        {
            RadixSort<T, ExactRank<T, K, TKey>>.Sort(sorted[start..end], scratch, rank, shift);
            start = end;
        }
    }

    private void MoveEntries(IReadOnlyList<ReadOnlyMemory<T>> chunks, Span<T> sorted, Ranking<K> ranking)
    {
        var arrived = Rank(chunks, ranking, sorted.Length);
        var splitBits = Math.Min(ranking.Bits, SplitBits(sorted.Length, RadixSort<RankEntry, EntryRank>.InCache));
        var shift = ranking.Bits - splitBits;
        var next = new int[1 << splitBits];
        var mask = (ulong)(next.Length - 1);
        foreach (var rank in arrived)
        {
            next[(int)((rank >> shift) & mask)]++;
        }

        var largest = RadixSort<RankEntry, EntryRank>.ToStarts(next);
        var ranks = GC.AllocateUninitializedArray<ulong>(sorted.Length);
        var at = 0;
        foreach (var chunk in chunks)
        {
            foreach (ref readonly var item in chunk.Span)
            {
                var rank = arrived[at++];
                ref var place = ref next[(int)((rank >> shift) & mask)];
                sorted[place] = item;
                ranks[place++] = rank;
            }
        }

        var bucket = new EntryBucket(largest);
        var ties = ranking.Rest is { } rest ? new TieSort<T, K, TKey>(rest, _comparison, _ascending) : null;
        var start = 0;
        foreach (var end in next)
        {
            bucket.Sort(sorted[start..end], ranks.AsSpan(start, end - start), shift);
            if (!ranking.IsExact)
            {
                SortTies(sorted[start..end], bucket.Entries, sorted.Length, ties);
            }

            start = end;
        }
    }

    private static ulong[] Rank(IReadOnlyList<ReadOnlyMemory<T>> chunks, Ranking<K> ranking, int total)
    {
        const int Batch = 512;
        var task = TaskProgress.Current;
        var keys = new K[Batch];
        var ranks = GC.AllocateUninitializedArray<ulong>(total);
        foreach (var measuring in (ReadOnlySpan<bool>)[true, false])
        {
            var at = 0;
            foreach (var chunk in chunks)
            {
                var items = chunk.Span;
                for (var start = 0; start < items.Length; start += Batch)
                {
                    // A culture's sort keys are dear enough that a cancel would wait for millions of them.
                    task.ThrowIfStopped();
                    var count = Math.Min(Batch, items.Length - start);
                    for (var i = 0; i < count; i++)
                    {
                        keys[i] = TKey.Of(in items[start + i]);
                    }

                    if (measuring)
                    {
                        ranking.Measure(keys.AsSpan(0, count));
                    }
                    else
                    {
                        ranking.Rank(keys.AsSpan(0, count), ranks.AsSpan(at));
                    }

                    at += count;
                }
            }
        }

        return ranks;
    }

    /// <summary>
    /// Elements of equal ranks. Many of them are ranked anew, by what tells them apart; few by what these ranks left, or compared.
    /// </summary>
    private void SortTies(Span<T> items, ReadOnlySpan<RankEntry> entries, int total, TieSort<T, K, TKey>? rest)
    {
        for (int start = 0, end; start < items.Length; start = end)
        {
            for (end = start + 1; end < items.Length && entries[end].Rank == entries[start].Rank; end++)
            {
            }

            var ties = items[start..end];
            if (ties.Length > Short && ties.Length < total && _depth < Deepest)
            {
                new Sorter<T, K, TKey>(this).Sort(ties);
            }
            else if (rest is not null && ties.Length <= TieSort<T, K, TKey>.Largest)
            {
                rest.Sort(ties);
            }
            else
            {
                MergeSort<T, K, TKey>.Sort(ties, _comparison, _ascending);
            }
        }
    }

    /// <summary>Room to sort one bucket after the other.</summary>
    private sealed class EntryBucket(int largest)
    {
        private readonly RankEntry[] _entries = GC.AllocateUninitializedArray<RankEntry>(largest);
        private readonly RankEntry[] _scratch = GC.AllocateUninitializedArray<RankEntry>(largest);
        private readonly T[] _items = new T[largest];

        /// <summary>The last bucket's ranks, in order.</summary>
        public ReadOnlySpan<RankEntry> Entries => _entries;

        /// <param name="items">The bucket; it is put in order.</param>
        /// <param name="ranks">Its elements' ranks.</param>
        /// <param name="bits">In how many bits they differ at most.</param>
        public void Sort(Span<T> items, ReadOnlySpan<ulong> ranks, int bits)
        {
            var entries = _entries.AsSpan(0, items.Length);
            for (var i = 0; i < entries.Length; i++)
            {
                entries[i] = new RankEntry(ranks[i], i);
            }

            RadixSort<RankEntry, EntryRank>.Sort(entries, _scratch, default, bits);
            var arrived = _items.AsSpan(0, items.Length);
            items.CopyTo(arrived);
            for (var i = 0; i < entries.Length; i++)
            {
                items[i] = arrived[entries[i].Position];
            }
        }
    }
}
