using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Stages;
using MicroSpark.Model;
using MicroSpark.Tasks;
using MicroSpark.Tests.Infrastructure;

namespace MicroSpark.Tests.Stages;

/// <summary>Owners keep the queue, and workers take as they have room.</summary>
public sealed class LateBindingTests : TaskSetTests
{
    private static readonly TimeSpan s_step = TimeSpan.FromMilliseconds(50);

    [Fact]
    public Task A_worker_is_sent_a_window_and_the_next_with_the_poll_that_brings_outcomes() => OnOneThread(async () =>
    {
        var workers = Workers(null, "a");
        var worker = workers["a"];
        worker.Room = 2;
        var run = Run(workers, 10);
        await worker.GotAsync(1);
        Assert.Equal([0, 1, 2, 3], worker.Partitions);
        for (var next = 0; next < 10; next++)
        {
            worker.End(FakeWorker.Success(worker.Task(next)));
            var expected = Math.Min(10, Math.Max(4, next + 3));
            await AdvanceUntil(() => worker.Partitions.Count() >= expected);
            Assert.Equal(expected, worker.Partitions.Count());
        }

        await run;
    });

    /// <summary>Forty tasks of 50 ms, of which one worker needs ten times as long for each.</summary>
    [Fact]
    public Task A_worker_ten_times_slower_gets_a_tenth() => OnOneThread(async () =>
    {
        var workers = Workers(null, "slow", "fast");
        workers["slow"].Room = workers["fast"].Room = 2;
        var run = Run(workers, 40);
        await AdvanceInSteps(s_step);
        var steps = 0;
        for (; !run.IsCompleted; steps++)
        {
            Assert.True(steps < 80, "The slow worker keeps too many.");
            EndFirst(workers["fast"], 50);
            if (steps % 10 == 9)
            {
                EndFirst(workers["slow"], 500);
            }

            await AdvanceInSteps(s_step);
        }

        Assert.Equal(40, Ended.Count(static r => r.End == TaskEnd.Succeeded));
        Assert.InRange(Ended.Count(static r => r.Worker.Value == "slow"), 2, 6);
        Assert.InRange(steps, 30, 52);
    });

    [Fact]
    public Task A_worker_that_joins_gets_tasks_within_a_second() => OnOneThread(async () =>
    {
        var workers = Workers(null, "a");
        workers["a"].Room = 2;
        var run = Run(workers, 20);
        await workers["a"].GotAsync(1);
        workers.Add("b");
        await AdvanceUntil(workers["b"].GotAsync(1), TimeSpan.FromSeconds(1));
        workers["a"].Automatic = workers["b"].Automatic = static t => FakeWorker.Success(t);
        EndAll(workers["a"]);
        EndAll(workers["b"]);
        await AdvanceUntil(run, TimeSpan.FromSeconds(2));
    });

    /// <summary>All of the queue is at one worker, which has begun one task. Nobody knows yet how long they take.</summary>
    [Fact]
    public Task What_has_not_begun_is_taken_back_for_a_worker_that_has_nothing_to_do() => OnOneThread(async () =>
    {
        var workers = Workers(null, "a", "b");
        var run = Run(workers, 4, prefer: "a");
        await workers["a"].GotAsync(1);
        Assert.Equal(4, workers["a"].Partitions.Count());
        await AdvanceUntil(workers["b"].GotAsync(1), TimeSpan.FromSeconds(1));
        Assert.InRange(workers["a"].TakenBack, 1, 2);
        Assert.Equal(0, workers["b"].Task(workers["b"].Partitions.First()).AttemptNumber);
        workers["a"].Automatic = workers["b"].Automatic = static t => FakeWorker.Success(t);
        EndAll(workers["b"]);
        EndAll(workers["a"]);
        await AdvanceUntil(run, TimeSpan.FromSeconds(5));
        Assert.All(Ended, static r => Assert.Equal(TaskEnd.Succeeded, r.End));
        Assert.Equal(4, Ended.Count);
    });

