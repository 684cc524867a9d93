using MicroSpark.Options;

namespace MicroSpark.Memory;

/// <summary>
/// A partition's result alone takes more than all results of its job may: it is given up before it takes the worker's memory.
/// </summary>
internal sealed class ResultTooLargeException(long bytes) : Exception($"A result takes more than {ByteSize.Show(bytes)} in memory.")
{
    /// <summary>What it took so far.</summary>
    public long Bytes => bytes;

    /// <param name="most">In bytes; 0 for no limit.</param>
    public static void ThrowIfAbove<T>(long most, ReadOnlySpan<T> collected, ReadOnlySpan<T> next)
    {
        if (most > 0 && Sizes.Estimate(collected) + Sizes.Estimate(next) is var bytes && bytes > most)
        {
            throw new ResultTooLargeException(bytes);
        }
    }
}
