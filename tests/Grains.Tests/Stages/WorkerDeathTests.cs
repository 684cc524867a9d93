using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Stages;
using MicroSpark.Memory;
using MicroSpark.Model;
using MicroSpark.Tasks;
using MicroSpark.Tests.Infrastructure;

namespace MicroSpark.Tests.Stages;

/// <summary>Workers that die while they have a task: what that means for it, and for those that were beside it.</summary>
public sealed class WorkerDeathTests : TaskSetTests
{
    private DeathBook _book = new(new FakeWorkers(TimeProvider.System), TimeProvider.System);
    private readonly StageSpec _stage = Stage(2);

    [Fact]
    public Task A_task_under_which_four_workers_die_fails_and_names_them() => OnOneThread(async () =>
    {
        var workers = Workers(null, "a", "b", "c", "d", "e", "f");
        var run = RunSet(workers, 1);
        var died = new List<string>();
        for (var i = 0; i < 4; i++)
        {
            var name = await HolderOfAsync(workers, 0);
            died.Add(name);
            workers.Kill(name);
        }

        await AdvanceUntil(run, TimeSpan.FromSeconds(10));
        var report = Assert.Single(Ended);
        Assert.Equal(TaskEnd.Failed, report.End);
        Assert.Equal(4, report.Tries);
        Assert.Equal("test", report.Failure!.Operator);
        Assert.Contains($"Each of 4 workers that ran it died: {string.Join(", ", died)}.", report.Failure.Message);
    });

    [Fact]
    public Task From_the_second_death_on_it_runs_alone() => OnOneThread(async () =>
    {
        var workers = Workers(null, "a", "b", "c");
        workers.Own = new WorkerId("a");
        var run = RunSet(workers, 1);
        var first = await HolderOfAsync(workers, 0);
        Assert.Null(workers[first].Batches[^1].Reservation);
        Assert.Equal(workers.Own, workers[first].Batches[^1].Owner);
        workers.Kill(first);
        var second = await HolderOfAsync(workers, 0);
        Assert.Null(workers[second].Batches[^1].Reservation);
        workers.Kill(second);
        var third = workers[await HolderOfAsync(workers, 0)];
        Assert.Equal(Assert.Single(third.Reserved).Id, third.Batches[^1].Reservation);
        Assert.Equal(workers.Own, third.Batches[^1].Owner);
        Assert.Equal(workers.Own, Assert.Single(third.ReservedBy));
        third.End(FakeWorker.Success(third.Task(0)));
        await AdvanceUntil(run, TimeSpan.FromSeconds(1));
        await Task.Yield();
        Assert.Equal(TaskEnd.Succeeded, Assert.Single(Ended).End);
        Assert.Empty(third.Reserved);
        Assert.Empty(DiedOf(0));
    });

    [Fact]
    public Task Those_that_died_beside_it_are_charged_no_more_once_it_runs_alone() => OnOneThread(async () =>
    {
        var workers = Workers(null, "a", "b", "c", "d", "e");
        foreach (var name in new[] { "a", "b", "c", "d", "e" })
        {
            workers[name].Slots = 4;
        }

        // Partition 0 is the one that kills. The others do nothing wrong, and nothing fast.
        var run = RunSet(workers, 3, prefer: "a");
        await workers["a"].GotAsync(1);
        for (var i = 0; i < 4; i++)
        {
            var name = await HolderOfAsync(workers, 0);
            workers.Kill(name);
        }

        while (Ended.Count < 3)
        {
            await Advance(TimeSpan.FromMilliseconds(50));
            foreach (var name in new[] { "a", "b", "c", "d", "e" }.Where(n => workers[n].Alive))
            {
                foreach (var task in workers[name].Open.Where(static t => t.Partition != 0).ToArray())
                {
                    workers[name].End(FakeWorker.Success(task));
                }
            }
        }

        await run;
        Assert.Equal(TaskEnd.Failed, Ended.Single(static r => r.Partition == 0).End);
        Assert.All(Ended.Where(static r => r.Partition != 0), static r => Assert.Equal(TaskEnd.Succeeded, r.End));
    });

