using System.Runtime.CompilerServices;
using System.Text;

namespace MicroSpark.Ordering;

/// <summary>
/// A number's, time's or enum's place in the natural order as an unsigned number, for radix sorting. Exact: equal ranks are equal keys, as
/// .NET compares them: of two times at one instant the offsets and kinds do not count.
/// </summary>
internal static class KeyRank<K>
{
    private const ulong SignBit = 1UL << 63;

    private static readonly TypeCode s_enum = typeof(K).IsEnum ? Type.GetTypeCode(typeof(K)) : TypeCode.Empty;

    /// <summary>Whether the type has one.</summary>
    public static bool IsExact =>
        typeof(K) == typeof(int) || typeof(K) == typeof(long) || typeof(K) == typeof(uint) || typeof(K) == typeof(ulong)
        || typeof(K) == typeof(short) || typeof(K) == typeof(ushort) || typeof(K) == typeof(byte) || typeof(K) == typeof(sbyte)
        || typeof(K) == typeof(char) || typeof(K) == typeof(bool) || typeof(K) == typeof(double) || typeof(K) == typeof(float)
        || typeof(K) == typeof(Half) || typeof(K) == typeof(nint) || typeof(K) == typeof(nuint) || typeof(K) == typeof(Rune)
        || typeof(K) == typeof(DateTime) || typeof(K) == typeof(DateTimeOffset) || typeof(K) == typeof(TimeSpan)
        || typeof(K) == typeof(DateOnly) || typeof(K) == typeof(TimeOnly)
        || (typeof(K).IsValueType && typeof(K).IsEnum && s_enum is >= TypeCode.SByte and <= TypeCode.UInt64);

    /// <summary>The rank of a key of an exact type.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Of(K key)
    {
        if (typeof(K) == typeof(double))
        {
            return OfDouble(Unsafe.As<K, double>(ref key));
        }

        if (typeof(K) == typeof(float))
        {
            return OfDouble(Unsafe.As<K, float>(ref key));
        }

        if (typeof(K) == typeof(Half))
        {
            return OfDouble((double)Unsafe.As<K, Half>(ref key));
        }

        if (typeof(K) == typeof(ulong))
        {
            return Unsafe.As<K, ulong>(ref key);
        }

        if (typeof(K) == typeof(nuint))
        {
            return Unsafe.As<K, nuint>(ref key);
        }

        if (typeof(K).IsValueType && typeof(K).IsEnum)
        {
            return OfEnum(key);
        }

        var signed =
            typeof(K) == typeof(int) ? Unsafe.As<K, int>(ref key)
            : typeof(K) == typeof(uint) ? Unsafe.As<K, uint>(ref key)
            : typeof(K) == typeof(short) ? Unsafe.As<K, short>(ref key)
            : typeof(K) == typeof(ushort) || typeof(K) == typeof(char) ? Unsafe.As<K, ushort>(ref key)
            : typeof(K) == typeof(byte) || typeof(K) == typeof(bool) ? Unsafe.As<K, byte>(ref key)
            : typeof(K) == typeof(sbyte) ? Unsafe.As<K, sbyte>(ref key)
            : typeof(K) == typeof(DateOnly) ? Unsafe.As<K, DateOnly>(ref key).DayNumber
            : typeof(K) == typeof(Rune) ? Unsafe.As<K, Rune>(ref key).Value
            : typeof(K) == typeof(nint) ? Unsafe.As<K, nint>(ref key)
            : typeof(K) == typeof(DateTime) ? Unsafe.As<K, DateTime>(ref key).Ticks
            : typeof(K) == typeof(DateTimeOffset) ? Unsafe.As<K, DateTimeOffset>(ref key).UtcTicks
            : typeof(K) == typeof(TimeOnly) ? Unsafe.As<K, TimeOnly>(ref key).Ticks
            : typeof(K) == typeof(TimeSpan) || typeof(K) == typeof(long) ? Unsafe.As<K, long>(ref key)
            : throw new NotSupportedException($"{typeof(K)} has no exact rank.");
        return (ulong)signed ^ SignBit;
    }

    private static ulong OfDouble(double value)
    {
        // NaN comes first in .NET's order, and -0.0 equals 0.0.
        if (double.IsNaN(value))
        {
            return 0;
        }

        var bits = BitConverter.DoubleToUInt64Bits(value + 0.0);
        return (bits & SignBit) != 0 ? ~bits : bits | SignBit;
    }

    /// <summary>Enums compare by their numbers, with those' signs.</summary>
    private static ulong OfEnum(K key) => s_enum switch
    {
        TypeCode.SByte => (ulong)Unsafe.As<K, sbyte>(ref key) ^ SignBit,
        TypeCode.Byte => Unsafe.As<K, byte>(ref key),
        TypeCode.Int16 => (ulong)Unsafe.As<K, short>(ref key) ^ SignBit,
        TypeCode.UInt16 => Unsafe.As<K, ushort>(ref key),
        TypeCode.Int32 => (ulong)Unsafe.As<K, int>(ref key) ^ SignBit,
        TypeCode.UInt32 => Unsafe.As<K, uint>(ref key),
        TypeCode.Int64 => (ulong)Unsafe.As<K, long>(ref key) ^ SignBit,
        _ => Unsafe.As<K, ulong>(ref key),
    };
}
