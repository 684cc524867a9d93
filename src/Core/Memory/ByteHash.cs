using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MicroSpark.Memory;

/// <summary>
/// A checksum that tells whether bytes are as they were written. Eight CRC-32Cs run side by side, each over every eighth word, and are
/// mixed into 64 bits. Processors have an instruction for CRC-32C, and eight of them keep it busy.
/// </summary>
/// <remarks>
/// Not the framework's XxHash3: that is compiled in tiers. In a process that is young or busy compiling, it stays in the first tier for
/// tens of seconds, many times slower. There it took more than half of the processor time of a shuffle between processes. This is compiled
/// once, and as fast as bytes are copied.
/// </remarks>
internal static class ByteHash
{
    private const int Stride = 8 * sizeof(ulong);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static ulong Of(ReadOnlySpan<byte> bytes, ulong seed)
    {
        uint a = 1, b = 2, c = 3, d = 4, e = 5, f = 6, g = 7, h = 8;
        ref var at = ref MemoryMarshal.GetReference(bytes);
        var left = bytes.Length;
        for (; left >= Stride; left -= Stride)
        {
            a = BitOperations.Crc32C(a, Unsafe.ReadUnaligned<ulong>(ref at));
            b = BitOperations.Crc32C(b, Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref at, 8)));
            c = BitOperations.Crc32C(c, Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref at, 16)));
            d = BitOperations.Crc32C(d, Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref at, 24)));
            e = BitOperations.Crc32C(e, Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref at, 32)));
            f = BitOperations.Crc32C(f, Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref at, 40)));
            g = BitOperations.Crc32C(g, Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref at, 48)));
            h = BitOperations.Crc32C(h, Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref at, 56)));
            at = ref Unsafe.Add(ref at, Stride);
        }

        for (; left >= sizeof(ulong); left -= sizeof(ulong))
        {
            a = BitOperations.Crc32C(a, Unsafe.ReadUnaligned<ulong>(ref at));
            at = ref Unsafe.Add(ref at, sizeof(ulong));
        }

        for (; left > 0; left--)
        {
            b = BitOperations.Crc32C(b, at);
            at = ref Unsafe.Add(ref at, 1);
        }

        // The length tells zeros at the end apart.
        var mixed = Mix(Mix(seed, (uint)bytes.Length), ((ulong)a << 32) | b);
        return Mix(Mix(Mix(mixed, ((ulong)c << 32) | d), ((ulong)e << 32) | f), ((ulong)g << 32) | h);
    }

    /// <summary>One to one in each argument while the other stays.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Mix(ulong sum, ulong value)
    {
        var mixed = (sum ^ value) * 0x9E3779B97F4A7C15;
        mixed = (mixed ^ (mixed >> 32)) * 0xC2B2AE3D27D4EB4F;
        return mixed ^ (mixed >> 29);
    }
}
