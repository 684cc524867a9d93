namespace MicroSpark.Ordering;

/// <summary>Where an element's sort key is. A type argument, so that loops over elements read the key in place and call nothing.</summary>
internal interface IKeyOf<T, K>
{
    static abstract K Of(in T item);
}

/// <summary>Elements that are their own keys.</summary>
internal readonly struct Itself<K> : IKeyOf<K, K>
{
    public static K Of(in K item) => item;
}

/// <summary>Pairs, by their keys.</summary>
internal readonly struct FirstOfPair<K, V> : IKeyOf<(K Key, V Value), K>
{
    public static K Of(in (K Key, V Value) item) => item.Key;
}