    [Fact]
    public Task It_waits_for_a_worker_that_has_nothing_else_to_do() => OnOneThread(async () =>
    {
        Note(0, "x", "y");
        var workers = Workers(null, "a");
        workers["a"].RefusesSlots = true;
        var run = RunSet(workers, 1);
        await AdvanceInSteps(TimeSpan.FromSeconds(5));
        Assert.Empty(workers["a"].Batches);
        workers["a"].RefusesSlots = false;
        await AdvanceUntil(workers["a"].GotAsync(1), TimeSpan.FromSeconds(3));
        workers["a"].End(FakeWorker.Success(workers["a"].Task(0)));
        await AdvanceUntil(run, TimeSpan.FromSeconds(1));
    });

    /// <summary>The worker took inputs with it: the task comes back without them, and in a new set of tasks its owner still knows.</summary>
    [Fact]
    public Task Deaths_are_known_when_the_inputs_were_lost_too() => OnOneThread(async () =>
    {
        var workers = Workers(null, "a", "b");
        var run = RunSet(workers, 1, prefer: "a");
        await workers["a"].GotAsync(1);
        workers.Kill("a");
        await AdvanceUntil(workers["b"].GotAsync(1), TimeSpan.FromSeconds(3));
        workers["b"].End(FakeWorker.InputLost(workers["b"].Task(0)));
        await AdvanceUntil(run, TimeSpan.FromSeconds(1));
        Assert.Equal(TaskEnd.InputLost, Assert.Single(Ended).End);
        Assert.Equal("a", Assert.Single(DiedOf(0)).Value);
    });

    /// <summary>An owner may die with the worker, or a second one begin beside it. Each counted for itself, and all workers died.</summary>
    [Fact]
    public Task The_next_owner_on_another_silo_knows_of_them() => OnOneThread(async () =>
    {
        var workers = Workers(null, "a", "b", "c", "d", "e");
        _book = new DeathBook(workers, Clock);
        var first = NewSet(workers);
        var run = first.RunAsync(Placed(1, "a"), [], Ended.Add);
        await workers["a"].GotAsync(1);
        workers.Kill("a");
        await AdvanceUntil(workers["b"].GotAsync(1), TimeSpan.FromSeconds(3));
        workers.Kill("b");
        var third = workers[await HolderOfAsync(workers, 0)];
        first.Stop();
        await AdvanceUntil(run, TimeSpan.FromSeconds(3));
        third.End(FakeWorker.Success(third.Task(0)));
        Assert.Equal(TaskEnd.Cancelled, Assert.Single(Ended).End);
        Ended.Clear();

        // Its silo is another one, with a book of its own.
        Assert.Equal(2, DiedOf(0, workers["e"].Deaths).Length);
        _book = new DeathBook(workers, Clock);
        _book.Note(new DeathNote(_stage.Job, _stage.Output, [0], new WorkerId("a")));
        _book.Note(new DeathNote(_stage.Job, _stage.Output, [0], new WorkerId("b")));
        var second = NewSet(workers).RunAsync(Placed(1, null), [], Ended.Add);
        for (var i = 0; i < 2; i++)
        {
            var name = await HolderOfAsync(workers, 0);
            Assert.NotNull(workers[name].Batches[^1].Reservation);
            workers.Kill(name);
        }

        await AdvanceUntil(second, TimeSpan.FromSeconds(10));
        Assert.Contains("Each of 4 workers", Assert.Single(Ended).Failure!.Message, StringComparison.Ordinal);
    });

    [Fact]
    public Task An_owner_that_begins_with_too_many_of_them_fails_the_task_at_once() => OnOneThread(async () =>
    {
        Note(0, "x", "y", "z", "w");
        var workers = Workers(null, "a", "b");
        await AdvanceUntil(RunSet(workers, 1, prefer: "a"), TimeSpan.FromSeconds(1));
        Assert.Contains("Each of 4 workers that ran it died: x, y, z, w.", Assert.Single(Ended).Failure!.Message, StringComparison.Ordinal);
        Assert.Empty(workers["a"].Partitions);
    });

