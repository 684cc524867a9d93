using System.Runtime.CompilerServices;

namespace MicroSpark.Hashing;

/// <summary>
/// The arithmetic under every stable hash. These functions decide where keys live, on disk and between versions: they never change
/// (StableHashPinnedTests holds their values).
/// </summary>
internal static class HashMix
{
    internal const ulong K1 = 0x9E3779B97F4A7C15;
    internal const ulong K2 = 0xD1B54A32D192ED03;
    internal const ulong K3 = 0xABC98388FB8FAC03;

    /// <summary>
    /// Bijective on 64 bits, and every input bit reaches every output bit: partitioners read the high bits, tables the low ones, and
    /// neighbouring integers must be strangers to both. (A Weyl step and splitmix64's finalizer.)
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Mix(ulong x)
    {
        x += K1;
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }

    /// <summary>Both halves of the 128-bit product, folded: one multiplication mixes two words.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Fold(ulong a, ulong b)
    {
        var high = Math.BigMul(a, b, out var low);
        return high ^ low;
    }

    /// <summary>
    /// Hash of a sequence from the hash of its beginning and the next component's hash. Order matters: (a, b) is not (b, a).
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Combine(ulong soFar, ulong next) => Fold(soFar ^ K1, next ^ K2) + next;
}
