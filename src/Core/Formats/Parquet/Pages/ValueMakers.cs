using System.Buffers.Binary;
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
                $"expected text in UTF-8, found {Convert.ToHexString(bytes[..Math.Min(bytes.Length, 32)])}. Read it as byte[] if it is meant", e);
        }
    }
}

/// <summary>Bytes as they are. Those of a dictionary are shared by rows: whoever makes an element of them copies them.</summary>
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
    public decimal Make(ReadOnlySpan<byte> bytes) =>
        Int128Fits(bytes, out var small) ? Decimals.Of(small, scale) : Decimals.Of(new BigInteger(bytes, isBigEndian: true), scale);

    private static bool Int128Fits(ReadOnlySpan<byte> bytes, out Int128 value)
    {
        value = bytes.Length > 0 && (sbyte)bytes[0] < 0 ? Int128.NegativeOne : Int128.Zero;
        foreach (var part in bytes)
        {
            value = (value << 8) | part;
        }

        return bytes.Length <= 16;
    }
}

/// <summary>Exact decimals, or an error.</summary>
internal static class Decimals
{
    private const int Deepest = 28;
    private static readonly Int128 s_most = ((Int128)1 << 96) - 1;

    public static decimal Of(long value, int scale) => scale <= Deepest && value != long.MinValue
        ? new decimal((int)Math.Abs(value), (int)(Math.Abs(value) >> 32), 0, value < 0, (byte)scale)
        : Of((Int128)value, scale);

    public static decimal Of(Int128 value, int scale)
    {
        var size = value < 0 ? -value : value;

        // Zeros at the end may go, so that what is left fits.
        for (; scale > 0 && (scale > Deepest || size > s_most || size < 0) && size % 10 == 0; scale--)
        {
            size /= 10;
        }

        return scale <= Deepest && size >= 0 && size <= s_most
            ? new decimal((int)(uint)(size & uint.MaxValue), (int)(uint)((size >> 32) & uint.MaxValue), (int)(uint)(size >> 64), value < 0, (byte)scale)
            : throw TooLong(value.ToString(), scale);
    }

    public static decimal Of(BigInteger value, int scale)
    {
        while (scale > 0 && value % 10 == 0)
        {
            (value, scale) = (value / 10, scale - 1);
        }

        return BigInteger.Abs(value) <= (BigInteger)s_most ? Of((Int128)value, scale) : throw TooLong(value.ToString(), scale);
    }

    private static InvalidDataException TooLong(string value, int scale) => new(
        $"expected a number that a decimal holds exactly (28 digits), found {value} with {scale} digits behind the point");
}
