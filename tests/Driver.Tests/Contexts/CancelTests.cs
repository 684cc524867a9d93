namespace MicroSpark.Tests.Contexts;

/// <summary>A cancelled job ends in OperationCanceledException, and its tasks stop.</summary>
public sealed class CancelTests
{
    // One for each test: what a test's tasks still say while they are stopped is nothing to the next one.
    private static readonly SemaphoreSlim[] s_started = [.. Enumerable.Range(0, 5).Select(_ => new SemaphoreSlim(0))];
    private static readonly ManualResetEventSlim s_gate = new();

    [Fact]
    public async Task By_token_and_the_slots_are_free_again()
    {
        await using var spark = await MicroSparkContext.StartLocalAsync(configure: o => o.Slots = 2);
        using var stop = new CancellationTokenSource();
        var endless = Endless(spark, 0).CountAsync(stop.Token);
        await s_started[0].WaitAsync();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => endless);
        Assert.Equal(10, await spark.Range(10).CountAsync());
    }

    [Fact]
    public async Task By_group_and_only_that_group()
    {
        await using var spark = await MicroSparkContext.StartLocalAsync(configure: o => o.Slots = 4);
        Task<long> endless;
        using (spark.JobGroup("doomed"))
        {
            endless = Endless(spark, 1).CountAsync();
        }

        await s_started[1].WaitAsync();
        var other = spark.Range(10).CountAsync();
        await spark.CancelJobGroupAsync("doomed");
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => endless);
        Assert.Equal(10, await other);
        Assert.Equal(JobState.Cancelled, (await spark.JobsAsync()).Single(j => j.Group == "doomed").State);
    }

    [Fact]
    public async Task By_id()
    {
        await using var spark = await MicroSparkContext.StartLocalAsync(configure: o => o.Slots = 2);
        var endless = Endless(spark, 2).CountAsync();
        await s_started[2].WaitAsync();
        await spark.CancelJobAsync((await spark.JobsAsync()).Single().Id);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => endless);
    }

    [Fact]
    public async Task By_dispose()
    {
        var spark = await MicroSparkContext.StartLocalAsync(configure: o => o.Slots = 2);
        var endless = Endless(spark, 3).CountAsync();
        await s_started[3].WaitAsync();
        await spark.DisposeAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => endless);
    }

    [Fact]
    public async Task What_another_job_also_awaits_goes_on()
    {
        await using var spark = await MicroSparkContext.StartLocalAsync(configure: o => o.Slots = 2);
        s_gate.Reset();
        var shared = spark.Parallelize([1, 2], 2).Map(n =>
        {
            s_started[4].Release();
            s_gate.Wait();
            return n;
        }).Cache();
        using var stop = new CancellationTokenSource();
        var first = shared.Map(n => n + 1).CountAsync(stop.Token);
        await s_started[4].WaitAsync();
        await s_started[4].WaitAsync();
        var second = shared.CountAsync();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        s_gate.Set();
        Assert.Equal(2, await second);
    }

    /// <summary>One partition that says when it has begun, and never ends by itself.</summary>
    private static Rdd<long> Endless(MicroSparkContext spark, int test) => spark.Range(0, long.MaxValue / 2, 1, 1).Filter(n =>
    {
        if (n == 0)
        {
            s_started[test].Release();
        }

        return n < 0;
    });
}
