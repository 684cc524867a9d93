using MicroSpark.Engine;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Events;
using MicroSpark.Grains.Placement;
using MicroSpark.Grains.Stages;
using MicroSpark.Model;
using MicroSpark.Plans;
using MicroSpark.Tasks;
using MicroSpark.Tests.Infrastructure;

namespace MicroSpark.Tests.Events;

/// <summary>A set of tasks says of each attempt that came to nothing why, and of those that succeed at once nothing.</summary>
public sealed class OwnerLogTests : IDisposable
{
    private readonly ManualTime _time = new();
    private readonly WorkerEngine _engine;
    private readonly SiloEvents _events;
    private readonly JobId _job = JobId.New();
    private readonly List<TaskReport> _ended = [];

    public OwnerLogTests()
    {
        // No task runs here: the transport and the locations are never asked.
        _engine = new WorkerEngine(new WorkerId("owner"), new WorkerEngineOptions(1, Fused: true, SimulatedIsolation: false, 1 << 20), null!, null!, _time);
        _events = new SiloEvents(_engine, _time);
    }

    public void Dispose() => _engine.Dispose();

    [Fact]
    public Task What_succeeds_at_once_has_no_note() => OnOneThread(async () =>
    {
        var workers = Workers("a", "b");
        workers["a"].Automatic = workers["b"].Automatic = task => FakeWorker.Success(task);
        await Run(workers, 8);

        Assert.Equal(8, _ended.Count);
        Assert.Empty(Notes());
    });

    [Fact]
    public Task A_failure_that_is_tried_again_says_what_it_was() => OnOneThread(async () =>
    {
        var workers = Workers("a", "b");
        workers["a"].Automatic = workers["b"].Automatic = task => task.AttemptNumber == 0 ? FakeWorker.Failure(task) : FakeWorker.Success(task);
        await Run(workers, 1, prefer: "a");

        var note = Assert.Single(Notes());
        Assert.Equal((0, 0, "a", TaskEnd.Failed, true), (note.Partition, note.AttemptNumber, note.Worker!.Value.Value, note.End, note.Again));
        Assert.Equal("attempt 1 failed, failure 1 of 4 that it may have: System.FormatException: bad 0", note.Reason);
    });

    [Fact]
    public Task The_last_failure_is_the_stages_and_has_no_note() => OnOneThread(async () =>
    {
        var workers = Workers("a");
        workers["a"].Automatic = task => FakeWorker.Failure(task);
        await Run(workers, 1, maxFailures: 2);

        Assert.Equal(2, Assert.Single(_ended).Tries);
        Assert.Equal(0, Assert.Single(Notes()).AttemptNumber);
    });

    [Fact]
    public Task Tasks_of_a_lost_worker_have_an_end() => OnOneThread(async () =>
    {
        var workers = Workers("a", "b");
        workers["a"].Slots = 3;
        workers["b"].Automatic = task => FakeWorker.Success(task);
        var run = Run(workers, 3, prefer: "a");
        await workers["a"].GotAsync(1);
        workers["a"].End(FakeWorker.Success(workers["a"].Task(1)));
        while (_ended.Count < 1)
        {
            // In small steps: a report that a busy pool holds back must not become a worker's silence of two seconds.
            await Advance(TimeSpan.FromMilliseconds(1));
        }

        workers.Kill("a");
        await run;

        Assert.Equal([0, 2], Notes().Select(note => note.Partition!.Value));
        Assert.All(Notes(), note => Assert.Equal(
            (0, "a", TaskEnd.WorkerLost, true, "its worker was lost"), (note.AttemptNumber, note.Worker!.Value.Value, note.End, note.Again, note.Reason)));
    });

    [Fact]
    public Task A_task_that_its_worker_drops_is_given_back() => OnOneThread(async () =>
    {
        var workers = Workers("a", "b");
        workers["a"].Automatic = task => new TaskOutcome.Cancelled(task.Partition, task.Attempt);
        workers["b"].Automatic = task => FakeWorker.Success(task);
        await Run(workers, 1, prefer: "a");

        var note = Assert.Single(Notes());
        Assert.Equal((TaskEnd.GivenBack, true, "its worker dropped it"), (note.End, note.Again, note.Reason));
    });

    [Fact]
    public Task A_straggler_says_who_tries_it_too_and_which_attempt_came_too_late() => OnOneThread(async () =>
    {
        var (workers, run) = await StragglerAsync();

        var slow = Assert.Single(Notes());
        Assert.Equal((3, 0, "a", null, true), (slow.Partition, slow.AttemptNumber, slow.Worker!.Value.Value, slow.End, slow.Again));
        Assert.Matches(@"^it has not ended after 1\.\d{3} s and 0 elements, and the median of its peers is 0\.001 s: worker b tries it too$", slow.Reason);

        workers["b"].End(FakeWorker.Success(workers["b"].Task(3)));
        await run;
        var late = Notes()[^1];
        Assert.Equal(2, Notes().Length);
        Assert.Equal((3, 0, "a", TaskEnd.Superseded, false), (late.Partition, late.AttemptNumber, late.Worker!.Value.Value, late.End, late.Again));
        Assert.Equal("another attempt ended first, on worker b", late.Reason);
    });

    [Fact]
    public Task While_another_attempt_goes_on_a_lost_one_is_not_tried_again() => OnOneThread(async () =>
    {
        var (workers, run) = await StragglerAsync();
        workers.Kill("b");
        workers["a"].End(FakeWorker.Success(workers["a"].Task(3)));
        await run;

        var lost = Notes().Where(note => note.End == TaskEnd.WorkerLost).ToArray();
        Assert.All(lost, note => Assert.Equal((3, 1, "b", false), (note.Partition, note.AttemptNumber, note.Worker!.Value.Value, note.Again)));
    });

