namespace MicroSpark.Model;

/// <summary>
/// Where ids and draws come from: the shared source of the process, unless the calling thread has one of its own. A simulation gives its
/// threads one with a seed, and then the same seed draws the same ids.
/// </summary>
internal static class Chance
{
    [ThreadStatic]
    private static Random? t_seeded;

    public static Random Source => t_seeded ?? Random.Shared;

    public static Guid NewGuid()
    {
        if (t_seeded is not { } seeded)
        {
            return Guid.NewGuid();
        }

        Span<byte> bytes = stackalloc byte[16];
        seeded.NextBytes(bytes);
        return new Guid(bytes);
    }

    /// <summary>From now on the calling thread draws from this one; from the shared source again when null.</summary>
    public static void Seed(Random? source) => t_seeded = source;
}
