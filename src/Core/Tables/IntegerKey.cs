using System.Runtime.CompilerServices;

namespace MicroSpark.Tables;

/// <summary>Keys that are whole numbers, as numbers: decided when the caller is compiled.</summary>
internal static class IntegerKey<K>
{
    public static bool Is
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get =>
            typeof(K) == typeof(int) || typeof(K) == typeof(long) || typeof(K) == typeof(uint) || typeof(K) == typeof(ulong)
            || typeof(K) == typeof(short) || typeof(K) == typeof(ushort) || typeof(K) == typeof(char);
    }

    /// <summary>The key's number; of an unsigned long its bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long ToInt64(K key) =>
        typeof(K) == typeof(int) ? Unsafe.As<K, int>(ref key)
        : typeof(K) == typeof(uint) ? Unsafe.As<K, uint>(ref key)
        : typeof(K) == typeof(short) ? Unsafe.As<K, short>(ref key)
        : typeof(K) == typeof(ushort) || typeof(K) == typeof(char) ? Unsafe.As<K, ushort>(ref key)
        : Unsafe.As<K, long>(ref key);

    /// <summary>Widens a range of numbers until the keys of these pairs are in it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Widen<T>(ReadOnlySpan<(K Key, T Value)> pairs, ref long least, ref long greatest)
    {
        var (low, high) = (least, greatest);
        foreach (ref readonly var pair in pairs)
        {
            var number = ToInt64(pair.Key);
            low = Math.Min(low, number);
            high = Math.Max(high, number);
        }

        (least, greatest) = (low, high);
    }

    /// <summary>The key of a number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static K FromInt64(long number)
    {
        // The low bytes are the key: every processor that .NET runs on here has them first.
        return Unsafe.As<long, K>(ref number);
    }
}
