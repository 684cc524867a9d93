using MicroSpark.Driver.Events;
using MicroSpark.Grains.Hosting;
using MicroSpark.Tasks;

namespace MicroSpark.Tests.Contexts;

/// <summary>A context's events tell of the cluster too.</summary>
public sealed class EventTests
{
    private static readonly ManualResetEventSlim s_gate = new();

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
            [.. events.OfType<EngineEvent.TaskEnded>().Where(one => one.Job == job && one.Stage == 0 && one.Task.End == TaskEnd.Succeeded)];
    }

    [Fact]
    public async Task A_submitted_job_ends_when_it_ends_and_not_when_its_client_stops_waiting()
    {
        s_gate.Reset();
        var events = new List<EngineEvent>();
        await using var spark = await MicroSparkContext.StartLocalAsync();
        spark.Happened += events.Add;
        var numbers = spark.Range(0, 10, 1, 2).Map(Wait);
        var job = await spark.SubmitAsync(() => numbers.CountAsync());
        using (var impatient = new CancellationTokenSource())
        {
            var waiting = job.ResultAsync(impatient.Token);
            impatient.Cancel();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        }

        Assert.Empty(events.OfType<EngineEvent.JobEnded>());
        s_gate.Set();
        Assert.Equal(10, await job.ResultAsync());

        Assert.Equal((job.Id, JobState.Succeeded), events.OfType<EngineEvent.JobEnded>().Select(one => (one.Job, one.State)).Single());
        Assert.Equal([0, 1], events.OfType<EngineEvent.TaskEnded>().Where(one => one.Stage == 0).Select(one => one.Task.Partition).Order());
    }

    [Fact]
    public async Task What_a_lost_worker_told_only_the_owners_of_its_tasks_is_told()
    {
        s_gate.Reset();
        var events = new List<EngineEvent>();
        using var watched = new SemaphoreSlim(0);
        using var goOn = new ManualResetEventSlim();
        await using var spark = await MicroSparkContext.StartLocalAsync(2, options => (options.Slots, options.Retry.MaxTaskFailures) = (1, 2));
        spark.Happened += events.Add;

        // While this waits, nobody asks the workers for events.
        spark.Progress += _ =>
        {
            watched.Release();
            goOn.Wait();
        };
        var count = spark.Range(0, 10, 1, 2).Map(WaitAndFailOnce).CountAsync();
        await watched.WaitAsync();
        s_gate.Set();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while ((await spark.JobsAsync(patience.Token))[0].State == JobState.Running)
        {
        }

        var victim = spark.Silos!.Silos[1];
        await victim.KillAsync();
        goOn.Set();
        Assert.Equal(10, await count);

        var lost = Assert.Single(events.OfType<EngineEvent.WorkerLost>()).Worker;
        Assert.Equal(victim.Id.Value, lost);

        // Its batches are watched one by one: the owner may have heard of the later one first.
        var there = events.OfType<EngineEvent.TaskEnded>().Where(one => one.Worker == lost).Select(one => one.Task).OrderBy(task => task.Started).ToArray();
        Assert.Equal([(0, TaskEnd.Failed), (1, TaskEnd.Succeeded)], there.Select(task => (task.Attempt, task.End)));
        Assert.Equal("System.FormatException: not yet", there[0].Error);
        Assert.Equal(1, there[1].Records);
        Assert.All(there, task => Assert.True(task.Took > TimeSpan.Zero));
        Assert.Equal(events.OfType<EngineEvent.TaskEnded>().Count(), events.OfType<EngineEvent.TaskEnded>().Distinct().Count());
    }

    [Fact]
    public async Task A_submitted_job_that_nobody_follows_ends_in_the_events_too()
    {
        var events = new List<EngineEvent>();
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var spark = await MicroSparkContext.StartLocalAsync();
        spark.Happened += one =>
        {
            events.Add(one);
            if (one is EngineEvent.JobEnded)
            {
                ended.TrySetResult();
            }
        };
        var job = await spark.SubmitAsync(() => spark.Range(0, 10, 1, 2).Map(n => (n % 3, n)).ReduceByKey((a, b) => a + b).CountAsync());
        await ended.Task;

        var end = Assert.IsType<EngineEvent.JobEnded>(events[^1]);
        Assert.Equal((job.Id, JobState.Succeeded), (end.Job, end.State));
        Assert.Equal(2, events.OfType<EngineEvent.TaskEnded>().Count(one => one.Stage == 0));

        // Who asks later learns the result, and nothing is told twice.
        Assert.Equal(3, await job.ResultAsync());
        Assert.Single(events.OfType<EngineEvent.JobEnded>());
    }

    [Fact]
    public async Task A_job_that_was_not_watched_from_its_start_is_told_when_it_has_been_followed_to_its_end()
    {
        var events = new List<EngineEvent>();
        await using var spark = await MicroSparkContext.StartLocalAsync();
        var submitted = await spark.SubmitAsync(() => spark.Range(0, 10, 1, 2).Map(n => n + 1).CountAsync());
        spark.Happened += events.Add;
        var job = await spark.AttachAsync(submitted.Id);
        await job.WaitAsync();
        await job.WaitAsync();

        Assert.Equal(submitted.Id, Assert.IsType<EngineEvent.JobStarted>(events[0]).Job);
        Assert.Equal(JobState.Succeeded, Assert.IsType<EngineEvent.JobEnded>(events[^1]).State);
        Assert.Equal([0, 1], events.OfType<EngineEvent.TaskEnded>().Where(one => one.Stage == 0).Select(one => one.Task.Partition).Order());
        Assert.Single(events.OfType<EngineEvent.JobEnded>());
    }

    private static long WaitAndFailOnce(long number)
    {
        s_gate.Wait();
        return TaskContext.Current!.AttemptNumber > 0 ? number : throw new FormatException("not yet");
    }

    private static long Wait(long number)
    {
        s_gate.Wait();
        return number;
    }

    [Fact]
    public async Task A_long_message_is_cut_in_events_and_whole_in_the_jobs_error()
    {
        var events = new List<EngineEvent>();
        await using var spark = await MicroSparkContext.StartLocalAsync();
        spark.Happened += events.Add;
        var error = await Assert.ThrowsAsync<JobFailedException>(() => spark.Range(0, 1, 1, 1).Map(n => n == 0 ? throw new FormatException(new string('x', 100_000)) : n).CountAsync());

        Assert.Equal(100_000, error.InnerException!.Message.Length);
        var told = Assert.Single(events.OfType<EngineEvent.TaskEnded>()).Task.Error!;
        Assert.StartsWith("System.FormatException: xxx", told, StringComparison.Ordinal);
        Assert.Equal(1000, told.Length);
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
