namespace MicroSpark.Tests.Scenarios;

/// <summary>Contexts side by side, disposed at bad moments, and tokens cancelled before, during and after.</summary>
[Collection(ShapesCollection.Name)]
public sealed class ContextTests(Shapes shapes)
{
    private static readonly SemaphoreSlim s_started = new(0);

    [Fact]
    public async Task Two_contexts_in_one_process_do_not_meet()
    {
        var first = shapes.Of(Shapes.Names[0]);
        await using var second = await MicroSparkContext.StartLocalAsync(1, null);
        var left = first.Parallelize([1, 2, 3], 2).Cache();
        var right = second.Parallelize([1, 2, 3], 2).Cache();
        Assert.Equal(left.Lineage, right.Lineage);
        Assert.Equal(3, await left.CountAsync());
        Assert.Empty(await second.PersistentRddsAsync());
        Assert.Equal(3, await right.CountAsync());
        Assert.Contains("same context", Assert.Throws<ArgumentException>(() => left.Union(right)).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentException>(() => first.RunJobAsync(right, items => items.Count()));
        await left.UnpersistAsync();
    }

    [Theory, EveryShape]
    public async Task A_token_cancelled_before_runs_nothing(string shape)
    {
        var spark = shapes.Of(shape);
        var before = (await spark.JobsAsync()).Count;
        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();
        var numbers = spark.Range(10);
        foreach (var action in new Func<Task>[]
        {
            () => numbers.CountAsync(stop.Token), () => numbers.CollectAsync(stop.Token), () => numbers.FirstAsync(stop.Token), () => numbers.TakeAsync(3, stop.Token),
            () => numbers.ForeachAsync(_ => { }, stop.Token), () => numbers.SumAsync(stop.Token), () => spark.Empty<int>().CountAsync(stop.Token),
        })
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(action);
        }

        Assert.Equal(before, (await spark.JobsAsync()).Count);
    }

    [Theory, EveryShape]
    public async Task A_token_cancelled_after_changes_nothing(string shape)
    {
        var spark = shapes.Of(shape);
        using var stop = new CancellationTokenSource();
        Assert.Equal(10, await spark.Range(10).CountAsync(stop.Token));
        await stop.CancelAsync();
        Assert.Equal(JobState.Succeeded, (await spark.JobsAsync())[0].State);
        Assert.Equal(10, await spark.Range(10).CountAsync());
    }

    [Fact]
    public async Task Leaving_a_stream_early_stops_its_job()
    {
        var spark = shapes.Of(Shapes.Names[0]);
        var taken = new List<long>();
        await foreach (var n in spark.Range(0, 1000, 1, 50))
        {
            taken.Add(n);
            if (taken.Count == 3)
            {
                break;
            }
        }

        Assert.Equal([0, 1, 2], taken);
        Assert.DoesNotContain(await spark.JobsAsync(), j => j.State == JobState.Running);
    }

    [Fact]
    public async Task Every_action_after_dispose_says_so()
    {
        var spark = await MicroSparkContext.StartLocalAsync();
        var rdd = spark.Parallelize([(1, 2)], 1);
        await spark.DisposeAsync();
        await spark.DisposeAsync();
        Assert.Throws<ObjectDisposedException>(() => spark.Parallelize([1]));
        Assert.Throws<ObjectDisposedException>(() => spark.TextFile("x"));
        Assert.Throws<ObjectDisposedException>(() => rdd.Map(p => p));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => rdd.CollectAsync());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => rdd.TakeAsync(1));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => rdd.UnpersistAsync());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => spark.JobsAsync());
    }

    [Fact]
    public async Task Dispose_during_a_shuffle_ends_its_jobs_and_comes_back()
    {
        var spark = await MicroSparkContext.StartLocalAsync(2, o => o.Slots = 1);
        var jobs = Enumerable.Range(0, 5).Select(i => spark.Range(0, long.MaxValue / 4, 1, 1).Filter(n =>
        {
            if (n == 0)
            {
                s_started.Release();
            }

            return n < -i;
        }).Map(n => (n, n)).ReduceByKey((a, b) => a + b, 2).CountAsync()).ToArray();
        await s_started.WaitAsync();
        await spark.DisposeAsync();
        foreach (var job in jobs)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => job);
        }
    }
}
