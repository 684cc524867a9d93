using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Placement;
using MicroSpark.Grains.Stages;
using MicroSpark.Memory;
using MicroSpark.Model;
using MicroSpark.Plans;
using MicroSpark.Tasks;
using MicroSpark.Tests.Infrastructure;

namespace MicroSpark.Tests.Stages;

/// <summary>One thread, manual time and workers that do as they are told: every interleaving is the test's own.</summary>
public sealed class TaskSetRunnerTests : TaskSetTests
{
    [Fact]
    public Task Every_partition_ends_once_and_neighbours_stay_together() => OnOneThread(async () =>
    {
        var workers = Workers(t => FakeWorker.Success(t), "a", "b");
        await Run(workers, 8);
        Assert.Equal(Enumerable.Range(0, 8), Ended.Select(r => r.Partition).Order());
        Assert.All(Ended, r => Assert.Equal(TaskEnd.Succeeded, r.End));
        Assert.Single(workers["a"].Batches);
        Assert.Single(workers["b"].Batches);
        var ranges = new[] { workers["a"].Partitions.ToArray(), workers["b"].Partitions.ToArray() };
        Assert.All(ranges, r => Assert.Equal(Enumerable.Range(r[0], 4), r));
    });

    [Fact]
    public Task A_failing_task_goes_to_another_worker_and_fails_after_the_limit() => OnOneThread(async () =>
    {
        var workers = Workers(t => FakeWorker.Failure(t), "a", "b");
        await Run(workers, 1, maxFailures: 3);
        var report = Assert.Single(Ended);
        Assert.Equal(TaskEnd.Failed, report.End);
        Assert.Equal(3, report.Tries);
        Assert.Equal("bad 0", report.Failure!.Message);
        var numbers = workers["a"].Batches.Concat(workers["b"].Batches).SelectMany(b => b.Tasks).Select(t => t.AttemptNumber);
        Assert.Equal([0, 1, 2], numbers.Order());
        Assert.InRange(workers["a"].Batches.Count, 1, 2);
    });

    [Fact]
    public Task What_no_retry_can_mend_is_not_tried_again() => OnOneThread(async () =>
    {
        var workers = Workers(t => FakeWorker.Failure(t, canRetry: false), "a", "b");
        await Run(workers, 1);
        Assert.Equal(1, Assert.Single(Ended).Tries);
    });

    /// <summary>It failed its job at the first full disk.</summary>
    [Fact]
    public Task A_task_goes_on_to_a_worker_whose_disk_has_room_for_it() => OnOneThread(async () =>
    {
        var workers = Workers(static t => NoRoom(t), "a", "b", "c");
        workers["c"].Automatic = static t => FakeWorker.Success(t);
        await AdvanceUntil(Run(workers, 1, maxFailures: 1, prefer: "a"), TimeSpan.FromSeconds(5));
        var report = Assert.Single(Ended);
        Assert.Equal(TaskEnd.Succeeded, report.End);
        Assert.Equal("c", report.Worker.Value);
        Assert.InRange(workers["b"].Batches.Count, 0, 1);
    });

    [Fact]
    public Task When_no_disk_has_room_it_fails_with_what_the_last_one_said() => OnOneThread(async () =>
    {
        var workers = Workers(static t => NoRoom(t), "a", "b", "c");
        await AdvanceUntil(Run(workers, 1, prefer: "a"), TimeSpan.FromSeconds(5));
        Assert.Equal("full", Assert.Single(Ended).Failure!.Message);
        Assert.All(new[] { "a", "b", "c" }, name => Assert.Single(workers[name].Batches));
    });

    private static TaskOutcome NoRoom(TaskItem task) =>
        new TaskOutcome.Failed(task.Partition, task.Attempt, TaskFailure.Of(new SpillException("full", null), canRetry: false));

    [Fact]
    public Task A_lost_workers_tasks_go_to_the_others_and_never_count() => OnOneThread(async () =>
    {
        var workers = Workers(null, "a", "b");
        workers["b"].Automatic = t => FakeWorker.Success(t);
        var run = Run(workers, 4, maxFailures: 1, prefer: "a");
        await workers["a"].GotAsync(1);
        workers["a"].End(FakeWorker.Success(workers["a"].Task(0)));
        workers.Kill("a");
        await run;
        Assert.Equal(4, Ended.Count);
        Assert.All(Ended, r => Assert.Equal(TaskEnd.Succeeded, r.End));
    });

    [Fact]
    public Task Without_a_worker_it_waits_for_one() => OnOneThread(async () =>
    {
        var workers = Workers(t => FakeWorker.Success(t), "a");
        workers.Kill("a");
        var run = Run(workers, 1);
        Assert.False(run.IsCompleted);
        workers.Add("b");
        await workers["b"].GotAsync(1);
        workers["b"].End(FakeWorker.Success(workers["b"].Task(0)));
        await run;
        Assert.Equal(TaskEnd.Succeeded, Assert.Single(Ended).End);
    });

    [Fact]
    public Task Without_a_worker_for_a_minute_it_gives_up() => OnOneThread(async () =>
    {
        var workers = Workers(null, "a");
        workers.Kill("a");
        var run = Run(workers, 2);
        await AdvanceInSteps(TimeSpan.FromSeconds(55));
        Assert.False(run.IsCompleted);
        await AdvanceUntil(run, TimeSpan.FromSeconds(10));
        Assert.All(Ended, r => Assert.Equal(TaskEnd.NoWorker, r.End));
    });

