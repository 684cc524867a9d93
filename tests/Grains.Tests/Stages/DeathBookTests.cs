using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Stages;
using MicroSpark.Model;
using MicroSpark.Tasks;
using MicroSpark.Tests.Infrastructure;

namespace MicroSpark.Tests.Stages;

/// <summary>What a silo knows of workers that died under tasks, and whom it tells.</summary>
public sealed class DeathBookTests : TaskSetTests
{
    private readonly StageSpec _stage = Stage(2);
    private DeathBook _book = new(new FakeWorkers(TimeProvider.System), TimeProvider.System);

    /// <summary>For a moment nobody can call it: it is not in everybody's manifest.</summary>
    [Fact]
    public Task A_silo_that_joins_is_told_when_it_can_be_called() => OnOneThread(async () =>
    {
        var workers = Workers(null, "a", "b");
        _book = new DeathBook(workers, Clock);
        Note(0, "x");
        workers.Add("c", refuses: true);
        await AdvanceInSteps(TimeSpan.FromSeconds(1));
        Assert.Empty(DiedOf(0, workers["c"].Deaths));
        workers["c"].RefusesConnections = false;
        await AdvanceInSteps(TimeSpan.FromSeconds(1));
        Assert.Single(DiedOf(0, workers["c"].Deaths));
    });

    [Fact]
    public void A_silo_that_joins_is_told()
    {
        var workers = Workers(null, "a", "b");
        _book = new DeathBook(workers, Clock);
        Note(0, "x", "y");
        Note(1, "y");
        workers.Add("c");
        Assert.Equal([new WorkerId("x"), new WorkerId("y")], DiedOf(0, workers["c"].Deaths));
        Assert.Equal([new WorkerId("y")], DiedOf(1, workers["c"].Deaths));
        Assert.Empty(DiedOf(0, workers["a"].Deaths));
    }

    [Fact]
    public void A_worker_counts_once()
    {
        Note(3, "a", "a", "b");
        Assert.Equal([new WorkerId("a"), new WorkerId("b")], DiedOf(3));
        Assert.Empty(DiedOf(2));
    }

    [Fact]
    public void A_book_forgets_the_oldest_stages()
    {
        for (var i = 0; i <= DeathBook.MostStages; i++)
        {
            _book.Note(new DeathNote(i == 0 ? _stage.Job : JobId.New(), _stage.Output, [0], new WorkerId("a")));
            Assert.Equal(i < DeathBook.MostStages ? 1 : 0, DiedOf(0).Length);
        }
    }

    [Fact]
    public Task A_barrier_stage_is_charged_as_one_and_cleared_as_one() => OnOneThread(async () =>
    {
        var stage = _stage with { Barrier = true };
        var workers = Workers(null, "a", "b", "c", "d");
        _book = new DeathBook(workers, Clock);
        var run = WorkerTaskSet.Of(stage, workers, null!, Clock, _book).RunAsync(Placed(2, null), [], Ended.Add);
        var first = workers.Known.First(w => workers[w.Value].Reserved.Count > 0).Value;
        await AdvanceUntil(workers[first].GotAsync(1), TimeSpan.FromSeconds(3));
        workers.Kill(first);
        for (var i = 0; i < 100 && !run.IsCompleted; i++)
        {
            await Advance(TimeSpan.FromMilliseconds(100));
            foreach (var worker in workers.Known.Select(w => workers[w.Value]))
            {
                foreach (var task in worker.Open.ToArray())
                {
                    Assert.Single(DiedOf(WorkerDeaths.Together));
                    worker.End(FakeWorker.Success(task));
                }
            }
        }

        await run;
        Assert.All(Ended, static r => Assert.Equal(TaskEnd.Succeeded, r.End));
        Assert.Empty(DiedOf(WorkerDeaths.Together));

        // An owner that begins with too many does not kill another one.
        Ended.Clear();
        Note(WorkerDeaths.Together, "w", "x", "y", "z");
        await WorkerTaskSet.Of(stage, workers, null!, Clock, _book).RunAsync(Placed(2, null), [], Ended.Add);
        Assert.Equal(2, Ended.Count);
        Assert.Contains("Each of 4 workers", Ended[0].Failure!.Message, StringComparison.Ordinal);
    });

    private void Note(int partition, params string[] died)
    {
        foreach (var worker in died)
        {
            _book.Note(new DeathNote(_stage.Job, _stage.Output, [partition], new WorkerId(worker)));
        }
    }

    private WorkerId[] DiedOf(int partition, DeathBook? book = null) => (book ?? _book).Of(_stage.Job, _stage.Output, partition);
}
