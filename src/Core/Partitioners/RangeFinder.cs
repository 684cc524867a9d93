using System.Runtime.CompilerServices;
using MicroSpark.Ordering;

namespace MicroSpark.Partitioners;

/// <summary>
/// <see cref="RangePartitioner{K}"/> for loops over many keys: numbers are looked up by their ranks and without a branch, for whose outcome
/// no processor could guess.
/// </summary>
internal sealed class RangeFinder<K>
{
    /// <summary>Up to so many bounds, comparing with all of them beats halving.</summary>
    private const int CountLimit = 12;

    /// <summary>Stretches of equal length that the directory has for each bound: then most have none, and the branch is foreseen.</summary>
    private const int StretchesPerBound = 16;

    private readonly KeyRanges<K> _partitioner;
    private readonly ulong[]? _ranks;

    // How many bounds lie below each stretch of ranks, from the first bound's on; and below the end of the last one.
    private readonly int[]? _below;
    private readonly int _shift;
    private readonly int _first;
    private readonly int _step;

    /// <param name="bounds">Upper bounds, strictly ascending in the comparer's order.</param>
    /// <param name="ascending">False to have the largest keys in range 0.</param>
    /// <param name="comparer">Null for the natural order.</param>
    public RangeFinder(K[] bounds, bool ascending, IComparer<K>? comparer)
    {
        _partitioner = new KeyRanges<K>(bounds, ascending, comparer);
        (_first, _step) = ascending ? (0, 1) : (bounds.Length, -1);
        if (KeyRank<K>.IsExact && new KeyComparison<K>(comparer).IsNatural)
        {
            _ranks = Array.ConvertAll(bounds, KeyRank<K>.Of);
            if (_ranks.Length > CountLimit)
            {
                (_below, _shift) = Divide(_ranks);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Of(K key) =>
        KeyRank<K>.IsExact && _ranks is { } ranks
            ? _first + (_step * RangeOf(KeyRank<K>.Of(key), ranks, _below, _shift))
            : _partitioner.GetPartition(key);

    /// <summary>
    /// How many bounds are below the rank. Of many bounds only those in the rank's own stretch are compared: of evenly spread keys one, of
    /// others as many as halving asks for.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int RangeOf(ulong rank, ulong[] bounds, int[]? below, int shift)
    {
        if (below is not null)
        {
            return rank <= bounds[0] ? 0 : InStretch(rank, bounds, below, (rank - bounds[0]) >> shift);
        }

        var count = 0;
        foreach (var bound in bounds)
        {
            count += Unsafe.BitCast<bool, byte>(bound < rank);
        }

        return count;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int InStretch(ulong rank, ulong[] bounds, int[] below, ulong stretch)
    {
        if (stretch >= (ulong)below.Length - 1)
        {
            return bounds.Length;
        }

        // The answer is between start and start + length.
        var start = below[(int)stretch];
        var length = below[(int)stretch + 1] - start;
        while (length > 0)
        {
            var half = (length + 1) >> 1;
            start += half & -Unsafe.BitCast<bool, byte>(bounds[start + half - 1] < rank);
            length -= half;
        }

        return start;
    }

    /// <summary>Divides the bounds' span into stretches whose length is a power of two.</summary>
    private static (int[] Below, int Shift) Divide(ulong[] bounds)
    {
        var span = bounds[^1] - bounds[0];
        var stretches = (ulong)bounds.Length * StretchesPerBound;
        var shift = 0;
        while (span >> shift >= stretches)
        {
            shift++;
        }

        var below = new int[(int)(span >> shift) + 2];
        var at = 0;
        for (var stretch = 0; stretch < below.Length; stretch++)
        {
            while (at < bounds.Length && (bounds[at] - bounds[0]) >> shift < (ulong)stretch)
            {
                at++;
            }

            below[stretch] = at;
        }

        return (below, shift);
    }
}
