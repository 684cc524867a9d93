using System.Runtime.CompilerServices;

namespace MicroSpark.Hashing;

/// <summary>
/// The hash that decides where a key goes: the same in every process, and in agreement with the key type's default equality. All 64
/// bits are well mixed: partitioners use the high ones, tables the low ones.
/// </summary>
/// <remarks>
/// The chain of type tests is decided when the method is compiled for T: a primitive or a string costs its arithmetic and no call
/// through a pointer. Every other type has one <see cref="Hasher{T}"/>, a static readonly of an exact class, which the compiler
/// sees through as well: (int, string) inlines to its parts.
/// </remarks>
internal static class StableHash<T>
{
    /// <summary>Hash of one key; null gives 0.</summary>
    /// <exception cref="InvalidOperationException">The value is no key, which only its runtime type shows.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Of(T key)
    {
        if (!typeof(T).IsValueType)
        {
            return key is null ? 0 : key is string text ? StringHash.Of(text) : Strategy.Instance.Hash(key);
        }

        if (typeof(T) == typeof(int))
        {
            return HashMix.Mix((ulong)Unsafe.As<T, int>(ref key));
        }

        if (typeof(T) == typeof(long) || typeof(T) == typeof(ulong) || typeof(T) == typeof(TimeSpan))
        {
            return HashMix.Mix(Unsafe.As<T, ulong>(ref key));
        }

        if (typeof(T) == typeof(uint))
        {
            return HashMix.Mix(Unsafe.As<T, uint>(ref key));
        }

        if (typeof(T) == typeof(short))
        {
            return HashMix.Mix((ulong)Unsafe.As<T, short>(ref key));
        }

        if (typeof(T) == typeof(ushort) || typeof(T) == typeof(char))
        {
            return HashMix.Mix(Unsafe.As<T, ushort>(ref key));
        }

        if (typeof(T) == typeof(byte))
        {
            return HashMix.Mix(Unsafe.As<T, byte>(ref key));
        }

        if (typeof(T) == typeof(sbyte))
        {
            return HashMix.Mix((ulong)Unsafe.As<T, sbyte>(ref key));
        }

        if (typeof(T) == typeof(bool))
        {
            return HashMix.Mix(Unsafe.As<T, bool>(ref key) ? 1UL : 0UL);
        }

        if (typeof(T) == typeof(double))
        {
            return FloatHash.Of(Unsafe.As<T, double>(ref key));
        }

        if (typeof(T) == typeof(float))
        {
            return FloatHash.Of(Unsafe.As<T, float>(ref key));
        }

        if (typeof(T) == typeof(DateTime))
        {
            // Two times of the same ticks are equal whatever their Kind.
            return HashMix.Mix((ulong)Unsafe.As<T, DateTime>(ref key).Ticks);
        }

        if (typeof(T).IsEnum)
        {
            return HashMix.Mix(Unsafe.SizeOf<T>() switch
            {
                1 => Unsafe.As<T, byte>(ref key),
                2 => Unsafe.As<T, ushort>(ref key),
                4 => Unsafe.As<T, uint>(ref key),
                _ => Unsafe.As<T, ulong>(ref key),
            });
        }

        return Strategy.Instance.Hash(key);
    }

    /// <summary>
    /// Builds what hashing T needs. Call it before compiling a loop that calls <see cref="Of"/>: a method compiled after this sees
    /// through the strategy, one compiled before goes through a virtual call for ever.
    /// </summary>
    public static void Prepare() => _ = Strategy.Instance;

    // A class of its own, so that the primitives above never run its initializer.
    private static class Strategy
    {
        public static readonly Hasher<T> Instance = Hashers.Create<T>();
    }
}
