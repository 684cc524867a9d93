using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace MicroSpark.Stages.Splitting;

/// <summary>Finds separators, a block of bytes at a time: one bit for each byte, the first byte's lowest.</summary>
internal static class AsciiScan
{
    public const int Block = 64;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Find(ref byte block, byte separator)
    {
        if (Vector256.IsHardwareAccelerated)
        {
            var wanted = Vector256.Create(separator);
            return Vector256.Equals(Vector256.LoadUnsafe(ref block), wanted).ExtractMostSignificantBits()
                | ((ulong)Vector256.Equals(Vector256.LoadUnsafe(ref block, 32), wanted).ExtractMostSignificantBits() << 32);
        }

        var narrow = Vector128.Create(separator);
        ulong found = 0;
        for (var i = 0; i < Block; i += Vector128<byte>.Count)
        {
            found |= (ulong)Vector128.Equals(Vector128.LoadUnsafe(ref block, (nuint)i), narrow).ExtractMostSignificantBits() << i;
        }

        return found;
    }

    public static ulong Find(ref byte block, byte[] separators)
    {
        ulong found = 0;
        foreach (var separator in separators)
        {
            found |= Find(ref block, separator);
        }

        return found;
    }
}

/// <summary>The characters that .NET takes for white space.</summary>
internal static class WhiteSpace
{
    public static SearchValues<char> All { get; } =
        SearchValues.Create([.. Enumerable.Range(0, char.MaxValue + 1).Select(c => (char)c).Where(char.IsWhiteSpace)]);

    public static ReadOnlySpan<byte> Ascii => "\t\n\v\f\r "u8;
}
