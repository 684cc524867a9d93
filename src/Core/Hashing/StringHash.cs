using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MicroSpark.Hashing;

/// <summary>
/// Hash of a string's UTF-16 units, ordinal. Words are short: up to 8 units take two overlapping loads and two multiplications;
/// longer text goes 16 units a round in two independent lanes. Built on 4-unit words so that byte order does not matter.
/// </summary>
internal static class StringHash
{
    private const int Word = 4;
    private const int Round = 16;

    public static ulong Of(string text) => Of(text.AsSpan());

    public static ulong Of(ReadOnlySpan<char> text)
    {
        ref var start = ref MemoryMarshal.GetReference(text);
        var length = text.Length;
        ulong a, b;
        var seed = HashMix.K3 ^ ((ulong)(uint)length * HashMix.K1);
        if (length <= 2 * Word)
        {
            if (length >= Word)
            {
                a = Load4(ref start);
                b = Load4(ref Unsafe.Add(ref start, length - Word));
            }
            else if (length >= 2)
            {
                a = Load2(ref start);
                b = Load2(ref Unsafe.Add(ref start, length - 2));
            }
            else
            {
                a = length == 0 ? 0UL : start;
                b = 0;
            }
        }
        else
        {
            var at = 0;
            if (length > Round)
            {
                var second = seed ^ HashMix.K2;
                for (; at + Round < length; at += Round)
                {
                    ref var round = ref Unsafe.Add(ref start, at);
                    seed = HashMix.Fold(Load4(ref round) ^ HashMix.K1, Load4(ref Unsafe.Add(ref round, Word)) ^ seed);
                    second = HashMix.Fold(
                        Load4(ref Unsafe.Add(ref round, 2 * Word)) ^ HashMix.K2, Load4(ref Unsafe.Add(ref round, 3 * Word)) ^ second);
                }

                seed ^= second;
            }

            // 1 to 16 units are left. The last 8 are read whole, overlapping what was read before: no loop over single units.
            if (length - at > 2 * Word)
            {
                ref var tail = ref Unsafe.Add(ref start, at);
                seed = HashMix.Fold(Load4(ref tail) ^ HashMix.K1, Load4(ref Unsafe.Add(ref tail, Word)) ^ seed);
            }

            a = Load4(ref Unsafe.Add(ref start, length - (2 * Word)));
            b = Load4(ref Unsafe.Add(ref start, length - Word));
        }

        return HashMix.Fold(HashMix.Fold(a ^ HashMix.K2, b ^ seed) ^ HashMix.K1, seed ^ HashMix.K2);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Load4(ref char at) => BitConverter.IsLittleEndian
        ? Unsafe.ReadUnaligned<ulong>(ref Unsafe.As<char, byte>(ref at))
        : Load2(ref at) | (Load2(ref Unsafe.Add(ref at, 2)) << 32);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Load2(ref char at) => BitConverter.IsLittleEndian
        ? Unsafe.ReadUnaligned<uint>(ref Unsafe.As<char, byte>(ref at))
        : (ulong)(at | ((uint)Unsafe.Add(ref at, 1) << 16));
}
