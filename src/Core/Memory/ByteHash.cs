using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MicroSpark.Memory;

/// <summary>
/// What tells whether bytes are as they were written: 64 bits over eight lanes of eight bytes. Each step maps a lane one to one, so bytes that
/// differ in one place never agree, and those that differ in several do by chance once in 2^64.
/// </summary>
/// <remarks>
/// Not the framework's XxHash3: that is compiled in tiers, and in a process that is young or busy compiling it stays in the first tier, at a
/// twentieth of its speed, for tens of seconds (it took half of a shuffle's time). This one is compiled once, and as fast as memory is read.
/// </remarks>
internal static class ByteHash
{
    private const ulong Odd = 0x9E3779B97F4A7C15;
    private const int Stride = 64;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static ulong Of(ReadOnlySpan<byte> bytes, ulong seed)
    {
        ulong a = seed + 1, b = seed + 2, c = seed + 3, d = seed + 4, e = seed + 5, f = seed + 6, g = seed + 7, h = seed + 8;
        ref byte at = ref MemoryMarshal.GetReference(bytes);
        var left = bytes.Length;
        for (; left >= Stride; left -= Stride)
        {
            a = Step(a, Unsafe.ReadUnaligned<ulong>(ref at));
            b = Step(b, Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref at, 8)));
            c = Step(c, Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref at, 16)));
            d = Step(d, Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref at, 24)));
            e = Step(e, Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref at, 32)));
            f = Step(f, Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref at, 40)));
            g = Step(g, Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref at, 48)));
            h = Step(h, Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref at, 56)));
            at = ref Unsafe.Add(ref at, Stride);
        }

        for (; left >= sizeof(ulong); left -= sizeof(ulong))
        {
            a = Step(a, Unsafe.ReadUnaligned<ulong>(ref at));
            at = ref Unsafe.Add(ref at, sizeof(ulong));
        }

        for (; left > 0; left--)
        {
            b = Step(b, at);
            at = ref Unsafe.Add(ref at, 1);
        }

        // One lane after the other through the same steps: what differs in a lane differs in the end. The length tells trailing zeros apart.
        var sum = Step(Step(Step(Step(a, b), c), d), e);
        sum = Step(Step(Step(Step(sum, f), g), h), (ulong)bytes.Length);
        return sum ^ (sum >> 32);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Step(ulong lane, ulong value) => BitOperations.RotateLeft((lane ^ value) * Odd, 29);
}
