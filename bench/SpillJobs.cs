using System.Globalization;

namespace MicroSpark.Bench;

/// <summary>Jobs over data that nobody holds: each element is computed from its number, so that all memory is the engine's own.</summary>
internal static class SpillJobs
{
    public const string Sort = "sort";
    public const string ReduceByKey = "reduceByKey";

    public static Task<string> RunAsync(string job, MicroSparkContext spark, long bytes) => job switch
    {
        Sort => SortAsync(spark, bytes / sizeof(long)),
        ReduceByKey => ReduceByKeyAsync(spark, bytes / (2 * sizeof(long))),
        _ => throw new ArgumentException($"There is no job '{job}': {Sort} or {ReduceByKey}.", nameof(job)),
    };

    /// <summary>Numbers that look random; two different ones never become the same.</summary>
    public static long Scramble(long x)
    {
        var z = (ulong)x * 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return (long)(z ^ (z >> 31));
    }

    /// <returns>Whether all is in order, across the partitions too, how many there are, and their sum.</returns>
    private static async Task<string> SortAsync(MicroSparkContext spark, long count)
    {
        var parts = await spark.Range(count)
            .Map(i => Scramble(i))
            .SortBy(value => value)
            .MapPartitions(Summarize)
            .CollectAsync();
        var inOrder = parts.All(part => part.InOrder) && parts.Zip(parts.Skip(1)).All(pair => pair.First.Last <= pair.Second.First);
        return string.Create(CultureInfo.InvariantCulture, $"{(inOrder ? "in order" : "OUT OF ORDER")}, {parts.Sum(part => part.Count)}, {parts.Aggregate(0L, (sum, part) => unchecked(sum + part.Sum))}");
    }

    private static IEnumerable<(long First, long Last, bool InOrder, long Count, long Sum)> Summarize(IEnumerable<long> values)
    {
        (long first, var last, var inOrder, long count, long sum) = (0, long.MinValue, true, 0, 0);
        foreach (var value in values)
        {
            first = count == 0 ? value : first;
            inOrder &= last <= value;
            last = value;
            count++;
            sum = unchecked(sum + value);
        }

        return count == 0 ? [] : [(first, last, inOrder, count, sum)];
    }

    /// <summary>Four pairs to a key.</summary>
    /// <returns>How many keys there are, and a sum that depends on each key's own.</returns>
    private static async Task<string> ReduceByKeyAsync(MicroSparkContext spark, long count)
    {
        var keys = Math.Max(1, count / 4);
        var answer = await spark.Range(count)
            .Map(i => (Key: Scramble(i % keys), Value: i))
            .ReduceByKey((a, b) => a + b)
            .AggregateAsync(
                (Keys: 0L, Check: 0L),
                (total, sum) => (total.Keys + 1, unchecked(total.Check + sum.Key * sum.Value)),
                (a, b) => (a.Keys + b.Keys, unchecked(a.Check + b.Check)));
        return string.Create(CultureInfo.InvariantCulture, $"{answer.Keys} keys, {answer.Check}");
    }
}
