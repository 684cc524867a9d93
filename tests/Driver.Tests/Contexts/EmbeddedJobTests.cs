namespace MicroSpark.Tests.Contexts;

/// <summary>Whole jobs on silos of this process.</summary>
public sealed class EmbeddedJobTests
{
    [Theory]
    [InlineData(1, Isolation.Process)]
    [InlineData(3, Isolation.Process)]
    [InlineData(2, Isolation.Simulated)]
    public async Task Narrow_and_shuffled_jobs_give_what_LINQ_gives(int workers, Isolation isolation)
    {
        await using var spark = await MicroSparkContext.StartLocalAsync(workers, o => o.Isolation = isolation);
        var numbers = spark.Parallelize(Enumerable.Range(0, 1000), 7);
        Assert.Equal(1000, await numbers.CountAsync());
        Assert.Equal(Enumerable.Range(0, 1000).Where(n => n % 3 == 0).Select(n => n * 2), await numbers.Filter(n => n % 3 == 0).Map(n => n * 2).CollectAsync());
        var counts = await numbers.Map(n => (n % 10, 1)).ReduceByKey((a, b) => a + b, 4).CollectAsync();
        Assert.Equal(Enumerable.Range(0, 10).Select(k => (k, 100)), counts.Order());
    }

    [Fact]
    public async Task An_empty_rdd_runs_nothing()
    {
        await using var spark = await MicroSparkContext.StartLocalAsync();
        Assert.Equal(0, await spark.Empty<int>().CountAsync());
        Assert.Empty(await spark.JobsAsync());
    }

    [Fact]
    public async Task A_failing_lambda_comes_home_with_its_type_and_message()
    {
        await using var spark = await MicroSparkContext.StartLocalAsync();
        var rdd = spark.Parallelize(Enumerable.Range(0, 10), 2).Map(n => n == 7 ? throw new FormatException("seven") : n);
        var error = await Assert.ThrowsAsync<JobFailedException>(() => rdd.CollectAsync());
        var inner = Assert.IsType<FormatException>(error.InnerException);
        Assert.Equal("seven", inner.Message);
        Assert.Equal(1, error.Partition);
        Assert.Contains("tried once", error.Message, StringComparison.Ordinal);
        Assert.Equal(10, await spark.Parallelize(Enumerable.Range(0, 10), 2).CountAsync());
    }

    [Fact]
    public async Task A_failing_lambda_is_tried_as_often_as_the_setting_says()
    {
        await using var spark = await MicroSparkContext.StartLocalAsync(configure: o => o.Retry.MaxTaskFailures = 3);
        var rdd = spark.Parallelize([1], 1).Map(int (_) => throw new FormatException($"attempt {TaskContext.Current!.AttemptNumber}"));
        var error = await Assert.ThrowsAsync<JobFailedException>(() => rdd.CountAsync());
        Assert.Equal("attempt 2", error.InnerException!.Message);
        Assert.Equal(2, error.Attempt);
        Assert.Contains("tried 3 times", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_context_used_after_dispose_says_so()
    {
        var spark = await MicroSparkContext.StartLocalAsync();
        var rdd = spark.Range(10);
        await spark.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => rdd.CountAsync());
        Assert.Throws<ObjectDisposedException>(() => spark.Range(1));
    }

    [Fact]
    public async Task Workers_and_jobs_are_listed()
    {
        await using var spark = await MicroSparkContext.StartLocalAsync(2, o => o.Slots = 1);
        Assert.Equal(2, spark.DefaultParallelism);
        Assert.Equal(2, (await spark.WorkersAsync()).Count);
        using (spark.JobGroup("mine"))
        {
            await spark.Range(10).CountAsync();
        }

        var job = Assert.Single(await spark.JobsAsync());
        Assert.Equal(("CountAsync", "mine"), (job.Name, job.Group));
    }
}
