namespace MicroSpark.Tests.Contexts;

/// <summary>What is computed once is found again: by jobs at the same time, later, and by other lineages above it.</summary>
public sealed class SharingTests
{
    private static readonly int[] s_computed = new int[1];
    private static readonly int[] s_mapped = new int[1];
    private static readonly int[] s_again = new int[1];
    private static readonly int[] s_broken = new int[1];

    [Fact]
    public async Task Fifty_concurrent_jobs_on_one_cached_rdd_compute_each_partition_once()
    {
        await using var spark = await MicroSparkContext.StartLocalAsync(2);
        s_computed[0] = 0;
        var cached = spark.Parallelize(Enumerable.Range(0, 64), 16).MapPartitions(items =>
        {
            Interlocked.Increment(ref s_computed[0]);
            return items;
        }).Cache();
        var counts = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => cached.Map(n => n + i).CountAsync()));
        Assert.All(counts, c => Assert.Equal(64, c));
        Assert.Equal(16, s_computed[0]);
        var rdd = Assert.Single(await spark.PersistentRddsAsync());
        Assert.Equal((16, 16, StorageLevel.MemoryOnly), (rdd.PartitionsCached, rdd.NumPartitions, rdd.StorageLevel));
    }

    [Fact]
    public async Task A_shuffle_is_computed_once_for_all_actions_on_it()
    {
        await using var spark = await MicroSparkContext.StartLocalAsync();
        s_mapped[0] = 0;
        var sums = spark.Parallelize(Enumerable.Range(0, 100), 4).Map(n =>
        {
            Interlocked.Increment(ref s_mapped[0]);
            return (n % 5, n);
        }).ReduceByKey((a, b) => a + b, 3);
        Assert.Equal(5, await sums.CountAsync());
        Assert.Equal(4950, (await sums.CollectAsync()).Sum(p => p.Item2));
        Assert.Equal(100, s_mapped[0]);
    }

    [Fact]
    public async Task Unpersisted_partitions_are_computed_again()
    {
        await using var spark = await MicroSparkContext.StartLocalAsync();
        s_again[0] = 0;
        var cached = spark.Parallelize([1, 2, 3], 3).Map(n =>
        {
            Interlocked.Increment(ref s_again[0]);
            return n;
        }).Cache();
        await cached.CountAsync();
        await cached.CountAsync();
        Assert.Equal(3, s_again[0]);
        await cached.UnpersistAsync();
        Assert.Empty(await spark.PersistentRddsAsync());
        await cached.CountAsync();
        Assert.Equal(6, s_again[0]);
    }

    [Fact]
    public async Task A_failure_reaches_all_who_wait_and_is_tried_again_by_the_next()
    {
        await using var spark = await MicroSparkContext.StartLocalAsync();
        var shared = spark.Parallelize([1, 2], 2).Map(n => s_broken[0] == 1 ? throw new FormatException("broken") : n).Cache();

        // Written after the lambda is declared: what was written before would be its value for good.
        s_broken[0] = 1;
        var jobs = Enumerable.Range(0, 5).Select(i => shared.Map(n => n + i).CountAsync()).ToArray();
        foreach (var job in jobs)
        {
            await Assert.ThrowsAsync<JobFailedException>(() => job);
        }

        s_broken[0] = 0;
        Assert.Equal(2, await shared.CountAsync());
    }
}