    [Fact]
    public Task A_task_that_is_stopped_has_no_note() => OnOneThread(async () =>
    {
        var workers = Workers("a");
        var runner = new TaskSetRunner(Stage(4, speculation: false), workers, _time, events: _events);
        var run = runner.RunAsync(Placed(2, null), [], _ended.Add);
        await workers["a"].GotAsync(1);
        runner.Stop();
        await run;

        Assert.Equal(2, _ended.Count);
        Assert.Empty(Notes());
    });

    [Fact]
    public Task Tasks_of_a_barrier_stage_say_whose_failure_starts_them_again() => OnOneThread(async () =>
    {
        var workers = Workers("a");
        workers["a"].Slots = 3;
        workers["a"].Automatic = task => task is { AttemptNumber: 0, Partition: 1 } ? FakeWorker.Failure(task) : FakeWorker.Success(task);
        await WorkerTaskSet.Of(Stage(4, speculation: false) with { Barrier = true }, workers, _events, _time, new DeathBook(workers, _time)).RunAsync(Placed(3, null), [], _ended.Add);

        Assert.All(_ended, report => Assert.Equal(TaskEnd.Succeeded, report.End));
        var why = "partition 1 of its barrier stage did not get through, and all start together";
        Assert.Equal(
            [(0, TaskEnd.Cancelled, why), (1, TaskEnd.Failed, "attempt 1 failed, failure 1 of 4 that it may have: System.FormatException: bad 1"), (2, TaskEnd.Cancelled, why)],
            Notes().Select(note => (note.Partition!.Value, note.End!.Value, note.Reason)));
        Assert.All(Notes(), note => Assert.True(note.Again && note.AttemptNumber == 0));
    });

    [Fact]
    public void Lost_inputs_and_outputs_are_named()
    {
        var log = new OwnerLog(Stage(4, speculation: false), _events);
        var blocks = Enumerable.Range(3, 10).Select(p => new BlockPart(p, new AttemptId(p))).ToArray();
        log.InputLost(TaskReport.Of(new TaskOutcome.InputLost(5, default, default, blocks, new WorkerId("x")), new WorkerId("a")), "stage 0 (GroupByKey)");
        log.InputLost(TaskReport.Of(new TaskOutcome.InputLost(6, default, default, blocks[..1], null), new WorkerId("a")), "stage 0 (GroupByKey)");
        log.OutputLost(7, new WorkerId("x"), live: false);
        log.OutputLost(8, new WorkerId("y"), live: true);

        Assert.Equal(
            [
                "it found no partitions 3, 4, 5, 6, 7, 8, 9, 10, ... of stage 0 (GroupByKey): lost with worker x, and computed again first",
                "it found no partition 3 of stage 0 (GroupByKey): lost, and computed again first",
                "its output was lost with worker x",
                "worker y no longer has its output",
            ],
            Notes().Select(note => note.Reason));
        Assert.Equal([TaskEnd.InputLost, TaskEnd.InputLost, TaskEnd.OutputLost, TaskEnd.OutputLost], Notes().Select(note => note.End!.Value));
        Assert.All(Notes(), note => Assert.True(note.Again && note.AttemptNumber is null));
    }

    [Fact]
    public void Notes_are_told_to_those_who_ask_for_their_job()
    {
        new OwnerLog(Stage(4, speculation: false), _events).OutputLost(7, new WorkerId("x"), live: false);

        Assert.Single(Notes());
        Assert.Empty(_events.Read(new EventQuery(null, JobId.New(), []), 0).Notes);
        Assert.Equal(1, _events.Read(new EventQuery(null, JobId.New(), []), 0).Next);
    }

    /// <summary>Tasks 0, 1 and 2 have ended at worker a, which is silent about 3; b has just got it too.</summary>
    private async Task<(FakeWorkers Workers, Task Run)> StragglerAsync()
    {
        var workers = Workers("a", "b");
        var run = Run(workers, 4, prefer: "a", speculation: true);
        await workers["a"].GotAsync(1);
        foreach (var partition in new[] { 0, 1, 2 })
        {
            workers["a"].End(FakeWorker.Success(workers["a"].Task(partition)));
        }

        while (workers["b"].Batches.Count == 0)
        {
            await Advance(TimeSpan.FromMilliseconds(50));
        }

        return (workers, run);
    }

    private TaskNote[] Notes() => [.. _events.Read(new EventQuery(null, _job, []), 0).Notes.SelectMany(stage => stage.Notes)];

    private static Task OnOneThread(Func<Task> test) =>
        Task.Factory.StartNew(test, CancellationToken.None, TaskCreationOptions.None, new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler).Unwrap();

    private StageSpec Stage(int maxFailures, bool speculation) => new(
        _job, ContextId.New(), new PlanRef(default, [], []), 0, new LineageId(0, 0), 3, OutputKind.Shuffle, "test", 0, 8, SideEffects: false,
        new TaskPolicy(maxFailures, speculation));

    private static PlacedPartition[] Placed(int count, string? prefer) =>
        [.. Enumerable.Range(0, count).Select(p => new PlacedPartition(p, prefer is null ? null : new WorkerId(prefer)))];

    private FakeWorkers Workers(params string[] names) => new(_time, names);

    private Task Run(FakeWorkers workers, int count, int maxFailures = 4, string? prefer = null, bool speculation = false) =>
        new TaskSetRunner(Stage(maxFailures, speculation), workers, _time, events: _events).RunAsync(Placed(count, prefer), [], _ended.Add);

    private async Task Advance(TimeSpan by)
    {
        _time.Advance(by);
        for (var i = 0; i < 50; i++)
        {
            await Task.Yield();
        }
    }
}
