using System.Collections.Concurrent;

namespace MicroSpark.Tests.Contexts;

/// <summary>Barrier stages beside each other and beside ordinary jobs: each gets all its slots at once, or waits.</summary>
public sealed class BarrierCrowdTests
{
    private const int Together = 4;
    private const int Large = 100;

    /// <summary>By job and round: only tasks that run at the same time get past one.</summary>
    private static readonly ConcurrentDictionary<(int Job, int Round), CountdownEvent> s_meetings = new();

    [Fact]
    public async Task Ten_barrier_jobs_whose_tasks_wait_for_each_other_end_among_ordinary_jobs()
    {
        await using var spark = await MicroSparkContext.StartLocalAsync(2, static o => o.Slots = 2);
        var barriers = Enumerable.Range(0, 10).Select(job => spark.Range(0, 40, partitions: Together).Barrier()
            .MapPartitions(items => Meet(job, Together, items)).SumAsync()).ToArray();
        var ordinary = Enumerable.Range(0, 20).Select(job => spark.Range(0, 80 + job, partitions: 8)
            .Map(static n => (n % 2, 1)).ReduceByKey(static (a, b) => a + b, 2).Values().SumAsync()).ToArray();
        Assert.All(await Task.WhenAll(barriers), static sum => Assert.Equal(780, sum));
        Assert.Equal(Enumerable.Range(80, 20), await Task.WhenAll(ordinary));
    }

    /// <summary>Ordinary stages of more than 64 partitions have several owners. A barrier stage has one, or its tasks would be several sets.</summary>
    [Fact]
    public async Task A_barrier_stage_of_a_hundred_partitions_before_a_shuffle_runs_as_one()
    {
        await using var spark = await MicroSparkContext.StartLocalAsync(2, static o => o.Slots = 64);
        var sums = await spark.Range(0, 1000, partitions: Large).Barrier().MapPartitions(static items => Meet(-1, Large, items))
            .Map(static n => (n % 3, n)).ReduceByKey(static (a, b) => a + b, 2).CollectAsync();
        Assert.Equal(Enumerable.Range(0, 1000).Sum(), sums.Sum(static pair => pair.Item2));
        Assert.Equal(3, sums.Count());
    }

    private static IEnumerable<long> Meet(int job, int tasks, IEnumerable<long> items)
    {
        var all = items.ToArray();
        var meeting = s_meetings.GetOrAdd((job, TaskContext.Current!.AttemptNumber), _ => new CountdownEvent(tasks));
        meeting.Signal();
        meeting.Wait();
        return all;
    }
}
