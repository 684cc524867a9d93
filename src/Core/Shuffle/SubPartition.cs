using System.Runtime.CompilerServices;

namespace MicroSpark.Shuffle;

/// <summary>
/// How operators by key split an input that is too large for one table. They use bits of the hash that neither partitioners (the highest)
/// nor tables (the low 32) read. A part that is still too large is split again by the next bits, three times at most. A larger one after
/// that can only be one key.
/// </summary>
internal static class SubPartition
{
    public const int Count = 1 << Bits;

    /// <summary>The deepest level, counted from 0.</summary>
    public const int Deepest = 2;

    private const int Bits = 7;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Of(ulong hash, int level) => (int)(hash >> (32 + (Bits * level))) & (Count - 1);
}