    /// <summary>With its owner's silo the owner would die, and what it knows of the task.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public Task A_task_whose_worker_died_or_may_have_keeps_off_its_owners_silo(bool silent) => OnOneThread(async () =>
    {
        var workers = Workers(null, "a", "b", "c");
        workers.Own = new WorkerId("b");
        var run = RunSet(workers, 1, prefer: "a");
        await workers["a"].GotAsync(1);
        if (silent)
        {
            workers["a"].Frozen = true;
        }
        else
        {
            workers.Kill("a");
        }

        await AdvanceUntil(workers["c"].GotAsync(1), TimeSpan.FromSeconds(5));
        Assert.Empty(workers["b"].Partitions);
        workers["c"].End(FakeWorker.Success(workers["c"].Task(0)));
        workers["a"].Thaw();
        await AdvanceUntil(run, TimeSpan.FromSeconds(3));
    });

    /// <summary>What all leave to each other nobody ran, and its job never ended.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public Task A_task_that_no_other_worker_may_run_runs_on_its_owners_silo(bool noRoom) => OnOneThread(async () =>
    {
        var workers = Workers(null, "a", "b", "c");
        workers.Own = new WorkerId("b");
        var run = RunSet(workers, 1, prefer: "a");
        await workers["a"].GotAsync(1);
        workers.Kill("a");
        await AdvanceUntil(workers["c"].GotAsync(1), TimeSpan.FromSeconds(5));
        workers["c"].End(noRoom ? NoRoom(workers["c"].Task(0)) : FakeWorker.Failure(workers["c"].Task(0)));
        await AdvanceUntil(workers["b"].GotAsync(1), TimeSpan.FromSeconds(5));
        workers["b"].End(FakeWorker.Success(workers["b"].Task(0)));
        await AdvanceUntil(run, TimeSpan.FromSeconds(3));
        Assert.Equal(TaskEnd.Succeeded, Assert.Single(Ended).End);
    });

    /// <summary>Its inputs were lost with the worker: the next set begins with one death, near the owner.</summary>
    [Fact]
    public Task A_new_set_keeps_a_task_under_suspicion_off_its_owners_silo() => OnOneThread(async () =>
    {
        Note(0, "x");
        var workers = Workers(null, "a", "b");
        workers.Own = new WorkerId("a");
        var run = RunSet(workers, 1, prefer: "a");
        await AdvanceUntil(workers["b"].GotAsync(1), TimeSpan.FromSeconds(15));
        Assert.Empty(workers["a"].Partitions);
        workers["b"].End(FakeWorker.Success(workers["b"].Task(0)));
        await AdvanceUntil(run, TimeSpan.FromSeconds(3));
    });

    [Fact]
    public Task A_task_that_has_succeeded_is_under_suspicion_nowhere() => OnOneThread(async () =>
    {
        var workers = Workers(null, "a", "b");
        _book = new DeathBook(workers, Clock);
        var run = RunSet(workers, 1, prefer: "a");
        await workers["a"].GotAsync(1);
        workers.Kill("a");
        await AdvanceUntil(workers["b"].GotAsync(1), TimeSpan.FromSeconds(3));
        Assert.Single(DiedOf(0, workers["b"].Deaths));
        workers["b"].End(FakeWorker.Success(workers["b"].Task(0)));
        await AdvanceUntil(run, TimeSpan.FromSeconds(1));
        Assert.Empty(DiedOf(0, workers["b"].Deaths));
    });

    /// <summary>It failed at once, although a client that lives puts it again.</summary>
    [Fact]
    public Task A_task_waits_for_what_died_with_the_workers_that_held_it() => OnOneThread(async () =>
    {
        var workers = Workers(static t => Missing(t), "a", "b");
        var run = RunSet(workers, 1);
        await AdvanceInSteps(TimeSpan.FromSeconds(5));
        Assert.False(run.IsCompleted);
        Assert.InRange(workers["a"].Batches.Count + workers["b"].Batches.Count, 3, 8);
        workers["a"].Automatic = workers["b"].Automatic = static t => FakeWorker.Success(t);
        await AdvanceUntil(run, TimeSpan.FromSeconds(2));
        Assert.Equal(TaskEnd.Succeeded, Assert.Single(Ended).End);
    });

    [Fact]
    public Task A_task_does_not_wait_for_ever_for_what_nobody_puts_again() => OnOneThread(async () =>
    {
        var workers = Workers(static t => Missing(t), "a", "b");
        await AdvanceUntil(RunSet(workers, 1), TimeSpan.FromSeconds(70));
        Assert.Equal(TaskEnd.Failed, Assert.Single(Ended).End);
    });

    /// <summary>A worker that has died is doubted before it counts: attempts that run at once would take one worker too many along.</summary>
    [Theory]
    [InlineData(0, 1, false)]
    [InlineData(0, 2, true)]
    [InlineData(1, 2, false)]
    [InlineData(1, 3, true)]
    public Task No_second_attempt_runs_where_two_more_deaths_are_too_many(int died, int most, bool second) => OnOneThread(async () =>
    {
        Note(0, [.. Enumerable.Range(0, died).Select(static i => $"x{i}")]);
        var workers = Workers(null, "a", "b");
        var run = RunSet(workers, 1, prefer: "a", mostDeaths: most);
        await workers["a"].GotAsync(1);
        workers["a"].Frozen = true;
        await AdvanceInSteps(TimeSpan.FromSeconds(5));
        Assert.Equal(second ? 1 : 0, workers["b"].Partitions.Count());
        workers["a"].Thaw();
        workers["a"].End(FakeWorker.Success(workers["a"].Task(0)));
        await AdvanceUntil(run, TimeSpan.FromSeconds(3));
        Assert.Equal(TaskEnd.Succeeded, Assert.Single(Ended).End);
    });

    private static TaskOutcome NoRoom(TaskItem task) => new TaskOutcome.Failed(
        task.Partition, task.Attempt, TaskFailure.Of(new SpillException("full", null)));

    private static TaskOutcome Missing(TaskItem task) => new TaskOutcome.Failed(
        task.Partition, task.Attempt, TaskFailure.Of(new InvalidOperationException("", new BlobMissingException(default, [], null))));

    private void Note(int partition, params string[] died)
    {
        foreach (var worker in died)
        {
            _book.Note(new DeathNote(_stage.Job, _stage.Output, [partition], new WorkerId(worker)));
        }
    }

    private WorkerId[] DiedOf(int partition, DeathBook? book = null) => (book ?? _book).Of(_stage.Job, _stage.Output, partition);

    private Task RunSet(FakeWorkers workers, int count, string? prefer = null, int mostDeaths = 4) =>
        NewSet(workers, mostDeaths: mostDeaths).RunAsync(Placed(count, prefer), [], Ended.Add);

    private TaskSetRunner NewSet(FakeWorkers workers, int mostDeaths = 4)
    {
        var stage = _stage with { Policy = _stage.Policy with { MaxWorkerDeaths = mostDeaths } };
        return new TaskSetRunner(stage, workers, Clock, deaths: new WorkerDeaths(_book, stage));
    }

    /// <summary>The live worker that has the partition, once there is one.</summary>
    private async Task<string> HolderOfAsync(FakeWorkers workers, int partition)
    {
        for (var i = 0; i < 200; i++)
        {
            if (workers.Known.FirstOrDefault(w => workers[w.Value].Open.Any(t => t.Partition == partition)) is { Value: not null } holder)
            {
                return holder.Value;
            }

            await Advance(TimeSpan.FromMilliseconds(50));

            // What is not the subject ends meanwhile, so that the subject can have a worker to itself.
            foreach (var worker in workers.Known.Select(w => workers[w.Value]).Where(static w => w.Reserved.Count > 0))
            {
                foreach (var task in worker.Open.Where(t => t.Partition != partition).ToArray())
                {
                    worker.End(FakeWorker.Success(task));
                }
            }
        }

        throw new InvalidOperationException("No worker got it.");
    }
}