    /// <summary>Nobody knows how long the task takes for which the other worker was thought to be free.</summary>
    [Fact]
    public Task What_was_taken_back_goes_to_its_first_worker_again_when_that_has_nothing_to_do() => OnOneThread(async () =>
    {
        var workers = Workers(null, "a", "b");
        workers["b"].Room = 1;
        var run = Run(workers, 30, prefer: "a");
        await AdvanceUntil(workers["b"].GotAsync(1), TimeSpan.FromSeconds(1));
        await AdvanceInSteps(s_step);
        Assert.InRange(workers["b"].Open.Count(), 1, 4);
        Assert.InRange(workers["a"].Open.Count(), 1, 20);
        await AdvanceUntil(() =>
        {
            EndAll(workers["a"]);
            return Ended.Count + workers["b"].Open.Count() == 30;
        });
        EndAll(workers["b"]);
        await AdvanceUntil(run, TimeSpan.FromSeconds(1));
        Assert.All(Ended, static r => Assert.Equal(TaskEnd.Succeeded, r.End));
    });

    /// <summary>The other one would leave it to the first for a quarter of a second, and the first would leave it to the other.</summary>
    [Fact]
    public Task What_was_taken_back_and_fails_elsewhere_is_tried_at_its_first_worker_at_once() => OnOneThread(async () =>
    {
        var workers = Workers(null, "a", "b");
        var run = Run(workers, 4, prefer: "a");
        await workers["a"].GotAsync(1);
        await AdvanceUntil(workers["b"].GotAsync(1), TimeSpan.FromSeconds(1));
        EndAll(workers["a"]);
        var failing = workers["b"].Open.First();
        workers["b"].End(FakeWorker.Failure(failing));
        await AdvanceInSteps(2 * s_step);
        Assert.Equal(1, workers["a"].Task(failing.Partition).AttemptNumber);
        workers["a"].Automatic = workers["b"].Automatic = static t => FakeWorker.Success(t);
        EndAll(workers["b"]);
        EndAll(workers["a"]);
        await AdvanceUntil(run, TimeSpan.FromSeconds(5));
    });

    /// <summary>Tasks that took no time were sent by the dozen; then one takes long, and the others are behind it.</summary>
    [Fact]
    public Task What_is_behind_a_task_that_takes_longer_than_all_before_is_taken_back() => OnOneThread(async () =>
    {
        var workers = Workers(null, "a", "b");
        workers["a"].Room = workers["b"].Room = 20;
        var run = Run(workers, 60);
        await AdvanceInSteps(s_step);
        for (var i = 0; i < 3; i++)
        {
            EndFirst(workers["a"], 0);
            EndFirst(workers["b"], 0);
            await AdvanceInSteps(s_step);
        }

        Assert.True(workers["a"].Open.Count() > 10);
        workers["b"].Automatic = static t => FakeWorker.Success(t, 0);
        EndAll(workers["b"]);
        await AdvanceInSteps(TimeSpan.FromMilliseconds(950));
        Assert.Equal(59, Ended.Count);
        EndAll(workers["a"]);
        await AdvanceUntil(run, TimeSpan.FromSeconds(1));
        Assert.Equal(60, Ended.Count);
    });

    [Fact]
    public Task Data_is_waited_for_a_few_milliseconds_and_no_longer() => OnOneThread(async () =>
    {
        var workers = Workers(null, "a", "b");
        workers["a"].Room = 1;
        var run = Run(workers, 8, prefer: "a");
        await workers["a"].GotAsync(1);
        Assert.Empty(workers["b"].Batches);
        await AdvanceUntil(workers["b"].GotAsync(1), TimeSpan.FromMilliseconds(50));
        workers["a"].Automatic = workers["b"].Automatic = static t => FakeWorker.Success(t);
        EndAll(workers["b"]);
        EndAll(workers["a"]);
        await AdvanceUntil(run, TimeSpan.FromSeconds(5));
    });

    [Fact]
    public Task A_silent_worker_is_doubted_after_two_seconds_and_its_tasks_are_tried_elsewhere() => OnOneThread(async () =>
    {
        var workers = Workers(null, "a", "b");
        workers["a"].Frozen = true;
        var run = Run(workers, 2);
        await workers["b"].GotAsync(1);
        workers["b"].Automatic = static t => FakeWorker.Success(t);
        EndAll(workers["b"]);
        await AdvanceInSteps(TimeSpan.FromSeconds(1.5));
        Assert.Single(Ended);
        await AdvanceUntil(run, TimeSpan.FromSeconds(1.5));
        Assert.All(Ended, static r => Assert.Equal("b", r.Worker.Value));
        Assert.Equal(2, Ended.Count);
    });

