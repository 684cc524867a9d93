namespace MicroSpark.Hashing;

/// <summary>
/// How one type is hashed. Every implementation is sealed and one instance lives in a static readonly field, so that compiled loops call
/// it directly.
/// </summary>
internal abstract class Hasher<T>
{
    /// <summary>Hash of one value; it is not null.</summary>
    public abstract ulong Hash(T value);
}
