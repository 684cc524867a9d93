using MicroSpark.Hashing;

namespace MicroSpark.Ordering;

/// <summary>
/// The order of keys when a program gives none. Strings are ordinal, inside tuples, optionals, records and anonymous types too; those
/// compare component by component, in the order of declaration; everything else by its own <see cref="IComparable{T}"/>. Null, and
/// an optional without a value, comes first.
/// </summary>
internal static class NaturalOrder<K>
{
    /// <summary>The order.</summary>
    /// <exception cref="ArgumentException">The type, or a part of it, has none; the message names it.</exception>
    public static IComparer<K> Comparer => Cache.Comparer ?? throw NaturalOrders.NotComparable(typeof(K));

    /// <summary>The order, or null when the type has none.</summary>
    public static IComparer<K>? ComparerOrNull => Cache.Comparer;

    private static class Cache
    {
        public static readonly IComparer<K>? Comparer = (IComparer<K>?)NaturalOrders.TryCreate(typeof(K), []);
    }
}

/// <summary>Finds the natural order of a type by its shape.</summary>
internal static class NaturalOrders
{
    /// <summary>An <see cref="IComparer{T}"/> of the type, or null when it has no natural order.</summary>
    /// <param name="open">Types whose order is being built, outermost first: a record that contains itself has no natural order.</param>
    public static object? TryCreate(Type type, HashSet<Type> open)
    {
        if (type == typeof(string))
        {
            return StringComparer.Ordinal;
        }

        var kind = KeyShape.Of(type);
        if (kind is KeyKind.Nullable or KeyKind.Optional)
        {
            var definition = kind == KeyKind.Nullable ? typeof(NullableOrder<>) : typeof(OptionalOrder<>);
            return TryCreate(type.GenericTypeArguments[0], open) is { } inner ? New(definition, type.GenericTypeArguments, inner) : null;
        }

        // Tuples have an order of their own, which would compare strings by culture.
        if (KeyShape.IsTuple(type))
        {
            return FieldWise(type, open);
        }

        if (IsComparable(type))
        {
            return typeof(Comparer<>).MakeGenericType(type).GetProperty(nameof(Comparer<>.Default))!.GetValue(null);
        }

        return KeyShape.IsAnonymous(type) || KeyShape.IsGeneratedRecord(type) ? FieldWise(type, open) : null;
    }

    public static ArgumentException NotComparable(Type type)
    {
        var culprit = Culprit(type, []);
        var where = culprit == type ? "" : $" inside {KeyTypes.NameOf(type)}";
        return new ArgumentException(
            $"{KeyTypes.NameOf(culprit)}{where} has no natural order. Implement IComparable<{KeyTypes.NameOf(culprit)}> on it, give a "
            + $"comparer, "
            + "or order by a key that has one.");
    }

    private static bool IsComparable(Type type) =>
        typeof(IComparable).IsAssignableFrom(type) || typeof(IComparable<>).MakeGenericType(type).IsAssignableFrom(type);

    private static object? FieldWise(Type type, HashSet<Type> open)
    {
        // An abstract record's values are of derived types, whose fields an order over its own would not see.
        if (type.IsAbstract || !open.Add(type))
        {
            return null;
        }

        var fields = KeyShape.FieldsOf(type).ToArray();
        object?[] orders = [.. fields.Select(f => TryCreate(f.FieldType, open))];
        open.Remove(type);
        return fields.Length > 0 && orders.All(static o => o is not null)
            ? New(typeof(FieldOrder<>), [type], fields, orders.Select(static o => o!).ToArray())
            : null;
    }

    private static Type Culprit(Type type, HashSet<Type> seen)
    {
        var kind = KeyShape.Of(type);
        var parts = kind is KeyKind.Nullable or KeyKind.Optional ? type.GenericTypeArguments
            : KeyShape.IsTuple(type) || KeyShape.IsAnonymous(type) || (KeyShape.IsGeneratedRecord(type) && !IsComparable(type))
                ? KeyShape.FieldsOf(type).Select(static f => f.FieldType) : [];
        return seen.Add(type) && parts.FirstOrDefault(static p => TryCreate(p, []) is null) is { } part ? Culprit(part, seen) : type;
    }

    private static object New(Type definition, Type[] arguments, params object[] parameters) =>
        Activator.CreateInstance(definition.MakeGenericType(arguments), parameters)!;
}