    [Fact]
    public Task A_silent_worker_with_side_effects_is_waited_for() => OnOneThread(async () =>
    {
        var workers = Workers(null, "a", "b");
        workers["a"].Frozen = true;
        var run = Run(workers, 2, sideEffects: true);
        await workers["b"].GotAsync(1);
        EndAll(workers["b"]);
        await AdvanceInSteps(TimeSpan.FromSeconds(5));
        Assert.Single(workers["b"].Partitions);
        EndAll(workers["a"]);
        workers["a"].Thaw();
        await AdvanceUntil(run, TimeSpan.FromSeconds(3));
        Assert.Equal(["a", "b"], Ended.Select(static r => r.Worker.Value).Order());
    });

    [Fact]
    public Task A_worker_whose_port_refuses_is_doubted_at_once() => OnOneThread(async () =>
    {
        var workers = Workers(static t => FakeWorker.Success(t), "a", "b");
        workers["a"].RefusesConnections = true;
        var run = Run(workers, 2);
        await AdvanceUntil(run, TimeSpan.FromMilliseconds(100));
        Assert.Equal(["b", "b"], Ended.Select(static r => r.Worker.Value));
        Assert.All(Ended, static r => Assert.Equal(TaskEnd.Succeeded, r.End));
    });

    /// <summary>The cluster believes that it lives, for longer than calls are repeated. It is no fault of the tasks.</summary>
    [Fact]
    public Task What_was_at_a_worker_whose_port_refuses_has_not_failed() => OnOneThread(async () =>
    {
        var workers = Workers(static t => FakeWorker.Success(t), "a", "b");
        workers["a"].RefusesConnections = true;
        var run = Run(workers, 2, maxFailures: 1, sideEffects: true);
        await AdvanceUntil(run, TimeSpan.FromSeconds(3));
        Assert.All(Ended, static r => Assert.Equal(TaskEnd.Succeeded, r.End));
    });

    [Fact]
    public Task A_worker_with_a_task_that_does_not_end_gets_none_while_another_one_has_room() => OnOneThread(async () =>
    {
        var workers = Workers(null, "a", "b");
        workers["a"].GivenUp = 1;
        workers["a"].Room = workers["b"].Room = workers["a"].Slots = workers["b"].Slots = 2;
        var run = Run(workers, 2);
        await AdvanceInSteps(TimeSpan.FromSeconds(1));
        Assert.Equal((0, 2), (workers["a"].Partitions.Count(), workers["b"].Partitions.Count()));
        EndAll(workers["b"]);
        await AdvanceUntil(run, TimeSpan.FromSeconds(1));
    });

    [Fact]
    public Task A_worker_with_a_task_that_does_not_end_helps_when_the_others_are_full() => OnOneThread(async () =>
    {
        var workers = Workers(null, "a", "b");
        workers["a"].GivenUp = 1;
        workers["a"].Room = workers["b"].Room = workers["a"].Slots = workers["b"].Slots = 2;
        var run = Run(workers, 40);
        await AdvanceInSteps(TimeSpan.FromSeconds(1));
        Assert.NotEmpty(workers["a"].Open);
        workers["a"].Automatic = workers["b"].Automatic = static t => FakeWorker.Success(t);
        EndAll(workers["a"]);
        EndAll(workers["b"]);
        await AdvanceUntil(run, TimeSpan.FromSeconds(5));
        Assert.Equal(40, Ended.Count(static r => r.End == TaskEnd.Succeeded));
    });

    [Fact]
    public Task One_of_many_owners_asks_before_it_sends() => OnOneThread(async () =>
    {
        var workers = Workers(static t => FakeWorker.Success(t), "a");
        var runner = new TaskSetRunner(Stage(4, partitions: 1024), workers, Clock);
        var run = runner.RunAsync(Placed(64, null), [], Ended.Add);
        workers["a"].Room = 5;
        await AdvanceUntil(run, TimeSpan.FromSeconds(5));
        Assert.Equal(64, Ended.Count);
        Assert.All(workers["a"].Batches, static b => Assert.InRange(b.Tasks.Length, 1, 64));
    });

    /// <summary>The first of a worker's tasks that it has begun and not ended.</summary>
    private void EndFirst(FakeWorker worker, long milliseconds)
    {
        if (worker.Open.FirstOrDefault() is { Attempt.Value: not 0 } task)
        {
            worker.End(FakeWorker.Success(task, milliseconds));
        }
    }

    private static void EndAll(FakeWorker worker)
    {
        foreach (var task in worker.Open.ToArray())
        {
            worker.End(FakeWorker.Success(task));
        }
    }
}
