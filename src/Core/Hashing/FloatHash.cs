using System.Runtime.CompilerServices;

namespace MicroSpark.Hashing;

/// <summary>Floating-point keys: 0.0 equals -0.0, and every NaN equals every other, so each of these has one hash.</summary>
internal static class FloatHash
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Of(double value)
    {
        // Adding positive zero turns -0.0 into 0.0 and changes nothing else.
        var bits = BitConverter.DoubleToUInt64Bits(value + 0.0);
        return HashMix.Mix(double.IsNaN(value) ? BitConverter.DoubleToUInt64Bits(double.NaN) : bits);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Of(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value + 0.0f);
        return HashMix.Mix(float.IsNaN(value) ? BitConverter.SingleToUInt32Bits(float.NaN) : bits);
    }

    public static ulong Of(Half value) => Of((float)value);
}
