using System.Collections.Frozen;
using System.Collections.ObjectModel;
using System.Numerics;
using System.Text;

namespace MicroSpark.Codecs;

/// <summary>
/// The closed list of framework types whose values have an encoding. An encoding names them by full name; a name that is not here is
/// not looked for anywhere. A type comes on it only when its objects do nothing by themselves: not when they are made of their fields or
/// items, nor when they are compared, hashed, formatted, disposed or forgotten.
/// </summary>
internal static partial class KnownTypes
{
    /// <summary>Values that are their memory. One that is not any bits is also a part that <see cref="RawParts"/> knows.</summary>
    private static readonly Type[] s_raw =
    [
        typeof(bool), typeof(byte), typeof(sbyte), typeof(short), typeof(ushort), typeof(int), typeof(uint), typeof(long), typeof(ulong),
        typeof(nint), typeof(nuint), typeof(char), typeof(float), typeof(double), typeof(decimal), typeof(Half), typeof(Int128),
        typeof(UInt128), typeof(DateTime), typeof(DateTimeOffset), typeof(TimeSpan), typeof(DateOnly), typeof(TimeOnly), typeof(Guid),
        typeof(Complex), typeof(Index), typeof(Range), typeof(Rune), typeof(Vector2), typeof(Vector3), typeof(Vector4), typeof(Plane),
        typeof(Quaternion), typeof(Matrix3x2), typeof(Matrix4x4), typeof(System.Drawing.Point), typeof(System.Drawing.PointF),
        typeof(System.Drawing.Size), typeof(System.Drawing.SizeF), typeof(System.Drawing.Rectangle), typeof(System.Drawing.RectangleF),
    ];

    /// <summary>Types whose fields are all there is to them, and have not changed for many versions.</summary>
    private static readonly Type[] s_byFields =
    [
        typeof(ValueTuple), typeof(ValueTuple<>), typeof(ValueTuple<,>), typeof(ValueTuple<,,>), typeof(ValueTuple<,,,>),
        typeof(ValueTuple<,,,,>), typeof(ValueTuple<,,,,,>), typeof(ValueTuple<,,,,,,>), typeof(ValueTuple<,,,,,,,>),
        typeof(Tuple<>), typeof(Tuple<,>), typeof(Tuple<,,>), typeof(Tuple<,,,>), typeof(Tuple<,,,,>), typeof(Tuple<,,,,,>),
        typeof(Tuple<,,,,,,>), typeof(Tuple<,,,,,,,>), typeof(KeyValuePair<,>), typeof(Nullable<>), typeof(ReadOnlyCollection<>),
        typeof(Collection<>), typeof(ArraySegment<>), typeof(System.Runtime.CompilerServices.StrongBox<>),
    ];

    public static bool Contains(Type type) =>
        type.FullName is { } name && ByName.Map.TryGetValue(name, out var known) && known == type;

    public static Type? Find(string? fullName) => fullName is null ? null : ByName.Map.GetValueOrDefault(fullName);

    public static bool IsRaw(Type type) => Array.IndexOf(s_raw, type) >= 0;

    public static bool IsByFields(Type type) => Array.IndexOf(s_byFields, DefinitionOf(type)) >= 0;

    /// <summary>
    /// Whether a framework type that is not on the list may be named. Such a type has no values, or its values are only numbers, errors, or
    /// delegates whose method is named apart.
    /// </summary>
    public static bool IsHarmless(Type type) =>
        type.IsEnum || type.IsInterface || typeof(Delegate).IsAssignableFrom(type) || typeof(Exception).IsAssignableFrom(type);

    public static Type DefinitionOf(Type type) => type.IsConstructedGenericType ? type.GetGenericTypeDefinition() : type;

    // A class of its own, so that it is built after all parts of the list.
    private static class ByName
    {
        public static readonly FrozenDictionary<string, Type> Map =
            ((IEnumerable<Type>)[typeof(object), .. s_raw, .. s_byFields, .. s_internals, .. s_own])
            .ToFrozenDictionary(static type => type.FullName!, StringComparer.Ordinal);
    }
}
