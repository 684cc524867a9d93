using System.Buffers;
using System.IO.Hashing;
using System.Net;
using System.Numerics;
using System.Text;

namespace MicroSpark.Hashing;

/// <summary>The framework's value types that have their own Equals: each hash follows what that Equals looks at.</summary>
internal static class BuiltInHashers
{
    private static readonly Dictionary<Type, object> s_byType = new()
    {
        [typeof(decimal)] = new DecimalHasher(),
        [typeof(Guid)] = new GuidHasher(),
        [typeof(DateTimeOffset)] = new DateTimeOffsetHasher(),
        [typeof(DateOnly)] = new DateOnlyHasher(),
        [typeof(TimeOnly)] = new TimeOnlyHasher(),
        [typeof(Int128)] = new Int128Hasher(),
        [typeof(UInt128)] = new UInt128Hasher(),
        [typeof(nint)] = new NIntHasher(),
        [typeof(nuint)] = new NUIntHasher(),
        [typeof(Half)] = new HalfHasher(),
        [typeof(Rune)] = new RuneHasher(),
        [typeof(BigInteger)] = new BigIntegerHasher(),
        [typeof(Complex)] = new ComplexHasher(),
        [typeof(Uri)] = new UriHasher(),
        [typeof(Version)] = new VersionHasher(),
        [typeof(IPAddress)] = new IPAddressHasher(),
    };

    /// <summary>
    /// Whether the type is one of these, or derives from one: IPAddress.Any is of a private class, and equals by value too.
    /// </summary>
    public static bool Has(Type type) => Find(type) is not null;

    /// <summary>The type's hasher; null for primitives and strings, which <see cref="StableHash{T}"/> hashes in place.</summary>
    public static Hasher<T>? Find<T>() => Find(typeof(T)) switch
    {
        null => null,
        Hasher<T> own => own,
        var inherited => (Hasher<T>)Activator.CreateInstance(
            typeof(InheritedHasher<,>).MakeGenericType(typeof(T), inherited.GetType().BaseType!.GenericTypeArguments[0]), inherited)!,
    };

    private static object? Find(Type? type)
    {
        object? found = null;
        while (type is not null && !s_byType.TryGetValue(type, out found))
        {
            type = type.BaseType;
        }

        return found;
    }

    private sealed class InheritedHasher<T, TBase>(Hasher<TBase> inherited) : Hasher<T>
        where T : TBase
    {
        public override ulong Hash(T value) => inherited.Hash(value);
    }

    private sealed class DecimalHasher : Hasher<decimal>
    {
        public override ulong Hash(decimal value)
        {
            Span<int> parts = stackalloc int[4];
            decimal.GetBits(value, parts);
            var digits = new UInt128((uint)parts[2], ((ulong)(uint)parts[1] << 32) | (uint)parts[0]);
            var scale = (parts[3] >> 16) & 0xFF;

            // 1.0 equals 1.00, and 0 equals -0: trailing zeros and the sign of zero do not count.
            if (digits == UInt128.Zero)
            {
                return HashMix.Mix(0);
            }

            if (parts[2] == 0)
            {
                // Nearly all are so short, and division of 64 bits is far quicker.
                var few = (ulong)digits;
                for (; scale > 0 && (few & 1) == 0; scale--)
                {
                    var (quotient, remainder) = Math.DivRem(few, 10);
                    if (remainder != 0)
                    {
                        break;
                    }

                    few = quotient;
                }

                digits = few;
            }
            else
            {
                for (; scale > 0; scale--)
                {
                    var (quotient, remainder) = UInt128.DivRem(digits, 10);
                    if (remainder != UInt128.Zero)
                    {
                        break;
                    }

                    digits = quotient;
                }
            }

            var sign = (uint)parts[3] & 0x80000000;
            return HashMix.Combine(UInt128Hasher.Of(digits), sign | (uint)scale);
        }
    }

