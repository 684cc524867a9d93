namespace MicroSpark.Tests.Contexts;

/// <summary>What an action may bring to its client.</summary>
public sealed class ResultSizeTests
{
    [Theory]
    [InlineData(Isolation.Process)]
    [InlineData(Isolation.Simulated)]
    public async Task A_collection_beyond_the_limit_is_refused_before_it_comes_and_leaves_nothing(Isolation isolation)
    {
        await using var spark = await StartAsync(isolation);
        var numbers = spark.Range(0, 600_000, 1, 6);
        var error = await Assert.ThrowsAsync<JobFailedException>(() => numbers.CollectAsync());
        Assert.Matches(@"the results of [2-6] of 6 partitions take at least [1-4]\.[0-9]{2} MB in memory", error.Message);
        Assert.Contains("MicroSpark:MaxResultSize lets one action bring 1.00 MB", error.Message, StringComparison.Ordinal);
        Assert.Contains("AsAsyncEnumerable", error.Message, StringComparison.Ordinal);
        Assert.Contains("SaveAsTextFileAsync", error.Message, StringComparison.Ordinal);
        Assert.Null(error.InnerException);
        var job = Assert.Single(await spark.JobsAsync());
        Assert.Equal((JobState.Failed, error.Message), (job.State, job.Error));
        Assert.Empty(spark.Silos!.Silos[0].Engine.Blocks.Results());
    }

    [Fact]
    public async Task Every_action_that_brings_collections_is_held_to_it()
    {
        await using var spark = await StartAsync(Isolation.Process);
        var pairs = spark.Range(0, 200_000, 1, 2).Map(n => (n, n));
        await Assert.ThrowsAsync<JobFailedException>(() => pairs.CollectAsMapAsync());
        await Assert.ThrowsAsync<JobFailedException>(() => pairs.Cache().CollectAsync());
        await Assert.ThrowsAsync<JobFailedException>(() => pairs.CountByKeyAsync());
        await Assert.ThrowsAsync<JobFailedException>(() => pairs.TakeAsync(150_000));
        await Assert.ThrowsAsync<JobFailedException>(() => pairs.Glom().CollectAsync());
        await Assert.ThrowsAsync<JobFailedException>(() => pairs.AggregateAsync(new List<long>(), (list, p) => { list.Add(p.Item1); return list; }, (a, b) => [.. a, .. b]));
    }

    [Fact]
    public async Task What_fits_comes_and_streams_have_no_limit()
    {
        await using var spark = await StartAsync(Isolation.Process);
        Assert.Equal(100_000, (await spark.Range(0, 100_000, 1, 3).CollectAsync()).Length);
        Assert.Equal(600_000, await spark.Range(0, 600_000, 1, 3).CountAsync());
        var streamed = 0;
        await foreach (var _ in spark.Range(0, 600_000, 1, 3))
        {
            streamed++;
        }

        Assert.Equal(600_000, streamed);
    }

    private static Task<MicroSparkContext> StartAsync(Isolation isolation) => MicroSparkContext.StartLocalAsync(1, options =>
    {
        options.Slots = 2;
        options.Isolation = isolation;
        options.MaxResultSize = "1MB";
    });
}
