using MicroSpark.Driver.Events;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Hosting;
using MicroSpark.Tasks;

namespace MicroSpark.Tests.Contexts;

/// <summary>A context's events tell of the cluster too.</summary>
public sealed class EventTests
{
    private static readonly ManualResetEventSlim s_gate = new();
    private static readonly SemaphoreSlim s_reached = new(0);

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

        // Each worker has begun one: what a worker has not begun another one that is idle gets.
        await s_reached.WaitAsync();
        await s_reached.WaitAsync();
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

    /// <summary>What runs when its worker dies has no end but the one that its owner gives it.</summary>
    [Fact]
    public async Task Why_tasks_run_twice_when_a_worker_is_lost_is_told()
    {
        s_gate.Reset();
        var events = new List<EngineEvent>();
        await using var spark = await MicroSparkContext.StartLocalAsync(3, options => options.Slots = 1);
        spark.Happened += events.Add;
        var sums = spark.Range(0, 90, 1, 9).Map(n => (n % 7, n)).ReduceByKey((a, b) => a + b, 6);
        var shuffled = sums.Node.Parents[0].Lineage;
        await sums.CountAsync();
        var result = sums.Map(WaitForGate).CollectAsync();
        for (var running = 0; running < 3; running++)
        {
            await s_reached.WaitAsync();
        }

        // A silo that no owner is on.
        var job = events.OfType<EngineEvent.JobStarted>().Last().Job;
        var management = spark.Silos!.Grains.GetGrain<IManagementGrain>(0);
        var owners = new[]
        {
            await management.GetActivationAddress(spark.Silos.Grains.GetGrain<IJobGrain>(job.Value)),
            await management.GetActivationAddress(spark.Silos.Grains.GetGrain<IRddGrain>($"{shuffled}")),
        };
        var victim = spark.Silos.Silos.First(silo => !Array.Exists(owners, silo.Address.Equals));
        await victim.KillAsync();
        s_gate.Set();
        Assert.Equal(Enumerable.Range(0, 90).Sum(n => (long)n), (await result).Sum(pair => pair.Item2));

        var notes = events.OfType<EngineEvent.TaskNoted>().Where(note => note.Job == job).ToArray();
        Assert.NotEmpty(notes);
        Assert.All(notes, note => Assert.True(note.Again));
        var lost = notes.Where(note => note.End == TaskEnd.WorkerLost).ToArray();
        Assert.All(lost, note => Assert.Equal((1, 0, victim.Id.Value, "its worker was lost"), (note.Stage, note.Attempt, note.Worker, note.Reason)));

        // Their next attempts missed what the lost worker had of the shuffle, which this job then has computed again.
        var maps = events.OfType<EngineEvent.TaskEnded>().Where(one => one.Stage == 0 && one.Task.End == TaskEnd.Succeeded).ToArray();
        var gone = maps.Where(one => one.Job != job && one.Output == shuffled && one.Worker == victim.Id.Value).Select(one => one.Task.Partition).Order().ToArray();
        Assert.NotEmpty(gone);
        Assert.Equal(gone, maps.Where(one => one.Job == job).Select(one => one.Task.Partition).Order());
        var outputs = notes.Where(note => note.End == TaskEnd.OutputLost).ToArray();
        Assert.All(outputs, note => Assert.Equal((0, $"its output was lost with worker {victim.Id}"), (note.Stage, note.Reason)));
        var missed = notes.Where(note => note.End == TaskEnd.InputLost).ToArray();
        Assert.All(missed, note => Assert.Contains("of stage 0 (ReduceByKey): lost", note.Reason, StringComparison.Ordinal));

        // A grain that was in the lost silo's part of the directory is made anew. A job's says so; an RDD's does not know what its predecessor had.
        Assert.Subset(gone.Cast<int?>().ToHashSet(), outputs.Select(note => note.Partition).ToHashSet());
        if (!notes.Any(note => note is { End: TaskEnd.OwnerLost, Stage: 1 }))
        {
            Assert.NotEmpty(lost);
            Assert.Subset(missed.Select(note => note.Partition).ToHashSet(), lost.Select(note => note.Partition).ToHashSet());

            // What nobody tells of again has succeeded once.
            var ran = events.OfType<EngineEvent.TaskEnded>().Where(one => one.Job == job && one.Stage == 1 && one.Task.End == TaskEnd.Succeeded);
            Assert.Equal([0, 1, 2, 3, 4, 5], ran.Select(one => one.Task.Partition).Order());
        }

        // As who asks later is told.
        var later = (await spark.EventsOfAsync(job))!.OfType<EngineEvent.TaskNoted>();
        Assert.Equal(notes.OrderBy(note => note.Time).Select(note => note.Reason).Order(), later.Select(note => note.Reason).Order());
    }

    [Fact]
    public async Task What_a_living_worker_no_longer_has_is_told()
    {
        var events = new List<EngineEvent>();
        await using var spark = await MicroSparkContext.StartLocalAsync(1, options => options.Slots = 1);
        spark.Happened += events.Add;
        var kept = spark.Range(0, 10, 1, 2).Map(n => n + 1).Cache();
        await kept.CountAsync();
        Assert.Empty(events.OfType<EngineEvent.TaskNoted>());
        spark.Silos!.Silos[0].Engine.Blocks.RemoveAll(kept.Lineage);
        Assert.Equal(10, await kept.CountAsync());

        var worker = spark.Silos.Silos[0].Id;
        var notes = events.OfType<EngineEvent.TaskNoted>().ToArray();
        var outputs = notes.Where(note => note.Output == kept.Lineage).ToArray();
        Assert.Equal([0, 1], outputs.Select(note => note.Partition!.Value).Order());
        Assert.All(outputs, note => Assert.Equal((TaskEnd.OutputLost, $"worker {worker} no longer has its output"), (note.End, note.Reason)));
        var readers = notes.Except(outputs).ToArray();
        Assert.Equal([0, 1], readers.Select(note => note.Partition!.Value).Order());
        Assert.All(readers, note => Assert.Equal((0, TaskEnd.InputLost, true), (note.Attempt, note.End, note.Again)));
    }

    [Fact]
    public async Task A_failure_that_is_tried_again_is_told_with_its_reason()
    {
        s_gate.Set();
        var events = new List<EngineEvent>();
        await using var spark = await MicroSparkContext.StartLocalAsync(2, options => (options.Slots, options.Retry.MaxTaskFailures) = (1, 3));
        spark.Happened += events.Add;
        Assert.Equal(10, await spark.Range(0, 10, 1, 2).Map(WaitAndFailOnce).CountAsync());

        var notes = events.OfType<EngineEvent.TaskNoted>().ToArray();
        Assert.Equal([0, 1], notes.Select(note => note.Partition!.Value).Order());
        const string Reason = "attempt 1 failed, failure 1 of 3 that it may have: System.FormatException: not yet";
        Assert.All(notes, note => Assert.Equal((0, TaskEnd.Failed, true, Reason), (note.Attempt, note.End, note.Again, note.Reason)));
        Assert.All(notes, note => Assert.Contains(
            events.OfType<EngineEvent.TaskEnded>(),
            one => one.Worker == note.Worker && one.Task.Partition == note.Partition && one.Task is { Attempt: 0, End: TaskEnd.Failed }));
    }

    private static (long, long) WaitForGate((long, long) pair)
    {
        s_reached.Release();
        s_gate.Wait();
        return pair;
    }

    private static long WaitAndFailOnce(long number)
    {
        if (!s_gate.IsSet)
        {
            s_reached.Release();
            s_gate.Wait();
        }

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
