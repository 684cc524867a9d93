using MicroSpark.Closures;

namespace MicroSpark.Operators;

/// <summary>What operators do with pairs by themselves.</summary>
[EngineFunction]
internal static class PairFunctions
{
    public static K Key<K, V>((K Key, V Value) pair) => pair.Key;

    public static V Value<K, V>((K Key, V Value) pair) => pair.Value;

    public static bool HasKey<K, V>((K Key, V Value) pair) => pair.Key is not null;

    /// <summary>An element as a key, where only keys are compared.</summary>
    public static (K Key, byte Value) Marked<K>(K item) => (item, 0);

    /// <summary>Of two values of one key, the one that came first.</summary>
    public static V First<V>(V first, V second) => first;

    public static V Last<V>(V first, V second) => second;
}
