using System.Reflection;

namespace MicroSpark.Hashing;

/// <summary>Questions about key types, asked when an operator is declared.</summary>
internal static class KeyTypes
{
    /// <summary>
    /// Throws when the type, or what it is compared by (components of tuples, fields of records and plain structs), has no value
    /// equality. object, interfaces other than collections, and abstract classes pass: their values are judged as what they are.
    /// </summary>
    /// <exception cref="ArgumentException">Names the type ("array" for arrays), where it is, and the way out.</exception>
    public static void EnsureEquatable(Type keyType, string operatorName)
    {
        if (Misfit(keyType) is { } misfit)
        {
            throw new ArgumentException($"{operatorName} needs keys that compare by value; {misfit}");
        }
    }

    /// <summary>
    /// As <see cref="EnsureEquatable"/>, and throws when the type's hash is not the same in every process. What one process takes, a
    /// cluster takes too.
    /// </summary>
    /// <exception cref="ArgumentException">Names the type and the way out.</exception>
    public static void EnsureKey(Type keyType, string operatorName)
    {
        EnsureEquatable(keyType, operatorName);
        if (FindUnstable(keyType, keyType.Name, []) is { } found)
        {
            throw new ArgumentException(
                $"{operatorName} needs keys whose hash is the same in every process; {Where(found, keyType)} {NoHash(found.Type)}");
        }
    }

    /// <summary>
    /// Why a value cannot be a key that was declared as object, as an interface or as an abstract class, and so shows only now what it
    /// is. Null when it can.
    /// </summary>
    public static string? RefusalOf(Type runtimeType) =>
        Misfit(runtimeType) is { } misfit ? $"Keys compare by value; {misfit}"
        : FindUnstable(runtimeType, runtimeType.Name, []) is { } found
            ? $"Keys need a hash that is the same in every process; {Where(found, runtimeType)} {NoHash(found.Type)}"
            : null;

    /// <summary>
    /// Whether the type's hash is the same in every process. False for types whose own Equals cannot be read as a comparison of fields,
    /// and that have no <see cref="IStableHash"/>. True for object, interfaces and abstract classes, whose values are judged one by one.
    /// </summary>
    public static bool HasStableHash(Type keyType) => FindUnstable(keyType, keyType.Name, []) is null;

    /// <summary>A type's name as C# writes it, without namespaces: what error messages show.</summary>
    public static string NameOf(Type type)
    {
        if (type.IsArray)
        {
            return $"{NameOf(type.GetElementType()!)}[{new string(',', type.GetArrayRank() - 1)}]";
        }

        if (!type.IsGenericType)
        {
            return type.Name;
        }

        var arguments = string.Join(", ", type.GenericTypeArguments.Select(NameOf));
        var tick = type.Name.IndexOf('`', StringComparison.Ordinal);
        return type.IsValueType && KeyShape.IsTuple(type) ? $"({arguments})" : $"{(tick < 0 ? type.Name : type.Name[..tick])}<{arguments}>";
    }

    private static string? Misfit(Type keyType)
    {
        if (FindIdentity(keyType, keyType.Name, false, []) is not { } found)
        {
            return null;
        }

        var isCollection = found.Type.IsArray || typeof(System.Collections.IEnumerable).IsAssignableFrom(found.Type)
            || found.Type.Namespace is "System" or "System.Buffers";
        var wayOut = typeof(Delegate).IsAssignableFrom(found.Type) || typeof(System.Reflection.MemberInfo).IsAssignableFrom(found.Type)
            ? "Use its name, a string, instead."
            : found.Type.Namespace?.StartsWith("System.Text.Json", StringComparison.Ordinal) == true
                ? "Use its text, as ToString gives it, or the values that it holds."
                : !isCollection ? $"Make it a record, or override Equals and GetHashCode and implement {nameof(IStableHash)}."
                : found.Type == keyType || KeyShape.IsTuple(keyType) ? "Use a string, a tuple or a record that holds the same values."
                : "Use a string or a tuple of the same values instead, or override Equals and GetHashCode of the type that holds it and "
                    + $"implement {nameof(IStableHash)} there.";
        return $"{Where(found, keyType)} compares by reference. {wayOut}";
    }

