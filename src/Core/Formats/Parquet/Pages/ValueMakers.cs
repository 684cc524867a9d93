using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace MicroSpark.Formats.Parquet.Pages;

/// <summary>The deprecated timestamp of 12 bytes: nanoseconds of the day, and the Julian day.</summary>
[System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Sequential, Pack = 4)]
internal readonly record struct Int96(long Nanos, int Day);

/// <summary>Text. Bytes that are no UTF-8 are an error: a replaced character would be another value.</summary>
internal readonly struct TextMaker : IValueMaker<string>
{
    private static readonly UTF8Encoding s_strict = new(false, throwOnInvalidBytes: true);

    public string Make(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return s_strict.GetString(bytes);
        }
        catch (DecoderFallbackException e)
        {
            throw new InvalidDataException(
                $"expected text in UTF-8, found {Convert.ToHexString(bytes[..Math.Min(bytes.Length, 32)])}. Read it as byte[] if it is "
                + "meant", e);
        }
    }
}

/// <summary>Bytes as they are.</summary>
internal readonly struct BytesMaker : IValueMaker<byte[]>
{
    public byte[] Make(ReadOnlySpan<byte> bytes) => bytes.ToArray();
}

internal readonly struct GuidMaker : IValueMaker<Guid>
{
    public Guid Make(ReadOnlySpan<byte> bytes) => new(bytes, bigEndian: true);
}

internal readonly struct HalfMaker : IValueMaker<Half>
{
    public Half Make(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadHalfLittleEndian(bytes);
}

/// <summary>Numbers whose bytes were split.</summary>
internal readonly struct NumberMaker<V> : IValueMaker<V>
    where V : unmanaged
{
    public V Make(ReadOnlySpan<byte> bytes) => System.Runtime.InteropServices.MemoryMarshal.Read<V>(bytes);
}

/// <summary>Whole numbers of any size, the highest byte first, as decimals.</summary>
internal readonly struct DecimalMaker(int scale) : IValueMaker<decimal>
{
    private const int SmallBytes = 16;
    private const int MostBytes = 1 << 10;

    public decimal Make(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > SmallBytes)
        {
            return bytes.Length <= MostBytes
                ? Decimals.Of(new BigInteger(bytes, isBigEndian: true), scale)
                : throw new InvalidDataException($"expected a number of at most {MostBytes} bytes, found {bytes.Length}");
        }

        var value = bytes.Length > 0 && (sbyte)bytes[0] < 0 ? Int128.NegativeOne : Int128.Zero;
        foreach (var part in bytes)
        {
            value = (value << 8) | part;
        }

        return Decimals.Of(value, scale);
    }
}

/// <summary>The same as text, of as many digits as there are.</summary>
internal readonly struct DigitsMaker(int scale) : IValueMaker<string>
{
    public string Make(ReadOnlySpan<byte> bytes)
    {
        const int Longest = 1 << 10;
        if (bytes.Length > Longest || scale > Longest)
        {
            throw new InvalidDataException(
                $"expected a number of at most {Longest} bytes, found {bytes.Length} and {scale} digits behind the point");
        }

        var value = new BigInteger(bytes, isBigEndian: true);
        var digits = BigInteger.Abs(value).ToString(CultureInfo.InvariantCulture).PadLeft(scale + 1, '0');
        var sign = value.Sign < 0 ? "-" : "";
        return scale == 0 ? sign + digits : $"{sign}{digits.AsSpan(0, digits.Length - scale)}.{digits.AsSpan(digits.Length - scale)}";
    }
}

/// <summary>Exact decimals, or an error.</summary>
internal static class Decimals
{
    private const int Deepest = 28;
    private static readonly UInt128 s_most = (UInt128.One << 96) - 1;

    /// <remarks>
    /// Zeros behind the last digit are the column's, not the value's: they go, so that 0.5 comes back as 0.5 from any column.
    /// </remarks>
    public static decimal Of(long value, int scale)
    {
        for (; scale > 0 && value % 10 == 0; scale--)
        {
            if (value == 0)
            {
                return 0;
            }

            value /= 10;
        }

        var size = value < 0 ? 0 - (ulong)value : (ulong)value;
        return scale <= Deepest
            ? new decimal((int)(uint)size, (int)(uint)(size >> 32), 0, value < 0, (byte)scale)
            : throw TooLong(value.ToString(CultureInfo.InvariantCulture), scale);
    }

    public static decimal Of(Int128 value, int scale)
    {
        for (; scale > 0 && (value > long.MaxValue || value < long.MinValue) && value % 10 == 0; scale--)
        {
            value /= 10;
        }

        if (value >= long.MinValue && value <= long.MaxValue)
        {
            return Of((long)value, scale);
        }

        var size = (UInt128)(value < 0 ? -value : value);
        return scale <= Deepest && size <= s_most
            ? new decimal((int)(uint)size, (int)(uint)(size >> 32), (int)(uint)(size >> 64), value < 0, (byte)scale)
            : throw TooLong(value.ToString(CultureInfo.InvariantCulture), scale);
    }

    public static decimal Of(BigInteger value, int scale)
    {
        while (scale > 0 && value % 10 == 0 && !value.IsZero)
        {
            (value, scale) = (value / 10, scale - 1);
        }

        return BigInteger.Abs(value) <= s_most
            ? Of((Int128)value, scale)
            : throw TooLong(value.ToString(CultureInfo.InvariantCulture), scale);
    }

    private static InvalidDataException TooLong(string value, int scale) => new(
        $"expected a number that a decimal holds exactly (28 digits), found {value} with {scale} digits behind the point: read it as a "
        + "string");
}
