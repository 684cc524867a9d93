using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Hosting;
using MicroSpark.Tasks;
using Orleans.Runtime;

namespace MicroSpark.Tests.Contexts;

/// <summary>Levels with two copies: a lost silo costs no computation.</summary>
public sealed class ReplicationTests : IDisposable
{
    private const int Partitions = 9;

    private readonly string _marks = Directory.CreateTempSubdirectory("microspark-test-").FullName;

    public void Dispose() => Directory.Delete(_marks, recursive: true);

    [Theory]
    [InlineData("MemoryOnly2", false)]
    [InlineData("MemoryOnly2", true)]
    [InlineData("MemoryOnlySerialized2", true)]
    [InlineData("MemoryAndDiskSerialized2", false)]
    [InlineData("DiskOnly2", false)]
    [InlineData("DiskOnly2", true)]
    public async Task Two_silos_lost_one_after_the_other_cost_nothing(string level, bool simulated)
    {
        await using var spark = await StartAsync(3, simulated);
        var kept = Counted(spark).Persist(StorageLevel.Parse(level));
        Assert.Equal(900, await kept.CountAsync());

        // When the action has ended the copies are there, each on another silo than its block.
        Assert.Equal(Twice(), await CopiesAsync(spark));
        await spark.Silos!.Silos[2].KillAsync();
        Assert.Equal(Expected(), await kept.CollectAsync());

        // The copies that went with it are made again, in the background.
        await CopiedAsync(spark);
        await spark.Silos.Silos[1].KillAsync();
        Assert.Equal(Expected(), await kept.CollectAsync());
        Assert.Equal(Partitions, Computed);
    }

    [Fact]
    public async Task A_grain_that_is_made_anew_finds_both_copies()
    {
        await using var spark = await StartAsync(3, simulated: false);
        var victim = spark.Silos!.Silos[1];
        var management = spark.Silos.Grains.GetGrain<IManagementGrain>(0);
        Rdd<int> kept;
        do
        {
            // Each recipe's grain is where its hash says.
            Array.ForEach(Directory.GetFiles(_marks), File.Delete);
            var number = Guid.NewGuid().GetHashCode();
            kept = Counted(spark).Map(n => n + number - number).Persist(StorageLevel.MemoryOnly2);
            await kept.CountAsync();
        }
        while (!victim.Address.Equals(await management.GetActivationAddress(spark.Silos.Grains.GetGrain<IRddGrain>($"{kept.Lineage}"))));

        await victim.KillAsync();

        Assert.Equal(Expected(), await kept.CollectAsync());
        Assert.Equal(Partitions, Computed);
    }

    /// <summary>Two activations can know different versions while a directory settles; a reader that is sent to the older one must not ask for ever.</summary>
    [Fact]
    public async Task A_grain_that_is_asked_for_a_version_it_has_not_reached_asks_the_workers()
    {
        await using var spark = await StartAsync(2, simulated: false);
        var kept = Counted(spark).Persist(StorageLevel.MemoryOnly);
        await kept.CountAsync();
        var grain = spark.Silos!.Grains.GetGrain<IRddGrain>($"{kept.Lineage}");
        var before = await grain.LocateAsync(0);
        var after = await grain.LocateAsync(before!.Version + 1000);
        Assert.InRange(after!.Version, before.Version + 1000, long.MaxValue);
        Assert.Equal(before.WorkerOf, after.WorkerOf);
        Assert.Equal(before.AttemptOf, after.AttemptOf);

        // What a worker has dropped behind the grain's back is known then, too.
        await spark.Silos.Grains.GetGrain<IWorkerGrain>(before.Workers[0].Value).DropAsync(kept.Lineage);
        Assert.Equal(before.WorkerOf.Count(static w => w == 0), (await grain.LocateAsync(after.Version + 1000))!.WorkerOf.Count(static w => w < 0));
        Assert.Equal(Expected(), await kept.CollectAsync());
    }

    [Fact]
    public async Task Unpersist_drops_both()
    {
        await using var spark = await StartAsync(2, simulated: true);
        var kept = Counted(spark).Persist(StorageLevel.MemoryAndDisk2);
        await kept.CountAsync();
        Assert.Equal(Twice(), await CopiesAsync(spark));
        await kept.UnpersistAsync();
        Assert.Empty(await spark.PersistentRddsAsync());
        Assert.All(await spark.WorkersAsync(), static w => Assert.Equal(0, w.MemoryUsed));
        Assert.Equal(900, await kept.CountAsync());
        Assert.Equal(2 * Partitions, Computed);
    }

    [Fact]
    public async Task One_silo_keeps_one_copy()
    {
        await using var spark = await StartAsync(1, simulated: false);
        var kept = Counted(spark).Persist(StorageLevel.MemoryOnly2);
        Assert.Equal(900, await kept.CountAsync());
        Assert.Equal(Expected(), await kept.CollectAsync());
        Assert.Equal(Partitions, Computed);
        var rdd = Assert.Single(await spark.PersistentRddsAsync());
        Assert.Equal((Partitions, StorageLevel.MemoryOnly2), (rdd.PartitionsCached, rdd.StorageLevel));
    }

    [Fact]
    public async Task Copies_that_do_not_fit_are_not_made()
    {
        await using var spark = await StartAsync(2, simulated: false, budget: "16MB");
        var kept = spark.Range(0, 4_000_000, 1, Partitions).Persist(StorageLevel.MemoryOnly2);
        for (var round = 0; round < 2; round++)
        {
            Assert.Equal(4_000_000L * 3_999_999 / 2, await kept.SumAsync());
            Assert.All(await spark.WorkersAsync(), static w => Assert.InRange(w.MemoryUsed, 0, 16 << 20));
        }
    }

    private int Computed => Directory.GetFiles(_marks).Length;

    private static int[] Expected() => [.. Enumerable.Range(0, 900)];

    private static int[] Twice() => [.. Enumerable.Range(0, Partitions).SelectMany(static p => new[] { p, p })];

    private static Task<MicroSparkContext> StartAsync(int silos, bool simulated, string? budget = null) => MicroSparkContext.StartLocalAsync(silos, options =>
    {
        options.Slots = 1;
        options.Isolation = simulated ? Isolation.Simulated : Isolation.Process;
        options.MemoryBudget = budget;
    });

    /// <summary>Leaves a mark for each time that a partition is computed.</summary>
    private Rdd<int> Counted(MicroSparkContext spark)
    {
        var folder = _marks;
        return spark.Parallelize(Enumerable.Range(0, 900), Partitions).MapPartitions(items =>
        {
            File.WriteAllText(Path.Join(folder, $"{Guid.NewGuid():N}"), "");
            return items;
        });
    }

    /// <summary>The partitions that each silo holds, of all silos.</summary>
    private static async Task<int[]> CopiesAsync(MicroSparkContext spark)
    {
        var grains = spark.Silos!.Grains;
        var workers = await grains.GetGrain<IClusterGrain>(0).WorkersAsync();
        var shares = await Task.WhenAll(workers.Select(w => grains.GetGrain<IWorkerGrain>(w.Id.Value).KeptAsync(null)));
        return [.. shares.SelectMany(static s => s.Rdds).SelectMany(static s => s.Partitions.ToArray()).Order()];
    }

    private static async Task CopiedAsync(MicroSparkContext spark)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!(await CopiesAsync(spark)).SequenceEqual(Twice()))
        {
            patience.Token.ThrowIfCancellationRequested();
        }
    }
}
