using MicroSpark.Driver.Clusters;
using MicroSpark.Grains.Events;
using Microsoft.Extensions.DependencyInjection;

namespace MicroSpark.Tests.Contexts;

/// <summary>
/// Shares on real silos. What is shared is the time of slots, and each task counts its own, however long a busy machine makes it: so who has
/// far more weight has more of it, whatever else the machine does. Who has waited for 20 ms gets a thread above the slots, whatever his
/// weight; on a busy machine that may be all the time, and is not counted.
/// </summary>
public sealed class SharedStageTests
{
    private const int Stage = 0;
    private const int Rival = 1;
    private const int Elements = 10_000;

    private static readonly long[] s_used = new long[2];
    private static readonly SemaphoreSlim s_begun = new(0);
    private static readonly int[] s_computed = new int[1];
    private static readonly long[] s_programs = new long[2];
    private static readonly SemaphoreSlim s_first = new(0);

    /// <summary>What the program of weight 1 had when the other one's first task ended, plus one, and when its last did.</summary>
    private static readonly long[] s_littles = new long[2];

    /// <summary>Alone, the light group would get a fifth of the rival's time. It may leave, and the stage goes on for the heavy one.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_stage_that_a_light_group_has_begun_runs_at_the_share_of_a_heavy_one_that_joins(bool leaves)
    {
        await using var spark = await MicroSparkContext.StartLocalAsync(configure: static o => o.Slots = 1);
        using var stop = new CancellationTokenSource();
        using var leave = new CancellationTokenSource();
        Task<long> rival, light;
        using (spark.JobGroup("rival", weight: 5))
        {
            rival = spark.Range(0, 100_000, partitions: 10_000).Map(static n => Use(n, Rival)).CountAsync(stop.Token);
        }

        var computed = s_computed[0];
        var from = leaves ? Elements : 0;
        var shared = spark.Range(from, from + Elements, partitions: 200).Map(static n =>
        {
            Interlocked.Increment(ref s_computed[0]);
            return (n % 3, Use(n, Stage));
        }).ReduceByKey(static (a, b) => a + b, 2);
        while (await s_begun.WaitAsync(0))
        {
            // Of the test before.
        }

        using (spark.JobGroup("light", weight: 1))
        {
            light = shared.CountAsync(leave.Token);
            await s_begun.WaitAsync();
        }

        using (spark.JobGroup("heavy", weight: 100))
        {
            var heavy = shared.Keys().CollectAsync();
            while (Wishes(spark) < 2)
            {
                // It asks the cluster, which takes turns with the job that is on its way.
                await spark.JobsAsync();
            }

            var (stage, other) = (Interlocked.Read(ref s_used[Stage]), Interlocked.Read(ref s_used[Rival]));
            if (leaves)
            {
                await leave.CancelAsync();
            }

            Assert.Equal(new long[] { 0, 1, 2 }, (await heavy).Order());
            (stage, other) = (Interlocked.Read(ref s_used[Stage]) - stage, Interlocked.Read(ref s_used[Rival]) - other);

            // With the light group's share alone the rival would have five times as much.
            Assert.True(other < 3 * stage, $"The rival had {other} ticks, the stage that the heavy group waited for {stage}.");
        }

        if (leaves)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => light);
        }
        else
        {
            Assert.Equal(3, await light);
        }

        Assert.Equal(Elements, s_computed[0] - computed);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => rival);
    }

    [Fact]
    public async Task Two_programs_share_slot_time_by_the_weights_of_the_settings()
    {
        await using var spark = await MicroSparkContext.StartLocalAsync(configure: static o =>
        {
            (o.Slots, o.ApplicationName) = (1, "nightly");
            o.Scheduling.Weights["interactive"] = 20;
        });
        var other = await MicroSparkContext.OpenAsync(
            new EmbeddedCluster(spark.Silos!, sharesMemory: true, TimeProvider.System), new MicroSparkOptions { ApplicationName = "interactive" },
            CancellationToken.None);
        using var stop = new CancellationTokenSource();
        var nightly = spark.Range(0, 100_000, partitions: 10_000).Map(static n => UseOf(n, 1)).CountAsync(stop.Token);
        await s_first.WaitAsync();
        Assert.Equal(2000, await other.Range(0, 2000, partitions: 200).Map(static n => UseOf(n, 0)).CountAsync());
        var (much, little) = (Interlocked.Read(ref s_programs[0]), s_littles[1] - (s_littles[0] - 1));
        Assert.True(little < much, $"The program of weight 1 had {little} ticks, the one of weight 20 {much}.");
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => nightly);
        other.Runner.Close();
    }

    /// <summary>Jobs that have said that they want the shuffle; the rival has none.</summary>
    private static long Wishes(MicroSparkContext spark) =>
        spark.Silos!.Silos[0].Services.GetRequiredService<TransitionCounts>().Of("Wish", "Ensure");

    private static long Use(long n, int by)
    {
        var sum = Spin(n, ref s_used[by]);
        if (by == Stage)
        {
            s_begun.Release();
        }

        return sum;
    }

    private static long UseOf(long n, int program)
    {
        var sum = Spin(n, ref s_programs[program]);
        if (program == 1)
        {
            s_first.Release();
        }
        else
        {
            // Before its first task and after its last one a busy machine makes the program wait for its calls.
            var little = Interlocked.Read(ref s_programs[1]);
            Interlocked.CompareExchange(ref s_littles[0], little + 1, 0);
            s_littles[1] = little;
        }

        return sum;
    }

    private static long Spin(long n, ref long used)
    {
        var start = TimeProvider.System.GetTimestamp();
        var sum = n;
        for (var i = 0; i < 100_000; i++)
        {
            sum += i ^ sum;
        }

        if (Thread.CurrentThread.Name?.EndsWith("above", StringComparison.Ordinal) != true)
        {
            Interlocked.Add(ref used, TimeProvider.System.GetTimestamp() - start);
        }

        return sum;
    }
}
