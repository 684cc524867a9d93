using System.Buffers;

namespace MicroSpark.Ordering;

/// <summary>
/// Orders numbers by their ranks, a byte at a time from the lowest, which keeps equal ones in order. Bytes that are alike in all ranks
/// cost nothing, so small numbers take few passes.
/// </summary>
internal static class RadixSort
{
    private const int Digits = sizeof(ulong);
    private const int Radix = 256;

    /// <summary>Sorts by rank.</summary>
    /// <param name="ranked">Ranks, each with the position it stands for.</param>
    /// <param name="spare">Of the same length; its content is lost.</param>
    /// <returns>Whichever of the two holds the result.</returns>
    public static Span<(ulong Rank, int Position)> Sort(Span<(ulong Rank, int Position)> ranked, Span<(ulong Rank, int Position)> spare)
    {
        Span<int> counts = stackalloc int[Digits * Radix];
        counts.Clear();
        foreach (var (rank, _) in ranked)
        {
            for (int digit = 0; digit < Digits; digit++)
            {
                counts[(digit * Radix) + (byte)(rank >> (8 * digit))]++;
            }
        }

        for (int digit = 0; digit < Digits; digit++)
        {
            var starts = counts.Slice(digit * Radix, Radix);
            if (!ranked.IsEmpty && starts[(byte)(ranked[0].Rank >> (8 * digit))] == ranked.Length)
            {
                continue;
            }

            int start = 0;
            for (int i = 0; i < Radix; i++)
            {
                (start, starts[i]) = (start + starts[i], start);
            }

            foreach (var item in ranked)
            {
                spare[starts[(byte)(item.Rank >> (8 * digit))]++] = item;
            }

            var sorted = spare;
            spare = ranked;
            ranked = sorted;
        }

        return ranked;
    }

    /// <summary>Puts the items into the order of the positions.</summary>
    public static void Apply<T>(Span<T> items, ReadOnlySpan<(ulong Rank, int Position)> order)
    {
        var rented = ArrayPool<T>.Shared.Rent(items.Length);
        items.CopyTo(rented);
        for (int i = 0; i < order.Length; i++)
        {
            items[i] = rented[order[i].Position];
        }

        ArrayPool<T>.Shared.Return(rented, System.Runtime.CompilerServices.RuntimeHelpers.IsReferenceOrContainsReferences<T>());
    }
}
