using System.Runtime.CompilerServices;

namespace MicroSpark.Hashing;

/// <summary>
/// Hash codes that hold in one process only: of types with their own Equals and no <see cref="IStableHash"/>, and of identity. A key
/// type that shows this in its declaration is refused before the job starts; one hidden behind object, an interface or an open
/// record shows it only here.
/// </summary>
internal static class ProcessHash
{
    [ThreadStatic]
    private static ulong t_salt;

    [ThreadStatic]
    private static bool t_refuse;

    /// <summary>
    /// Added to every such hash of the calling thread: silos of one process that behave as strangers have different ones.
    /// </summary>
    public static ulong Salt
    {
        get => t_salt;
        set => t_salt = value;
    }

    /// <summary>Whether the calling thread works for a cluster of several processes, where such a hash would lose records.</summary>
    public static bool Refuse
    {
        get => t_refuse;
        set => t_refuse = value;
    }

    public static ulong Of<T>(T value)
    {
        if (t_refuse)
        {
            throw new InvalidOperationException(
                $"A key of type {KeyTypes.NameOf(value!.GetType())} has no hash that is the same in every process. "
                + $"Implement {nameof(IStableHash)} on it, or use its fields (a tuple or a record) as the key.");
        }

        return HashMix.Mix((uint)value!.GetHashCode() + t_salt);
    }
}

internal sealed class ProcessHasher<T> : Hasher<T>
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public override ulong Hash(T value) => ProcessHash.Of(value);
}
