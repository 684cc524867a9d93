namespace MicroSpark.Tests.Contexts;

/// <summary>Data larger than the budget, through the whole engine.</summary>
public sealed class MemoryTests : IDisposable
{
    private const int Partitions = 16;
    private const long Count = 8_000_000;
    private const long Sum = Count * (Count - 1) / 2;
    private const long Budget = 16 << 20;

    private static readonly int[] s_runs = new int[1];
    private readonly string _folder = Directory.CreateTempSubdirectory("microspark-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Kept_with_disk_each_partition_is_computed_once()
    {
        await using (var spark = await StartAsync(_folder))
        {
            var kept = Counted(spark).Persist(StorageLevel.MemoryAndDisk);
            Assert.Equal(Sum, await kept.SumAsync());
            Assert.Equal(Sum, await kept.SumAsync());
            Assert.Equal(Partitions, s_runs[0]);

            var rdd = Assert.Single(await spark.PersistentRddsAsync());
            Assert.Equal(Partitions, rdd.PartitionsCached);
            Assert.InRange(rdd.MemoryBytes, 1 << 20, Budget);
            Assert.InRange(rdd.MemoryBytes + rdd.DiskBytes, Count * sizeof(long), Count * sizeof(long) * 11 / 10);
            Assert.InRange(Assert.Single(await spark.WorkersAsync()).MemoryUsed, 1 << 20, Budget);
            Assert.NotEmpty(Directory.GetFiles(_folder, "*.frames", SearchOption.AllDirectories));
            await kept.UnpersistAsync();
            Assert.Empty(Directory.GetFiles(_folder, "*.frames", SearchOption.AllDirectories));
            Assert.Equal(Sum, await kept.SumAsync());
        }

        Assert.Empty(Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public async Task Kept_in_memory_only_what_does_not_fit_is_computed_again()
    {
        await using var spark = await StartAsync(_folder);
        var kept = Counted(spark).Persist(StorageLevel.MemoryOnly);
        Assert.Equal(Sum, await kept.SumAsync());
        Assert.Equal(Sum, await kept.SumAsync());
        Assert.InRange(s_runs[0], Partitions + 1, 3 * Partitions);
        var rdd = Assert.Single(await spark.PersistentRddsAsync());
        Assert.InRange(rdd.PartitionsCached, 1, Partitions - 1);
        Assert.InRange(rdd.MemoryBytes, 1 << 20, Budget);
        Assert.Equal(0, rdd.DiskBytes);
        Assert.Empty(Directory.GetFiles(_folder, "*.frames", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Kept_in_memory_only_other_workers_compute_what_did_not_fit()
    {
        await using var spark = await MicroSparkContext.StartLocalAsync(3, options =>
        {
            (options.Slots, options.Isolation) = (1, Isolation.Simulated);
            (options.MemoryBudget, options.SpillDirectory) = ("16MB", _folder);
        });
        var sums = spark.Range(0, Count, 1, Partitions).Map(n => (n % 200_003, n)).ReduceByKey((a, b) => a + b, Partitions);
        var kept = sums.FlatMap(pair => Enumerable.Repeat(pair.Item2, 20)).Persist(StorageLevel.MemoryOnly);
        for (var round = 1; round <= 2; round++)
        {
            Assert.Equal(20 * Sum, await kept.SumAsync());
            Assert.Equal(20 * 200_003, await kept.Coalesce(2).CountAsync());
        }

        var rdd = Assert.Single(await spark.PersistentRddsAsync());
        Assert.InRange(rdd.PartitionsCached, 0, Partitions - 1);
        Assert.Equal(0, rdd.DiskBytes);
    }

    [Fact]
    public async Task Accumulators_of_what_did_not_fit_count_once_for_a_job()
    {
        await using var spark = await StartAsync(_folder);
        var seen = spark.LongAccumulator();
        var kept = Counted(spark).Map(n => { seen.Add(1); return (n, $"{n}"); }).Persist(StorageLevel.MemoryOnly);
        Assert.Equal(Count, await kept.CountAsync());
        Assert.Equal(Count, seen.Value);
    }

    [Fact]
    public async Task Kept_on_disk_only()
    {
        await using var spark = await StartAsync(_folder);
        var kept = Counted(spark).Map(n => $"{n}").Persist(StorageLevel.DiskOnly);
        Assert.Equal(Count, await kept.CountAsync());
        Assert.Equal(Sum, await kept.Map(long.Parse).SumAsync());
        Assert.Equal(Partitions, s_runs[0]);
        var rdd = Assert.Single(await spark.PersistentRddsAsync());
        Assert.InRange(rdd.MemoryBytes, 0, 1 << 20);
        Assert.InRange(rdd.DiskBytes, Count * 7, Count * 9);
    }

    [MountFact]
    public async Task A_full_disk_fails_the_job_and_the_next_one_works()
    {
        using var disk = new SmallDisk(_folder, "8m");
        await using var spark = await StartAsync(_folder);
        var kept = Counted(spark).Persist(StorageLevel.MemoryAndDisk);
        var error = await Assert.ThrowsAsync<JobFailedException>(() => kept.SumAsync());
        Assert.Contains(_folder, error.Message, StringComparison.Ordinal);
        Assert.Contains("MicroSpark:SpillDirectory", error.Message, StringComparison.Ordinal);
        Assert.Contains("MicroSpark:MemoryBudget", error.Message, StringComparison.Ordinal);
        await kept.UnpersistAsync();
        Assert.Equal(Sum, await Counted(spark).SumAsync());
        Assert.Equal(100_000, await Counted(spark).Filter(n => n < 100_000).Persist(StorageLevel.DiskOnly).CountAsync());
    }

    /// <summary>What the failed job had written stayed, and small jobs failed from then on.</summary>
    [MountFact]
    public async Task A_full_disk_is_free_again_when_the_job_has_failed()
    {
        using var disk = new SmallDisk(_folder, "8m");
        await using var spark = await StartAsync(_folder);
        var kept = Counted(spark).Persist(StorageLevel.DiskOnly);
        await Assert.ThrowsAsync<JobFailedException>(() => kept.SumAsync());
        Assert.Equal(400_000, await Counted(spark).Filter(n => n < 400_000).Persist(StorageLevel.DiskOnly).CountAsync());
        GC.KeepAlive(kept);
    }

    [Fact]
    public async Task A_folder_that_cannot_be_made_fails_the_job_at_once()
    {
        var file = Path.Join(_folder, "a-file");
        await File.WriteAllTextAsync(file, "");
        await using var spark = await StartAsync(Path.Join(file, "below"), tries: 4);
        var error = await Assert.ThrowsAsync<JobFailedException>(() => spark.Range(0, 10, 1, 1).MapPartitions(Counted).Persist(StorageLevel.DiskOnly).CountAsync());
        Assert.Contains("a-file", error.Message, StringComparison.Ordinal);
        Assert.Equal(1, s_runs[0]);
        Assert.Equal(10, await spark.Range(10).CountAsync());
    }

    private static Task<MicroSparkContext> StartAsync(string folder, int tries = 1)
    {
        s_runs[0] = 0;
        return MicroSparkContext.StartLocalAsync(1, options =>
        {
            options.Slots = 2;
            options.MemoryBudget = "16MB";
            options.SpillDirectory = folder;
            options.Retry.MaxTaskFailures = tries;
        });
    }

    private static Rdd<long> Counted(MicroSparkContext spark) => spark.Range(0, Count, 1, Partitions).MapPartitions(Counted);

    private static IEnumerable<long> Counted(IEnumerable<long> items)
    {
        Interlocked.Increment(ref s_runs[0]);
        return items;
    }
}
