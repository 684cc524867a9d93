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

    private readonly KeyRanges<K> _partitioner;
    private readonly ulong[]? _ranks;
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
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Of(K key) =>
        KeyRank<K>.IsExact && _ranks is { } ranks ? _first + (_step * RangeOf(KeyRank<K>.Of(key), ranks)) : _partitioner.GetPartition(key);

    /// <summary>How many bounds are below the rank.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int RangeOf(ulong rank, ulong[] bounds)
    {
        if (bounds.Length > CountLimit)
        {
            return Halve(rank, bounds);
        }

        var below = 0;
        foreach (var bound in bounds)
        {
            below += Unsafe.BitCast<bool, byte>(bound < rank);
        }

        return below;
    }

    private static int Halve(ulong rank, ulong[] bounds)
    {
        // The answer is between start and start + length.
        var (start, length) = (0, bounds.Length);
        while (length > 0)
        {
            var half = (length + 1) >> 1;
            start += half & -Unsafe.BitCast<bool, byte>(bounds[start + half - 1] < rank);
            length -= half;
        }

        return start;
    }
}