    private sealed class GuidHasher : Hasher<Guid>
    {
        public override ulong Hash(Guid value)
        {
            Span<byte> bytes = stackalloc byte[16];
            value.TryWriteBytes(bytes);
            return UInt128Hasher.Of(System.Buffers.Binary.BinaryPrimitives.ReadUInt128LittleEndian(bytes));
        }
    }

    private sealed class DateTimeOffsetHasher : Hasher<DateTimeOffset>
    {
        public override ulong Hash(DateTimeOffset value) => HashMix.Mix((ulong)value.UtcTicks);
    }

    private sealed class DateOnlyHasher : Hasher<DateOnly>
    {
        public override ulong Hash(DateOnly value) => HashMix.Mix((ulong)value.DayNumber);
    }

    private sealed class TimeOnlyHasher : Hasher<TimeOnly>
    {
        public override ulong Hash(TimeOnly value) => HashMix.Mix((ulong)value.Ticks);
    }

    private sealed class Int128Hasher : Hasher<Int128>
    {
        public override ulong Hash(Int128 value) => UInt128Hasher.Of((UInt128)value);
    }

    private sealed class UInt128Hasher : Hasher<UInt128>
    {
        public static ulong Of(UInt128 value) => HashMix.Combine(HashMix.Mix((ulong)value), HashMix.Mix((ulong)(value >> 64)));

        public override ulong Hash(UInt128 value) => Of(value);
    }

    private sealed class NIntHasher : Hasher<nint>
    {
        public override ulong Hash(nint value) => HashMix.Mix((ulong)value);
    }

    private sealed class NUIntHasher : Hasher<nuint>
    {
        public override ulong Hash(nuint value) => HashMix.Mix(value);
    }

    private sealed class HalfHasher : Hasher<Half>
    {
        public override ulong Hash(Half value) => FloatHash.Of(value);
    }

    private sealed class RuneHasher : Hasher<Rune>
    {
        public override ulong Hash(Rune value) => HashMix.Mix((ulong)value.Value);
    }

    private sealed class BigIntegerHasher : Hasher<BigInteger>
    {
        public override ulong Hash(BigInteger value)
        {
            var length = value.GetByteCount();
            byte[]? rented = null;
            var bytes = length <= 256 ? stackalloc byte[length] : (rented = ArrayPool<byte>.Shared.Rent(length)).AsSpan(0, length);
            value.TryWriteBytes(bytes, out _);
            var hash = XxHash3.HashToUInt64(bytes);
            if (rented is not null)
            {
                ArrayPool<byte>.Shared.Return(rented);
            }

            return hash;
        }
    }

    private sealed class ComplexHasher : Hasher<Complex>
    {
        public override ulong Hash(Complex value) => HashMix.Combine(FloatHash.Of(value.Real), FloatHash.Of(value.Imaginary));
    }

    private sealed class VersionHasher : Hasher<Version>
    {
        // As the tuple of the four numbers.
        public override ulong Hash(Version value) => HashMix.Combine(
            HashMix.Combine(HashMix.Combine(Of(value.Major), Of(value.Minor)), Of(value.Build)), Of(value.Revision));

        private static ulong Of(int part) => HashMix.Mix((ulong)part);
    }

    private sealed class UriHasher : Hasher<Uri>
    {
        // Uri.Equals leaves out user and fragment, sees through escapes, and ignores the case of file paths.
        public override ulong Hash(Uri value)
        {
            if (!value.IsAbsoluteUri)
            {
                return StringHash.Of(value.OriginalString);
            }

            var request = value.GetComponents(UriComponents.HttpRequestUrl, UriFormat.SafeUnescaped);
            return StringHash.Of(value.IsFile ? request.ToUpperInvariant() : request);
        }
    }

    private sealed class IPAddressHasher : Hasher<IPAddress>
    {
        public override ulong Hash(IPAddress value)
        {
            Span<byte> bytes = stackalloc byte[16];
            value.TryWriteBytes(bytes, out var length);
            return XxHash3.HashToUInt64(bytes[..length]);
        }
    }
}
