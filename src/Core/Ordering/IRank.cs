using System.Runtime.CompilerServices;

namespace MicroSpark.Ordering;

/// <summary>An element's place in an order as an unsigned number. A struct, so that the radix sort reads it in place.</summary>
internal interface IRank<T>
{
    ulong Of(in T item);
}

/// <summary>
/// The rank of an element whose key has an exact one. The complement turns the order round and leaves equal keys as they were.
/// </summary>
/// <param name="from">
/// The lowest rank that comes: distances from it differ in no more bits than the keys are apart. A narrow range of ranks may differ in its
/// highest bit.
/// </param>
internal readonly struct ExactRank<T, K, TKey>(bool ascending, ulong from = 0) : IRank<T>
    where TKey : struct, IKeyOf<T, K>
{
    private readonly ulong _flip = ascending ? 0 : ulong.MaxValue;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Of(in T item) => (KeyRank<K>.Of(TKey.Of(in item)) ^ _flip) - from;
}

/// <summary>
/// A rank beside the position of the element that it stands for: what is sorted in place of elements that are dear to move.
/// </summary>
internal readonly record struct RankEntry(ulong Rank, int Position);

internal readonly struct EntryRank : IRank<RankEntry>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Of(in RankEntry item) => item.Rank;
}