    private static string Where((Type Type, string Path) found, Type keyType)
    {
        var what = found.Type.IsArray ? $"an array ({NameOf(found.Type)})" : NameOf(found.Type);
        return found.Type == keyType ? what
            : KeyShape.IsTuple(keyType) || !found.Path.Contains('.', StringComparison.Ordinal) ? $"{what} inside {NameOf(keyType)}"
            : $"{what} inside {NameOf(keyType)} ({found.Path})";
    }

    private static string NoHash(Type type) =>
        $"has its own Equals without one. Implement {nameof(IStableHash)} on it, or use its fields (a tuple or a record) as the key: "
        + $"the fields that {NameOf(type)}.Equals compares could not be told from its code.";

    private static (Type Type, string Path)? FindUnstable(Type type, string path, HashSet<Type> seen)
    {
        // A type met again, a linked record, is as stable as the rest of it.
        if (!seen.Add(type))
        {
            return null;
        }

        var found = FindUnstablePart(type, path, seen);
        if (found is not null)
        {
            seen.Remove(type);
        }

        return found;
    }

    private static (Type Type, string Path)? FindUnstablePart(Type type, string path, HashSet<Type> seen)
    {
        switch (KeyShape.Of(type))
        {
            case KeyKind.OwnEquals:
                // One field with a hash is enough: what the hash leaves out costs spread only.
                return EqualityFields.ComparedBy(type).Any(f => FindUnstable(f.FieldType, path, seen) is null) ? null : (type, path);
            case KeyKind.Identity:
                return type.IsSZArray ? FindUnstable(type.GetElementType()!, path, seen) : (type, path);
            case KeyKind.Nullable or KeyKind.Optional or KeyKind.ValueTuple:
                return First(type.GenericTypeArguments, t => FindUnstable(t, path, seen));
            case KeyKind.FieldWise:
                return First(FieldsOf(type), f => FindUnstable(f.FieldType, $"{path}.{MemberOf(f)}", seen));
            default:
                return null;
        }
    }

    /// <param name="inFSharp">Whether F#'s own equality compares the value: it goes into arrays and tuples.</param>
    private static (Type Type, string Path)? FindIdentity(Type type, string path, bool inFSharp, HashSet<(Type, bool)> seen)
    {
        if (!seen.Add((type, inFSharp)))
        {
            return null;
        }

        switch (KeyShape.Of(type))
        {
            case KeyKind.Identity:
                return inFSharp && type.IsSZArray ? FindIdentity(type.GetElementType()!, path, true, seen) : (type, path);
            case KeyKind.Nullable or KeyKind.Optional or KeyKind.ValueTuple:
                return First(type.GenericTypeArguments, t => FindIdentity(t, path, inFSharp, seen));
            case KeyKind.FieldWise:
                var isStructural = FSharpTypes.IsStructural(type) || (inFSharp && KeyShape.IsTuple(type));
                return First(FieldsOf(type), f => FindIdentity(f.FieldType, $"{path}.{MemberOf(f)}", isStructural, seen));
            default:
                return null;
        }
    }

    private static (Type Type, string Path)? First<T>(IEnumerable<T> parts, Func<T, (Type, string)?> find) =>
        parts.Select(find).FirstOrDefault(static found => found is not null);

    /// <summary>Pointers compare as numbers, and have no place in generic code.</summary>
    private static IEnumerable<FieldInfo> FieldsOf(Type type) =>
        KeyShape.FieldsOf(type).Where(static f => !f.FieldType.IsPointer && !f.FieldType.IsFunctionPointer);

    private static string MemberOf(FieldInfo field)
    {
        var end = field.Name.IndexOf('>', StringComparison.Ordinal);
        return field.Name.StartsWith('<') && end > 1 ? field.Name[1..end] : field.Name;
    }
}
