using MicroSpark.Events;

namespace MicroSpark.Tests.Contexts;

/// <summary>A context's events tell of the cluster too.</summary>
public sealed class EventTests
{
    [Fact]
    public async Task A_lost_worker_is_told_and_so_is_what_was_computed_again()
    {
        var events = new List<EngineEvent>();
        await using var spark = await MicroSparkContext.StartLocalAsync(2, options => options.Slots = 1);
        spark.Happened += events.Add;
        var pairs = spark.Range(0, 100, 1, 4).Map(n => (n % 3, n)).ReduceByKey((a, b) => a + b);
        await pairs.CountAsync();
        await spark.Silos!.Silos[1].KillAsync();
        await pairs.CountAsync();

        var joined = events.OfType<EngineEvent.WorkerJoined>().Select(one => one.Worker).ToArray();
        var lost = Assert.Single(events.OfType<EngineEvent.WorkerLost>()).Worker;
        Assert.Equal(2, joined.Distinct().Count());
        Assert.Contains(lost, joined);
        var jobs = events.OfType<EngineEvent.JobEnded>().ToArray();
        Assert.All(jobs, job => Assert.Equal(JobState.Succeeded, job.State));
        var (first, second) = (MapsOf(jobs[0].Job), MapsOf(jobs[1].Job));
        Assert.Equal([0, 1, 2, 3], first.Select(one => one.Task.Partition).Order());
        Assert.Equal(first.Where(one => one.Worker == lost).Select(one => one.Task.Partition).Order(), second.Select(one => one.Task.Partition).Order());

        EngineEvent.TaskEnded[] MapsOf(JobId job) =>
            [.. events.OfType<EngineEvent.TaskEnded>().Where(one => one.Job == job && one.Stage == 0 && one.Task.Result == TaskResultKind.Succeeded)];
    }

    [Fact]
    public async Task Nobody_is_asked_when_nobody_listens()
    {
        await using var spark = await MicroSparkContext.StartLocalAsync();
        await spark.Range(10).CountAsync();
        var events = new List<EngineEvent>();
        spark.Happened += events.Add;
        await spark.Range(20).CountAsync();

        Assert.Single(events.OfType<EngineEvent.JobStarted>());
        Assert.Equal(events.OfType<EngineEvent.JobStarted>().Single().Job, Assert.Single(events.OfType<EngineEvent.TaskEnded>().Select(one => one.Job).Distinct()));
    }
}
