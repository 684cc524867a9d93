namespace MicroSpark.Hashing;

/// <summary>
/// The hash that decides where a key goes: the same in every process, and in agreement with the key type's default equality.
/// </summary>
internal static class StableHash<T>
{
    /// <summary>Hash of one key; null gives 0.</summary>
    public static ulong Of(T key) => throw new NotImplementedException();
}

/// <summary>Questions about key types, asked when an operator is declared.</summary>
internal static class KeyTypes
{
    /// <summary>Throws <see cref="ArgumentException"/> naming the type ("array" for arrays) when it has no value equality.</summary>
    public static void EnsureEquatable(Type keyType, string operatorName) => throw new NotImplementedException();

    /// <summary>
    /// Whether the type's hash is the same in every process. False for types with their own Equals and no <see cref="IStableHash"/>:
    /// those work while one process computes and are refused on a cluster before the job starts.
    /// </summary>
    public static bool HasStableHash(Type keyType) => throw new NotImplementedException();
}
