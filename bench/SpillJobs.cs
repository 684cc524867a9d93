using System.Globalization;
using MicroSpark.Bench.Shapes;

namespace MicroSpark.Bench;

/// <summary>Jobs over data that nobody holds: each element is computed from its number, so that all memory is the engine's own.</summary>
internal static class SpillJobs
{
    public const string Sort = "sort";
    public const string ReduceByKey = "reduceByKey";
    public const string DistinctStrings = "strings-distinct";
    public const string SortStrings = "strings-sort";
    public const string GroupStrings = "strings-groupbykey";

    /// <summary>4 GB stand for 20 M strings of 12 characters, which take 1 GB as objects and references.</summary>
    private const int BytesOfString = 215;

    public static Task<string> RunAsync(string job, MicroSparkContext spark, long bytes) => job switch
    {
        Sort => SortAsync(spark, bytes / sizeof(long)),
        ReduceByKey => ReduceByKeyAsync(spark, bytes / (2 * sizeof(long))),
        DistinctStrings => DistinctStringsAsync(spark, bytes / BytesOfString),
        SortStrings => SortStringsAsync(spark, bytes / BytesOfString),
        GroupStrings => GroupStringsAsync(spark, bytes / BytesOfString),
        _ => throw new ArgumentException($"There is no job '{job}'.", nameof(job)),
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

    /// <summary>Half of them duplicates.</summary>
    private static async Task<string> DistinctStringsAsync(MicroSparkContext spark, long count)
    {
        var distinct = Math.Max(1, count / 2);
        return $"{await spark.Range(count).Map(i => Rows.Key(i % distinct)).Distinct().CountAsync()} strings";
    }

    private static async Task<string> SortStringsAsync(MicroSparkContext spark, long count)
    {
        var parts = await spark.Range(count)
            .Map(i => Rows.Key(i))
            .SortBy(text => text)
            .MapPartitions(Summarize)
            .CollectAsync();
        var inOrder = parts.All(part => part.InOrder)
            && parts.Zip(parts.Skip(1)).All(pair => string.CompareOrdinal(pair.First.Last, pair.Second.First) <= 0);
        return string.Create(CultureInfo.InvariantCulture, $"{(inOrder ? "in order" : "OUT OF ORDER")}, {parts.Sum(part => part.Count)}");
    }

    private static IEnumerable<(string First, string Last, bool InOrder, long Count)> Summarize(IEnumerable<string> values)
    {
        (string? first, string? last, var inOrder, long count) = (null, null, true, 0);
        foreach (var value in values)
        {
            first ??= value;
            inOrder &= string.CompareOrdinal(last, value) <= 0;
            last = value;
            count++;
        }

        return count == 0 ? [] : [(first!, last!, inOrder, count)];
    }

    /// <summary>Four values to a key.</summary>
    private static async Task<string> GroupStringsAsync(MicroSparkContext spark, long count)
    {
        var keys = Math.Max(1, count / 4);
        var answer = await spark.Range(count)
            .Map(i => (Key: Rows.Key(i % keys), Value: i))
            .GroupByKey()
            .AggregateAsync(
                (Keys: 0L, Values: 0L),
                (total, group) => (total.Keys + 1, total.Values + group.Values.Count),
                (a, b) => (a.Keys + b.Keys, a.Values + b.Values));
        return string.Create(CultureInfo.InvariantCulture, $"{answer.Keys} keys, {answer.Values} values");
    }
}
