using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MicroSpark.Ordering;

/// <summary>
/// Stable sort of numbered elements. Input larger than a core's cache is split once, by digits from the top, into buckets that fit the
/// cache. There each bucket is sorted by its upper 16 bits, from the lowest digit. Elements equal in those bits (few, when numbers are
/// spread) are sorted by the other bits. So random 64-bit numbers are moved three times, not eight, and only once through memory.
/// </summary>
/// <remarks>Loops are optimised from their first run on: a sort is often over before the runtime finds out which are hot.</remarks>
internal static class RadixSort<T, TRank>
    where TRank : struct, IRank<T>
{
    /// <summary>Up to so many elements insertion beats counting.</summary>
    private const int Tiny = 24;

    private const int Radix = 256;

    /// <summary>Two digits.</summary>
    private const int BitsAtOnce = 16;

    /// <summary>Elements that are sorted together within the cache: 128 KB, and as much scratch.</summary>
    public static int InCache { get; } = Math.Max(1024, (128 << 10) / Unsafe.SizeOf<T>());

    /// <summary>Sorts elements whose ranks differ in their lowest <paramref name="bits"/> bits at most.</summary>
    /// <param name="items">The elements.</param>
    /// <param name="scratch">At least as long; its content is lost.</param>
    /// <param name="rank">Ranks an element.</param>
    /// <param name="bits">0 to 64.</param>
    public static void Sort(Span<T> items, Span<T> scratch, TRank rank, int bits)
    {
        if (bits == 0 || items.Length <= 1)
        {
            return;
        }

        if (items.Length <= Tiny)
        {
            Insert(items, rank);
        }
        else if (items.Length > InCache)
        {
            Split(items, scratch, rank);
        }
        else
        {
            SortInCache(items, scratch[..items.Length], rank, bits);
        }
    }

    /// <summary>Puts each element at the next free place of its digit, and moves that place on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Scatter(ReadOnlySpan<T> items, Span<T> target, Span<int> next, TRank rank, int shift)
    {
        // Counted beforehand by the same ranks, so that no place is outside the target.
        ref var to = ref MemoryMarshal.GetReference(target);
        ref var places = ref MemoryMarshal.GetReference(next);
        var mask = (ulong)(next.Length - 1);
        foreach (ref readonly var item in items)
        {
            ref var place = ref Unsafe.Add(ref places, (nint)((rank.Of(in item) >> shift) & mask));
            Unsafe.Add(ref to, (nint)(uint)place++) = item;
        }
    }

    /// <summary>Counts the elements of each digit; a power of two of them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Count(ReadOnlySpan<T> items, Span<int> counts, TRank rank, int shift)
    {
        ref var first = ref MemoryMarshal.GetReference(counts);
        var mask = (ulong)(counts.Length - 1);
        foreach (ref readonly var item in items)
        {
            Unsafe.Add(ref first, (nint)((rank.Of(in item) >> shift) & mask))++;
        }
    }

    /// <summary>Widens the range from low to high until it holds the ranks of all elements.</summary>
    /// <returns>Whether the elements are in order already, the first not below <paramref name="previous"/>.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool Measure(ReadOnlySpan<T> items, TRank rank, ref ulong low, ref ulong high, ref ulong previous)
    {
        var (lowest, highest, last) = (low, high, previous);
        var descents = 0;
        foreach (ref readonly var item in items)
        {
            var own = rank.Of(in item);
            descents |= own < last ? 1 : 0;
            lowest = Math.Min(lowest, own);
            highest = Math.Max(highest, own);
            last = own;
        }

        (low, high, previous) = (lowest, highest, last);
        return descents == 0;
    }

    /// <summary>Turns counts into the places where each digit's elements begin.</summary>
    /// <returns>The largest count.</returns>
    public static int ToStarts(Span<int> counts)
    {
        var (at, largest) = (0, 0);
        foreach (ref var count in counts)
        {
            largest = Math.Max(largest, count);
            (at, count) = (at + count, at);
        }

        return largest;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SortInCache(Span<T> items, Span<T> scratch, TRank rank, int bits)
    {
        var shift = Math.Max(0, bits - BitsAtOnce);
        Span<int> counts = stackalloc int[2 * Radix];
        counts.Clear();
        foreach (ref readonly var item in items)
        {
            var own = rank.Of(in item) >> shift;
            counts[(int)(own & (Radix - 1))]++;
            counts[Radix + (int)((own >> 8) & (Radix - 1))]++;
        }

        ToStarts(counts[..Radix]);
        ToStarts(counts[Radix..]);
        Scatter(items, scratch, counts[..Radix], rank, shift);
        Scatter(scratch, items, counts[Radix..], rank, shift + 8);
        if (shift > 0)
        {
            SortTies(items, scratch, rank, shift);
        }
    }

    /// <summary>
    /// Finds where order is wrong. There the elements are alike down to <paramref name="shift"/>: they are sorted by what is below.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SortTies(Span<T> items, Span<T> scratch, TRank rank, int shift)
    {
        var previous = rank.Of(in items[0]);
        for (var i = 1; i < items.Length; i++)
        {
            var own = rank.Of(in items[i]);
            if (own < previous)
            {
                var upper = own >> shift;
                var (start, end) = (i - 1, i + 1);
                while (start > 0 && rank.Of(in items[start - 1]) >> shift == upper)
                {
                    start--;
                }

                while (end < items.Length && rank.Of(in items[end]) >> shift == upper)
                {
                    end++;
                }

                Sort(items[start..end], scratch, rank, shift);
                i = end - 1;
                own = rank.Of(in items[i]);
            }

            previous = own;
        }
    }

    /// <summary>One digit from the top of what differs; then each bucket by itself.</summary>
    private static void Split(Span<T> items, Span<T> scratch, TRank rank)
    {
        var (low, high, previous) = (ulong.MaxValue, 0UL, 0UL);
        if (Measure(items, rank, ref low, ref high, ref previous))
        {
            return;
        }

        var shift = Math.Max(0, 64 - BitOperations.LeadingZeroCount(low ^ high) - 8);
        Span<int> next = stackalloc int[Radix];
        next.Clear();
        Count(items, next, rank, shift);
        ToStarts(next);
        Scatter(items, scratch, next, rank, shift);
        scratch[..items.Length].CopyTo(items);

        // Every place has moved on to where the next digit begins.
        var start = 0;
        foreach (var end in next)
        {
            Sort(items[start..end], scratch, rank, shift);
            start = end;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Insert(Span<T> items, TRank rank)
    {
        for (var i = 1; i < items.Length; i++)
        {
            var moving = items[i];
            var own = rank.Of(in moving);
            var at = i;
            while (at > 0 && rank.Of(in items[at - 1]) > own)
            {
                items[at] = items[at - 1];
                at--;
            }

            items[at] = moving;
        }
    }
}
