using System.Collections.Concurrent;
using MicroSpark.Driver.Clusters;

namespace MicroSpark.Tests.Contexts;

/// <summary>Contexts, groups and jobs share the slots: none waits for the end of another's tasks.</summary>
public sealed class FairSharesTests
{
    private static readonly SemaphoreSlim[] s_begun = [.. Enumerable.Range(0, 3).Select(static _ => new SemaphoreSlim(0))];
    private static readonly ManualResetEventSlim[] s_gate = [.. Enumerable.Range(0, 3).Select(static _ => new ManualResetEventSlim())];
    private static readonly SemaphoreSlim s_turn = new(0);
    private static readonly SemaphoreSlim s_took = new(0);
    private static readonly long[] s_used = new long[2];

    /// <summary>What the light group had when the heavy one's first task ended, plus one, and when its last did.</summary>
    private static readonly long[] s_lights = new long[2];
    private static readonly ConcurrentQueue<string> s_order = [];

    [Fact]
    public async Task A_tiny_job_in_a_group_of_its_own_ends_while_two_other_groups_hold_all_slots()
    {
        await using var spark = await MicroSparkContext.StartLocalAsync(configure: static o => o.Slots = 2);
        var big = Held(spark, "big", 0);
        await s_begun[0].WaitAsync();
        await s_begun[0].WaitAsync();
        var other = Held(spark, "other", 0);
        await s_begun[0].WaitAsync();
        using (spark.JobGroup("tiny"))
        {
            var numbers = spark.Parallelize(Enumerable.Range(0, 100), 8);
            Assert.Equal(100, await numbers.CountAsync());
            Assert.Equal(50, (await numbers.Map(static n => (n % 2, 1)).ReduceByKey(static (a, b) => a + b, 2).CollectAsync())[0].Item2);
        }

        Assert.False(big.IsCompleted || other.IsCompleted);
        s_gate[0].Set();
        Assert.Equal((100, 100), (await big, await other));
    }

    [Fact]
    public async Task A_job_of_one_context_does_not_wait_for_anothers()
    {
        await using var spark = await MicroSparkContext.StartLocalAsync(2, static o => o.Slots = 1);
        var second = await SecondAsync(spark);
        var big = Held(spark, null, 1);
        await s_begun[1].WaitAsync();
        await s_begun[1].WaitAsync();
        Assert.Equal(100, await second.Range(0, 100, partitions: 8).CountAsync());
        Assert.False(big.IsCompleted);
        s_gate[1].Set();
        Assert.Equal(100, await big);
        second.Runner.Close();
    }

    /// <summary>Of four tasks of a first job and one of a second that came when the first had a slot.</summary>
    [Theory]
    [InlineData(SchedulingMode.Fair, "12111")]
    [InlineData(SchedulingMode.Fifo, "11112")]
    public async Task The_jobs_of_a_group_go_by_the_setting(SchedulingMode mode, string order)
    {
        await using var spark = await MicroSparkContext.StartLocalAsync(configure: o => (o.Slots, o.Scheduling.Mode) = (1, mode));
        s_order.Clear();
        var first = spark.Range(0, 4, partitions: 4).Map(n => Turn(n, "1")).CountAsync();
        await s_took.WaitAsync();
        var second = spark.Range(0, 1, partitions: 1).Map(n => Turn(n, "2")).CountAsync();
        var engine = spark.Silos!.Silos[0].Engine;
        while (engine.SlotsQueued < 4)
        {
            // It asks the cluster, which takes turns with the job that is on its way.
            await spark.JobsAsync();
        }

        s_turn.Release(5);
        Assert.Equal((4, 1), (await first, await second));
        Assert.Equal(order, string.Concat(s_order));
        while (s_took.CurrentCount > 0)
        {
            await s_took.WaitAsync();
        }
    }

    /// <summary>
    /// Slot time is what is shared, so each task counts its own, however long a busy machine makes it. With twenty times the weight the one
    /// group has far more than the other until its job ends, whatever else the machine does.
    /// </summary>
    [Fact]
    public async Task Groups_share_slot_time_by_their_weights()
    {
        await using var spark = await MicroSparkContext.StartLocalAsync(configure: static o => o.Slots = 1);
        using var stop = new CancellationTokenSource();
        Task<long> light;
        using (spark.JobGroup("light", weight: 1))
        {
            light = spark.Range(0, 100_000, partitions: 10_000).Map(static n => Use(n, 1)).CountAsync(stop.Token);
        }

        using (spark.JobGroup("heavy", weight: 20))
        {
            Assert.Equal(2000, await spark.Range(0, 2000, partitions: 200).Map(static n => Use(n, 0)).CountAsync());
            var (heavy, other) = (Interlocked.Read(ref s_used[0]), s_lights[1] - (s_lights[0] - 1));
            Assert.True(other < heavy, $"The light group had {other} ticks, the heavy one {heavy}.");
        }

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => light);
    }

    [Fact]
    public async Task Three_hundred_jobs_of_five_contexts_at_once_succeed()
    {
        await using var spark = await MicroSparkContext.StartLocalAsync(2, static o => o.Slots = 1);
        var contexts = new List<MicroSparkContext> { spark };
        while (contexts.Count < 5)
        {
            contexts.Add(await SecondAsync(spark));
        }

        var jobs = Enumerable.Range(0, 300).Select(i => contexts[i % 5].Range(0, 8 + i, partitions: 8)
            .Map(n => (n % 2, 1)).ReduceByKey((a, b) => a + b, 2).CollectAsync()).ToArray();
        Assert.Equal(Enumerable.Range(8, 300), (await Task.WhenAll(jobs)).Select(static rows => rows.Sum(static row => row.Item2)));
        contexts.Skip(1).ToList().ForEach(static context => context.Runner.Close());
    }

    /// <summary>Another program's context on the same silos, which are the first one's: it is closed, and not disposed of.</summary>
    private static Task<MicroSparkContext> SecondAsync(MicroSparkContext spark) => MicroSparkContext.OpenAsync(
        new EmbeddedCluster(spark.Silos!, sharesMemory: true, TimeProvider.System), new MicroSparkOptions(), CancellationToken.None);

    /// <summary>A hundred tasks that wait for the gate.</summary>
    private static Task<long> Held(MicroSparkContext spark, string? group, int test)
    {
        using var scope = group is null ? null : spark.JobGroup(group);
        return spark.Range(0, 100, partitions: 100).Map(n =>
        {
            s_begun[test].Release();
            s_gate[test].Wait();
            return n;
        }).CountAsync();
    }

    private static long Turn(long n, string job)
    {
        s_order.Enqueue(job);
        s_took.Release();
        s_turn.Wait();
        return n;
    }

    private static long Use(long n, int group)
    {
        var start = TimeProvider.System.GetTimestamp();
        var sum = n;
        for (var i = 0; i < 100_000; i++)
        {
            sum += i ^ sum;
        }

        Interlocked.Add(ref s_used[group], TimeProvider.System.GetTimestamp() - start);
        if (group == 0)
        {
            // Before its first task and after its last one a busy machine makes the heavy group wait for its calls.
            var light = Interlocked.Read(ref s_used[1]);
            Interlocked.CompareExchange(ref s_lights[0], light + 1, 0);
            s_lights[1] = light;
        }

        return sum;
    }
}
