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
