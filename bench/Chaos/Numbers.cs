namespace MicroSpark.Bench.Chaos;

/// <summary>Numbers that look drawn, and that anybody can compute again.</summary>
internal static class Numbers
{
    /// <summary>Another number for each number, the same everywhere.</summary>
    public static long Mix(long number)
    {
        var mixed = (ulong)number * 0x9E3779B97F4A7C15;
        mixed = (mixed ^ (mixed >> 29)) * 0xBF58476D1CE4E5B9;
        return (long)((mixed ^ (mixed >> 32)) >> 2);
    }

    public static IEnumerable<long> To(int count) => Enumerable.Range(0, count).Select(static n => (long)n);

    /// <returns>Null when both are the same, else the first difference.</returns>
    public static string? Difference<T>(IReadOnlyList<T> expected, IReadOnlyList<T> found)
    {
        var at = Enumerable.Range(0, Math.Min(expected.Count, found.Count)).FirstOrDefault(
            n => !EqualityComparer<T>.Default.Equals(expected[n], found[n]), -1);
        return at >= 0 ? $"element {at} is {found[at]} where {expected[at]} was expected ({found.Count} elements, {expected.Count} expected)"
            : expected.Count != found.Count ? $"{found.Count} elements where {expected.Count} were expected"
            : null;
    }

    /// <summary>For results whose order is not promised.</summary>
    public static string? DifferenceInSomeOrder<T>(IEnumerable<T> expected, IEnumerable<T> found) => Difference([.. expected.Order()], [.. found.Order()]);
}
