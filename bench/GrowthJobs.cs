using System.Globalization;

namespace MicroSpark.Bench;

/// <summary>
/// The operators that move data, each over the same data in any number of partitions. All but PageRank compute their elements from numbers,
/// so that all time and memory is the engine's own.
/// </summary>
internal static class GrowthJobs
{
    public const string Sort = "sort";
    public const string SortStrings = "sort-strings";
    public const string ReduceDense = "reduce-dense";
    public const string ReduceFar = "reduce-far";
    public const string Group = "group";
    public const string Distinct = "distinct";
    public const string Join = "join";
    public const string PageRank = "pagerank";

    public static readonly IReadOnlyList<string> All = [Sort, SortStrings, ReduceDense, ReduceFar, Group, Distinct, Join, PageRank];

    /// <summary>What the job does, and to how much of it.</summary>
    public static string Describe(string job) => job switch
    {
        Sort => "SortBy of 20 M longs",
        SortStrings => "SortBy of 2 M strings of 16 letters, ordinal",
        ReduceDense => "ReduceByKey of 20 M pairs, 1 M keys that lie close together",
        ReduceFar => "ReduceByKey of 20 M pairs, 1 M keys that lie anywhere",
        Group => "GroupByKey of 5 M pairs, 500 k keys",
        Distinct => "Distinct of 10 M longs, each twice",
        Join => "Join of 5 M with 5 M pairs, each key once on both sides",
        PageRank => "10 rounds of PageRank over 200 k nodes and 2 M links",
        _ => throw Unknown(job),
    };

    /// <summary>Elements of the job at full size.</summary>
    public static int Size(string job) => job switch
    {
        Sort or ReduceDense or ReduceFar => 20_000_000,
        Distinct => 10_000_000,
        Group or Join => 5_000_000,
        SortStrings or PageRank => 2_000_000,
        _ => throw Unknown(job),
    };

    public static Task<string> RunAsync(string job, MicroSparkContext spark, int size, int partitions)
    {
        var numbers = spark.Range(0, size, partitions: partitions);
        var keys = Math.Max(1, size / 20);
        return job switch
        {
            Sort => CountAsync(numbers.Map(i => SpillJobs.Scramble(i)).SortBy(x => x)),
            SortStrings => CountAsync(numbers.Map(i => SpillJobs.Scramble(i).ToString("x16", CultureInfo.InvariantCulture)).SortBy(x => x)),
            ReduceDense => CountAsync(numbers.Map(i => (Key: (int)((ulong)SpillJobs.Scramble(i) % (uint)keys), Value: i)).ReduceByKey((a, b) => a + b)),
            ReduceFar => CountAsync(
                numbers.Map(i => (Key: SpillJobs.Scramble((long)((ulong)SpillJobs.Scramble(i) % (uint)keys)), Value: i)).ReduceByKey((a, b) => a + b)),
            Group => CountAsync(numbers.Map(i => (Key: (int)((ulong)SpillJobs.Scramble(i) % (uint)(2 * keys)), Value: i)).GroupByKey()),
            Distinct => CountAsync(numbers.Map(i => SpillJobs.Scramble(i >> 1)).Distinct()),
            Join => CountAsync(numbers.Map(i => (Key: (int)i, Value: i)).Join(spark.Range(0, size, partitions: partitions).Map(i => (Key: (int)i, Value: -i)))),
            PageRank => RankAsync(numbers, Math.Max(1, size / 10)),
            _ => throw Unknown(job),
        };
    }

    private static async Task<string> CountAsync<T>(Rdd<T> result) => (await result.CountAsync()).ToString(CultureInfo.InvariantCulture);

    private static async Task<string> RankAsync(Rdd<long> numbers, int nodes)
    {
        var links = numbers.Map(i => (Key: (int)((ulong)SpillJobs.Scramble(i) % (uint)nodes), Value: (int)((ulong)SpillJobs.Scramble(~i) % (uint)nodes)))
            .GroupByKey().Cache();
        var ranks = links.MapValues(_ => 1.0);
        for (var round = 0; round < 10; round++)
        {
            ranks = links.Join(ranks)
                .FlatMap(node => node.Value.Left.Select(target => (target, node.Value.Right / node.Value.Left.Count)))
                .ReduceByKey((a, b) => a + b)
                .MapValues(sum => 0.15 + (0.85 * sum));
        }

        var sum = await ranks.Values().SumAsync();
        return sum.ToString("F3", CultureInfo.InvariantCulture);
    }

    private static ArgumentException Unknown(string job) =>
        new($"There is no job '{job}'. Expected: {string.Join(", ", All)}.", nameof(job));
}
