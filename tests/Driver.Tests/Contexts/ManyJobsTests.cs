using MicroSpark.Tasks;

namespace MicroSpark.Tests.Contexts;

/// <summary>Nothing fails for being one of many.</summary>
public sealed class ManyJobsTests
{
    /// <summary>More than a worker keeps plans of that nobody holds.</summary>
    private const int Many = 400;

    private static readonly SemaphoreSlim s_begun = new(0);
    private static readonly ManualResetEventSlim s_gate = new();

    [Fact]
    public async Task Jobs_that_are_all_queued_at_once_all_succeed()
    {
        await using var spark = await MicroSparkContext.StartLocalAsync();
        var jobs = Enumerable.Range(0, Many).Select(i => spark.Range(0, 4 + i, partitions: 4)
            .Map(n => (n % 2, 1)).ReduceByKey((a, b) => a + b, 2).CollectAsync()).ToArray();
        var counts = await Task.WhenAll(jobs);
        Assert.Equal(Enumerable.Range(4, Many), counts.Select(rows => rows.Sum(static row => row.Item2)));
    }

    [Fact]
    public async Task A_job_without_a_slot_says_that_it_waits()
    {
        await using var spark = await MicroSparkContext.StartLocalAsync(1, static o => o.Slots = 1);
        var queued = false;
        spark.Progress += progress => queued |= progress is { Name: "CountAsync", IsQueued: true };
        var first = spark.Range(0, 1, partitions: 1).ForeachAsync(static _ => Hold());
        await s_begun.WaitAsync();
        var second = spark.Range(0, 10, partitions: 2).CountAsync();
        IReadOnlyList<JobInfo> all;
        do
        {
            all = await spark.JobsAsync();
        }
        while (all.Count < 2);

        Assert.All(all, static job => Assert.Equal(JobState.Running, job.State));
        Assert.True(all.Single(static job => job.Name == "CountAsync").IsQueued);
        Assert.False(all.Single(static job => job.Name == "ForeachAsync").IsQueued);
        s_gate.Set();
        await first;
        Assert.Equal(10, await second);
        Assert.True(queued);
        Assert.All(await spark.JobsAsync(), static job => Assert.False(job.IsQueued));
    }

    private static void Hold()
    {
        s_begun.Release();
        s_gate.Wait();
    }
}
