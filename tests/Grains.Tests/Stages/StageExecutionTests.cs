using MicroSpark.Engine;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Events;
using MicroSpark.Grains.Stages;
using MicroSpark.Model;
using MicroSpark.Plans;
using MicroSpark.Tasks;
using MicroSpark.Tests.Infrastructure;

namespace MicroSpark.Tests.Stages;

/// <summary>
/// Found by a seed: a silo left and another one crashed, and until all had learnt of it tasks were sent to what both had held. That were
/// ten rounds within a second, and the job failed as one whose inputs do not fit into memory.
/// </summary>
public sealed class StageExecutionTests : IDisposable
{
    private readonly ManualTime _time = new();
    private readonly WorkerEngine _engine;

    public StageExecutionTests() => _engine = new WorkerEngine(
        new WorkerId("owner"), new WorkerEngineOptions(1, Fused: true, SimulatedIsolation: false, 1 << 20), null!, null!, _time);

    public void Dispose() => _engine.Dispose();

    [Fact]
    public Task Losses_while_a_death_spreads_do_not_fail_the_stage() => OnOneThread(async () =>
    {
        var rounds = 0;
        var run = Run(() => _time.GetElapsedTime(0) < TimeSpan.FromSeconds(50) && ++rounds > 0);
        await _time.PassAsync(run);
        Assert.Null(await run);
        Assert.InRange(rounds, 11, 100);
    });

    /// <summary>A stage whose inputs took minutes to compute would have no patience at all.</summary>
    [Fact]
    public Task The_time_before_the_first_loss_is_none_of_losses() => OnOneThread(async () =>
    {
        var rounds = 0;
        var run = Run(() =>
        {
            if (rounds == 0)
            {
                _time.Advance(TimeSpan.FromMinutes(2));
            }

            return _time.GetElapsedTime(0) < TimeSpan.FromSeconds(170) && ++rounds > 0;
        });
        await _time.PassAsync(run);
        Assert.Null(await run);
        Assert.InRange(rounds, 11, 100);
    });

    [Fact]
    public async Task Inputs_that_are_lost_again_and_again_fail_it()
    {
        var run = Run(static () => true);
        await _time.PassAsync(run);
        var failed = Assert.IsType<StageFailure.TaskFailed>(await run);
        Assert.Contains("lost each time", failed.Report.Failure!.Message, StringComparison.Ordinal);
        Assert.InRange(_time.GetElapsedTime(0), TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(70));
    }

    private Task<StageFailure?> Run(Func<bool> loses)
    {
        var lineage = new LineageId(3, 4);
        var skeleton = new PlanSkeleton([new SkeletonNode(lineage, "Range", null, 1, OutputKind.Result, 0, false, 0, [])]);
        var stage = new StageSpec(
            JobId.New(), ContextId.New(), new PlanRef(BlobName.Of([1]), null, []), 0, lineage, 0, OutputKind.Result, "Range", 0, 1, false,
            new TaskPolicy(4, false, 0));
        var workers = new FakeWorkers(_time, "a");
        var inputs = new StageInputs(stage, skeleton, null!, null!, workers, _time, static _ => { }, []);
        var execution = new StageExecution(
            stage, inputs, workers, new SiloEvents(_engine, _time), _time, () => new Tasks(() => TaskReport.Of(
                loses()
                    ? new TaskOutcome.InputLost(0, AttemptId.New(), new LineageId(1, 2), [], new WorkerId("gone"))
                    : FakeWorker.Success(new TaskItem(0, AttemptId.New(), 0)),
                new WorkerId("a"))));
        return execution.RunAsync([0], static _ => { }, static () => null);
    }

    /// <summary>One task, which ends at once.</summary>
    private sealed class Tasks(Func<TaskReport> end) : ITaskSet
    {
        public Task RunAsync(IReadOnlyList<PlacedPartition> partitions, InputVersion[] inputs, Action<TaskReport> ended)
        {
            ended(end());
            return Task.CompletedTask;
        }

        public void Stop() => throw new NotSupportedException();

        public void Share(JobStake[] jobs) => throw new NotSupportedException();
    }

    /// <summary>On a busy machine the pool would let minutes of manual time pass between two steps of the stage.</summary>
    private static Task OnOneThread(Func<Task> test) => Task.Factory.StartNew(
        test, CancellationToken.None, TaskCreationOptions.None, new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler).Unwrap();
}
