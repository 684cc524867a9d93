using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace MicroSpark.Codecs;

/// <summary>
/// The parts of plain memory that may not be any bits: a decimal has at most 28 digits behind its point, a time ends with the year 9999.
/// The framework trusts what it made itself. It writes past the end of a buffer on its stack when a decimal of more digits is added, and
/// reads past the end of a table when a later time is formatted. So memory that comes from elsewhere is looked at before it is a value.
/// </summary>
/// <remarks>Fields of a struct that lie over each other are not looked at: which of them it means, only its author knows.</remarks>
internal static class RawParts
{
    private const int MostDigits = 28;
    private const int MostOffsetMinutes = 14 * 60;

    /// <summary>The parts of a plain type; null when any bits are a value of it.</summary>
    public static RawPart[]? Of(Type type)
    {
        List<RawPart> parts = [];
        Add(parts, type, 0);
        return parts.Count > 0 ? [.. parts] : null;
    }

    /// <summary>Whether the type itself is such a part, for which <see cref="IsValue{T}"/> is all there is to ask.</summary>
    public static bool IsPart(Type type) =>
        type == typeof(decimal) || type == typeof(DateTime) || type == typeof(DateTimeOffset) || type == typeof(DateOnly)
        || type == typeof(TimeOnly) || type == typeof(Rune);

    /// <summary>Whether these bits are a value. The compiler leaves the one comparison that the type needs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsValue<T>(ref readonly T value)
    {
        if (typeof(T) == typeof(DateTime))
        {
            return (ulong)As<T, DateTime>(in value).Ticks <= (ulong)DateTime.MaxValue.Ticks;
        }

        if (typeof(T) == typeof(decimal))
        {
            // The first four bytes of the interop type that it is the same as: sign and scale, and nothing between.
            var flags = As<T, uint>(in value) & 0x7FFF_FFFF;
            return (flags & 0xFFFF) == 0 && flags >> 16 <= MostDigits;
        }

        if (typeof(T) == typeof(DateTimeOffset))
        {
            var time = As<T, DateTimeOffset>(in value);
            return (ulong)time.UtcTicks <= (ulong)DateTime.MaxValue.Ticks
                && time.TotalOffsetMinutes is >= -MostOffsetMinutes and <= MostOffsetMinutes
                && (ulong)(time.UtcTicks + (time.TotalOffsetMinutes * TimeSpan.TicksPerMinute)) <= (ulong)DateTime.MaxValue.Ticks;
        }

        if (typeof(T) == typeof(DateOnly))
        {
            return (uint)As<T, DateOnly>(in value).DayNumber <= (uint)DateOnly.MaxValue.DayNumber;
        }

        if (typeof(T) == typeof(TimeOnly))
        {
            return (ulong)As<T, TimeOnly>(in value).Ticks <= (ulong)TimeOnly.MaxValue.Ticks;
        }

        return typeof(T) != typeof(Rune) || Rune.IsValid(As<T, Rune>(in value).Value);
    }

    /// <summary>Reads such a part.</summary>
    public static void Read<T>(ref ValueReader reader, out T value)
    {
        reader.ReadRaw(out value);
        if (!IsValue(in value))
        {
            throw Corrupt(typeof(T));
        }
    }

    public static InvalidDataException Corrupt(Type type) => ValueReader.Corrupt($"the bits of a {type} are none of its values");

    private static void Add(List<RawPart> parts, Type type, int at)
    {
        if (IsPart(type))
        {
            parts.Add((RawPart)Activator.CreateInstance(typeof(RawPart<>).MakeGenericType(type), at)!);
            return;
        }

        if (type.IsPrimitive || type.IsEnum || KnownTypes.IsRaw(type))
        {
            return;
        }

        FieldInfo[] fields = [.. TypeFields.AllOf(type)];
        if (type.GetCustomAttribute<InlineArrayAttribute>() is { Length: var length })
        {
            var item = fields[0].FieldType;
            var before = parts.Count;
            for (var i = 0; i < length && (i == 0 || parts.Count > before); i++)
            {
                Add(parts, item, at + (i * RawLayout.SizeOf(item)));
            }

            return;
        }

        var places = fields.Select(
            static field => (Start: RawLayout.OffsetOf(field), Size: RawLayout.SizeOf(field.FieldType), Type: field.FieldType)).ToArray();
        foreach (var place in places)
        {
            if (places.Count(other => other.Start < place.Start + place.Size && place.Start < other.Start + other.Size) == 1)
            {
                Add(parts, place.Type, at + place.Start);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TPart As<T, TPart>(ref readonly T value) => Unsafe.As<T, TPart>(ref Unsafe.AsRef(in value));
}

/// <summary>A part at its place in the memory of a type.</summary>
internal abstract class RawPart
{
    /// <summary>Whether the part is a value in each of some items that lie one after the other.</summary>
    public abstract bool IsValueIn(ReadOnlySpan<byte> items, int size);
}

/// <inheritdoc />
internal sealed class RawPart<T>(int at) : RawPart
    where T : struct
{
    public override bool IsValueIn(ReadOnlySpan<byte> items, int size)
    {
        // In place: a copy of each part would cost more than the comparison.
        ref var part = ref Unsafe.Add(ref MemoryMarshal.GetReference(items), at);
        var areValues = true;
        for (nint start = 0; start < items.Length; start += size)
        {
            areValues &= RawParts.IsValue(in Unsafe.As<byte, T>(ref Unsafe.Add(ref part, start)));
        }

        return areValues;
    }
}
