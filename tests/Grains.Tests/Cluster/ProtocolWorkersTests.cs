using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Jobs;
using MicroSpark.Grains.Stages;
using MicroSpark.Model;
using MicroSpark.Plans;
using MicroSpark.Tasks;
using MicroSpark.Tests.Infrastructure;
using MicroSpark.Tests.Jobs;

namespace MicroSpark.Tests.Cluster;

/// <summary>Workers of another protocol number count as none for a plan.</summary>
public sealed class ProtocolWorkersTests
{
    private static readonly ProtocolNumber Next = new(ProtocolNumber.Current.Value + 1);

    private readonly ManualTime _time = new();
    private readonly FakeWorkers _workers;

    public ProtocolWorkersTests() => _workers = new FakeWorkers(_time, "a", "b", "c");

    [Fact]
    public Task Tasks_go_to_workers_of_the_plans_number_only() => OnOneThread(async () =>
    {
        foreach (var name in new[] { "a", "b", "c" })
        {
            _workers[name].Automatic = static task => FakeWorker.Success(task);
        }

        _workers["b"].Protocol = Next;
        var reports = await RunAsync(Stage(), 12);
        Assert.Equal(12, reports.Count(static r => r.End == TaskEnd.Succeeded));
        Assert.Empty(_workers["b"].Batches);

        await RunAsync(Stage() with { Plan = Stage().Plan with { Protocol = Next } }, 4);
        Assert.Equal(4, _workers["b"].Partitions.Count());
    });

    /// <summary>As with no worker at all: for a minute.</summary>
    [Fact]
    public Task A_plan_whose_last_worker_leaves_waits_as_one_without_workers() => OnOneThread(async () =>
    {
        (_workers["b"].Protocol, _workers["c"].Protocol) = (Next, Next);
        var run = RunAsync(Stage(), 2);
        await _workers["a"].GotAsync(1);
        _workers.Kill("a");
        await _time.PassAsync(run);
        Assert.All(await run, static r => Assert.Equal(TaskEnd.NoWorker, r.End));
        Assert.Empty(_workers["b"].Batches);
        Assert.InRange((_time.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalSeconds, 60, 70);
    });

    [Fact]
    public async Task What_is_missing_is_said_in_words()
    {
        Assert.Null(await _workers.LackOfAsync(ProtocolNumber.Current));
        (_workers["b"].Protocol, _workers["c"].Protocol) = (Next, Next);
        Assert.Null(await _workers.LackOfAsync(Next));
        _workers.Kill("a");
        var lack = await _workers.LackOfAsync(ProtocolNumber.Current);
        Assert.Equal(
            $"a worker of MicroSpark {ProtocolNumber.Current} (those of another version do not count: 2 of {Next}; "
            + $"'dotnet tool update --global MicroSpark.Tool --version {ProtocolNumber.Current}.*' changes a worker's)",
            lack);
        var error = JobErrors.Of(Some.Submission, new PlanSkeleton([]), new StageFailure.NoWorker(1), lack);
        Assert.Contains($"for 60 s (MicroSpark:NoWorkerTimeout): it waited for {lack}", error.Message, StringComparison.Ordinal);
        Assert.True(error.Unavailable);
        _workers.Kill("b");
        _workers.Kill("c");
        Assert.Equal($"a worker of MicroSpark {Next}", await _workers.LackOfAsync(Next));
    }

    /// <summary>An older build does not tell its number.</summary>
    [Fact]
    public async Task Who_tells_no_number_is_of_none()
    {
        _workers["a"].Protocol = default;
        Assert.Equal(["b", "c"], (await _workers.Of(ProtocolNumber.Current).LiveAsync()).Select(static w => w.Name));
    }

    /// <summary>A task that ends its process would else end each owner, and with it the number of those that it has ended.</summary>
    [Fact]
    public async Task An_owner_that_was_lost_once_is_spared_while_there_are_enough_others()
    {
        _workers.Own = new WorkerId("b");
        var spares = Stage() with { Policy = new TaskPolicy(4, false, SparesOwner: true) };
        Assert.Equal(["a", "b", "c"], await NamesAsync(Stage()));
        Assert.Equal(["a", "c"], await NamesAsync(spares));
        Assert.Equal(["a", "b", "c"], await NamesAsync(spares with { Barrier = true }));
        _workers.Kill("a");
        Assert.Equal(["b", "c"], await NamesAsync(spares));

        async Task<string[]> NamesAsync(StageSpec stage) => [.. (await _workers.Of(stage).LiveAsync()).Select(static w => w.Id.Value)];
    }

    private async Task<List<TaskReport>> RunAsync(StageSpec stage, int partitions)
    {
        var reports = new List<TaskReport>();
        var placed = Enumerable.Range(0, partitions).Select(static p => new PlacedPartition(p, null)).ToArray();
        await WorkerTaskSet.Of(stage, _workers, null!, _time, new DeathBook(_workers, _time)).RunAsync(placed, [], reports.Add);
        return reports;
    }

    private static Task OnOneThread(Func<Task> test) =>
        Task.Factory.StartNew(test, CancellationToken.None, TaskCreationOptions.None, new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler).Unwrap();

    private static StageSpec Stage() => new(
        JobId.New(), ContextId.New(), new PlanRef(default, [], []), 0, new LineageId(0, 0), 3, OutputKind.Shuffle, "test", 0, 8,
        SideEffects: false, new TaskPolicy(4, false));
}
