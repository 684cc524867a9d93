using System.Buffers;
using System.Collections.Immutable;
using System.Numerics;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MicroSpark.Hashing;

/// <summary>How a type compares by default, as far as hashing it goes.</summary>
internal enum KeyKind
{
    /// <summary>A primitive, an enum, a string, or a framework type with a hasher of its own.</summary>
    BuiltIn,

    /// <summary>Says its stable hash itself: <see cref="IStableHash"/>.</summary>
    StableByItself,

    /// <summary>A nullable value.</summary>
    Nullable,

    /// <summary>An <see cref="Optional{T}"/>.</summary>
    Optional,

    /// <summary>A value tuple.</summary>
    ValueTuple,

    /// <summary>Field by field: records, anonymous types, Tuple classes, structs without their own Equals.</summary>
    FieldWise,

    /// <summary>Whatever the value turns out to be: object, interfaces, abstract classes.</summary>
    Open,

    /// <summary>An Equals of its own and no stable hash: as good as the fields that it compares, <see cref="EqualityFields"/>.</summary>
    OwnEquals,

    /// <summary>By reference: arrays, classes without Equals. No key.</summary>
    Identity,
}

/// <summary>Reads a type's equality from its declaration.</summary>
internal static class KeyShape
{
    private const BindingFlags Declared = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private static readonly HashSet<Type> s_byReference =
    [
        typeof(Memory<>), typeof(ReadOnlyMemory<>), typeof(ArraySegment<>), typeof(ReadOnlySequence<>), typeof(ImmutableArray<>),
        typeof(JsonElement), typeof(JsonProperty), typeof(JsonNode),
    ];

    /// <summary>Their Equals goes through vectors; it is that of their components.</summary>
    private static readonly HashSet<Type> s_componentWise =
        [typeof(Vector2), typeof(Vector3), typeof(Vector4), typeof(Quaternion), typeof(Plane), typeof(Matrix3x2), typeof(Matrix4x4)];

    public static KeyKind Of(Type type)
    {
        if (type.IsPrimitive || type.IsEnum || type == typeof(string) || type == typeof(DateTime) || type == typeof(TimeSpan)
            || BuiltInHashers.Has(type))
        {
            return KeyKind.BuiltIn;
        }

        if (type.IsArray || type.IsPointer || type.IsByRefLike || typeof(Delegate).IsAssignableFrom(type)
            || typeof(MemberInfo).IsAssignableFrom(type)
            || type.IsDefined(typeof(InlineArrayAttribute), inherit: false))
        {
            return KeyKind.Identity;
        }

        if (s_componentWise.Contains(type))
        {
            return KeyKind.FieldWise;
        }

        var definition = type.IsGenericType ? type.GetGenericTypeDefinition() : null;
        if (s_byReference.Contains(definition ?? type) || typeof(JsonNode).IsAssignableFrom(type))
        {
            return KeyKind.Identity;
        }

        if (definition == typeof(Nullable<>))
        {
            return KeyKind.Nullable;
        }

        if (definition == typeof(Optional<>))
        {
            return KeyKind.Optional;
        }

        if (IsTuple(type))
        {
            return type.IsValueType ? KeyKind.ValueTuple : KeyKind.FieldWise;
        }

        if (typeof(IStableHash).IsAssignableFrom(type) && !type.IsInterface)
        {
            return KeyKind.StableByItself;
        }

        if (type.IsInterface)
        {
            // Whatever implements a collection interface compares by reference.
            return typeof(System.Collections.IEnumerable).IsAssignableFrom(type) ? KeyKind.Identity : KeyKind.Open;
        }

        if (FSharpTypes.IsStructural(type))
        {
            return type.IsAbstract ? KeyKind.Open : KeyKind.FieldWise;
        }

        if (IsAnonymous(type) || IsGeneratedRecord(type))
        {
            return type.IsAbstract ? KeyKind.Open : KeyKind.FieldWise;
        }

        if (type == typeof(object) || type == typeof(ValueType) || type == typeof(Enum))
        {
            return KeyKind.Open;
        }

        if (HasOwnEquals(type))
        {
            return type.IsAbstract ? KeyKind.Open : KeyKind.OwnEquals;
        }

        return type.IsValueType ? KeyKind.FieldWise
            : type.IsAbstract && !typeof(System.Collections.IEnumerable).IsAssignableFrom(type) ? KeyKind.Open : KeyKind.Identity;
    }

    /// <summary>All instance fields, base types first, in the order of declaration (reflection itself promises none).</summary>
    public static IEnumerable<FieldInfo> FieldsOf(Type type)
    {
        var own = type.GetFields(Declared);
        Array.Sort(own, static (a, b) => a.MetadataToken.CompareTo(b.MetadataToken));
        return type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType) ? FieldsOf(parent).Concat(own) : own;
    }

    /// <summary>ValueTuple or Tuple of any length. The types without components, ValueTuple and Tuple themselves, are none.</summary>
    public static bool IsTuple(Type type) =>
        type.IsGenericType && typeof(ITuple).IsAssignableFrom(type) && type.Namespace == nameof(System);

    public static bool IsAnonymous(Type type) =>
        type is { IsClass: true, IsSealed: true, IsPublic: false } && type.Name.Contains("AnonymousType", StringComparison.Ordinal)
        && type.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false);

    /// <summary>Whether the compiler wrote the type's Equals, and its bases' too: then equality is field by field.</summary>
    public static bool IsGeneratedRecord(Type type)
    {
        if (type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType) && !IsGeneratedRecord(parent))
        {
            return false;
        }

        return type.GetMethod("PrintMembers", Declared, [typeof(System.Text.StringBuilder)]) is not null
            && type.GetMethod(nameof(Equals), Declared, [type]) is { } equals
            && equals.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false);
    }

    private static bool HasOwnEquals(Type type)
    {
        var declaring = type.GetMethod(nameof(Equals), BindingFlags.Instance | BindingFlags.Public, [typeof(object)])!.DeclaringType;
        return (declaring != typeof(object) && declaring != typeof(ValueType))
            || typeof(IEquatable<>).MakeGenericType(type).IsAssignableFrom(type);
    }
}
