using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace MicroSpark.Files;

/// <summary>Finds bytes, a block of bytes at a time: one bit for each byte, the first byte's lowest.</summary>
internal static class ByteScan
{
    public const int Block = 64;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Find(ref byte block, byte wanted)
    {
        if (Vector256.IsHardwareAccelerated)
        {
            var wide = Vector256.Create(wanted);
            return Vector256.Equals(Vector256.LoadUnsafe(ref block), wide).ExtractMostSignificantBits()
                | ((ulong)Vector256.Equals(Vector256.LoadUnsafe(ref block, 32), wide).ExtractMostSignificantBits() << 32);
        }

        var narrow = Vector128.Create(wanted);
        ulong found = 0;
        for (var i = 0; i < Block; i += Vector128<byte>.Count)
        {
            found |= (ulong)Vector128.Equals(Vector128.LoadUnsafe(ref block, (nuint)i), narrow).ExtractMostSignificantBits() << i;
        }

        return found;
    }

    public static ulong Find(ref byte block, byte[] wanted)
    {
        ulong found = 0;
        foreach (var one in wanted)
        {
            found |= Find(ref block, one);
        }

        return found;
    }

    /// <summary>Where lines end among the first bytes of a text, up to a block of them.</summary>
    public static ulong FindLineEnds(ReadOnlySpan<byte> text)
    {
        if (text.Length >= Block)
        {
            ref var block = ref MemoryMarshal.GetReference(text);
            return Find(ref block, (byte)'\n') | Find(ref block, (byte)'\r');
        }

        ulong found = 0;
        for (var i = 0; i < text.Length; i++)
        {
            found |= text[i] is (byte)'\n' or (byte)'\r' ? 1UL << i : 0;
        }

        return found;
    }
}
