namespace MicroSpark.Hashing;

/// <summary>Questions about key types, asked when an operator is declared.</summary>
internal static class KeyTypes
{
    /// <summary>
    /// Throws when the type, or a component of a tuple, pair, nullable or optional, has no value equality. object, interfaces other
    /// than collections, and abstract classes pass: their values compare as what they are.
    /// </summary>
    /// <exception cref="ArgumentException">Names the type ("array" for arrays) and the way out.</exception>
    public static void EnsureEquatable(Type keyType, string operatorName)
    {
        if (FindIdentity(keyType) is not { } found)
        {
            return;
        }

        var what = found.IsArray ? $"an array ({NameOf(found)})" : NameOf(found);
        var where = found == keyType ? "" : $" inside {NameOf(keyType)}";
        var wayOut = found.IsArray || typeof(System.Collections.IEnumerable).IsAssignableFrom(found)
            ? "Use a string, a tuple or a record that holds the same values."
            : typeof(Delegate).IsAssignableFrom(found) || typeof(System.Reflection.MemberInfo).IsAssignableFrom(found)
                ? "Use its name, a string, instead."
                : $"Make it a record, or override Equals and GetHashCode and implement {nameof(IStableHash)}.";
        throw new ArgumentException($"{operatorName} needs keys that compare by value; {what}{where} compares by reference. {wayOut}");
    }

    /// <summary>
    /// Whether the type's hash is the same in every process. False for types with their own Equals and no <see cref="IStableHash"/>:
    /// those work while one process computes and are refused on a cluster before the job starts. True for object, interfaces and
    /// abstract classes, whose values are judged one by one: see <see cref="ProcessHash.Refuse"/>.
    /// </summary>
    public static bool HasStableHash(Type keyType) => HasStableHash(keyType, []);

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

    private static bool HasStableHash(Type type, HashSet<Type> seen)
    {
        // A type met again, a linked record, is as stable as the rest of it.
        return !seen.Add(type) || KeyShape.Of(type) switch
        {
            KeyKind.OwnEquals or KeyKind.Identity => false,
            KeyKind.Nullable or KeyKind.Optional or KeyKind.ValueTuple => type.GenericTypeArguments.All(t => HasStableHash(t, seen)),
            KeyKind.FieldWise => KeyShape.FieldsOf(type).All(f => HasStableHash(f.FieldType, seen)),
            _ => true,
        };
    }

    private static Type? FindIdentity(Type type)
    {
        var hasComponents = type.IsGenericType
            && (KeyShape.IsTuple(type) || KeyShape.Of(type) is KeyKind.Nullable or KeyKind.Optional
                || type.GetGenericTypeDefinition() == typeof(KeyValuePair<,>));
        return hasComponents
            ? type.GenericTypeArguments.Select(FindIdentity).FirstOrDefault(static t => t is not null)
            : KeyShape.Of(type) == KeyKind.Identity ? type : null;
    }
}