    [Fact]
    public Task It_gives_up_without_a_worker_when_the_setting_says_so() => OnOneThread(async () =>
    {
        var workers = Workers(null, "a");
        workers.Kill("a");
        var stage = Stage(4);
        var run = new TaskSetRunner(stage with { Policy = stage.Policy with { NoWorkerTimeout = TimeSpan.FromSeconds(3) } }, workers, Clock)
            .RunAsync(Placed(1, null), [], Ended.Add);
        await AdvanceUntil(run, TimeSpan.FromSeconds(5));
        Assert.Equal(TaskEnd.NoWorker, Assert.Single(Ended).End);
    });

    [Fact]
    public Task Stopping_reports_what_is_open_as_cancelled_and_tells_the_workers() => OnOneThread(async () =>
    {
        var workers = Workers(null, "a");
        var runner = new TaskSetRunner(Stage(4), workers, Clock);
        var run = runner.RunAsync(Placed(2, null), [], Ended.Add);
        await workers["a"].GotAsync(1);
        runner.Stop();
        await run;
        Assert.All(Ended, r => Assert.Equal(TaskEnd.Cancelled, r.End));
        await Task.Yield();
        Assert.Equal([0, 1], workers["a"].Stopped.Order());
    });

    [Fact]
    public Task Lost_inputs_go_back_to_the_owner() => OnOneThread(async () =>
    {
        var workers = Workers(t => FakeWorker.InputLost(t), "a");
        await Run(workers, 1);
        var report = Assert.Single(Ended);
        Assert.Equal(TaskEnd.InputLost, report.End);
        Assert.Equal([new BlockPart(7, new AttemptId(8))], report.Lost!);
    });

    [Fact]
    public Task A_straggler_gets_a_second_attempt_elsewhere_and_the_first_result_wins() => OnOneThread(async () =>
    {
        var (workers, run) = await AllButOneAsync(task => FakeWorker.Success(task));

        await AdvanceUntil(workers["b"].GotAsync(1), TimeSpan.FromSeconds(10));
        Assert.Equal([3], workers["b"].Partitions);
        Assert.Equal(1, workers["b"].Task(3).AttemptNumber);
        workers["b"].End(FakeWorker.Success(workers["b"].Task(3)));
        await run;
        Assert.Equal(workers["b"].Task(3).Attempt, Ended.Single(r => r.Partition == 3).Attempt);
        await Task.Yield();
        Assert.Contains(3, workers["a"].Stopped);
    });

    /// <summary>Its two attempts, never at an end together, took turns for ever: each that lost the input was replaced while the other one looked for it.</summary>
    [Fact]
    public Task A_straggler_whose_input_is_lost_gets_no_third_attempt() => OnOneThread(async () =>
    {
        var (workers, run) = await AllButOneAsync(task => FakeWorker.Success(task));

        await AdvanceUntil(workers["b"].GotAsync(1), TimeSpan.FromSeconds(10));
        workers["a"].End(FakeWorker.InputLost(workers["a"].Task(3)));
        await AdvanceInSteps(TimeSpan.FromSeconds(20));
        Assert.Single(workers["a"].Batches);
        Assert.False(run.IsCompleted);
        workers["b"].End(FakeWorker.InputLost(workers["b"].Task(3)));
        await run;
        Assert.Equal(TaskEnd.InputLost, Ended.Single(r => r.Partition == 3).End);
    });

    [Fact]
    public Task Tasks_that_lost_their_input_are_no_measure_for_the_others() => OnOneThread(async () =>
    {
        var (workers, run) = await AllButOneAsync(FakeWorker.InputLost);

        await AdvanceInSteps(TimeSpan.FromSeconds(20));
        Assert.Empty(workers["b"].Batches);
        workers["a"].End(FakeWorker.Success(workers["a"].Task(3)));
        await run;
    });

    [Fact]
    public Task A_stage_with_side_effects_is_never_speculated() => OnOneThread(async () =>
    {
        var (workers, run) = await AllButOneAsync(task => FakeWorker.Success(task), sideEffects: true);

        await Advance(TimeSpan.FromSeconds(20));
        Assert.Empty(workers["b"].Batches);
        workers["a"].End(FakeWorker.Success(workers["a"].Task(3)));
        await run;
    });

    /// <summary>Four tasks with speculation at worker a, beside an idle b: 0, 1 and 2 have ended so, 3 is the straggler.</summary>
    private async Task<(FakeWorkers Workers, Task Run)> AllButOneAsync(Func<TaskItem, TaskOutcome> end, bool sideEffects = false)
    {
        var workers = Workers(null, "a", "b");
        var run = Run(workers, 4, prefer: "a", speculation: true, sideEffects: sideEffects);
        await workers["a"].GotAsync(1);
        foreach (var partition in new[] { 0, 1, 2 })
        {
            workers["a"].End(end(workers["a"].Task(partition)));
        }

        // A report is on its way through the thread pool, which no manual time waits for; what follows it is timers only.
        while (Ended.Count < 3)
        {
            await Advance(TimeSpan.FromMilliseconds(50));
        }

        return (workers, run);
    }
}
