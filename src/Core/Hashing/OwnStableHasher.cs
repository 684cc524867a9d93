namespace MicroSpark.Hashing;

/// <summary>Types that say their stable hash themselves. It is mixed again: a user's number need not be spread over 64 bits.</summary>
internal sealed class OwnStableHasher<T> : Hasher<T>
    where T : IStableHash
{
    public override ulong Hash(T value) => HashMix.Mix(value.StableHash);
}
