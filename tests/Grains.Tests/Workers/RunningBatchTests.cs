using MicroSpark.Engine;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Events;
using MicroSpark.Grains.Workers;
using MicroSpark.Model;
using MicroSpark.Plans;
using MicroSpark.Storage;
using MicroSpark.Tasks;
using MicroSpark.Tests.Infrastructure;

namespace MicroSpark.Tests.Workers;

/// <summary>What is cancelled before its plan is here never runs, and is reported at once.</summary>
public sealed class RunningBatchTests : IDisposable
{
    private static readonly BatchId s_batch = BatchId.New();

    private readonly ManualTime _time = new();
    private readonly SlowSource _source = new();
    private readonly WorkerEngine _engine;
    private readonly FakeWorkers _workers;
    private readonly ReservationTable _reservations;
    private readonly BatchTable _batches;

    public RunningBatchTests()
    {
        _workers = new FakeWorkers(_time, "here", "holder", "owner");
        _engine = new WorkerEngine(
            new WorkerId("here"), new WorkerEngineOptions(1, Fused: true, SimulatedIsolation: false, 1 << 20), _source, null!, _time);
        _reservations = new ReservationTable(_engine, _workers, _time);
        _batches = new BatchTable(_engine, _reservations, _workers, new SiloEvents(_engine, _time), _time);
    }

    public void Dispose()
    {
        _batches.Dispose();
        _engine.Dispose();
    }

    [Fact]
    public async Task A_task_that_is_cancelled_while_its_plan_is_on_the_way_is_reported_cancelled()
    {
        var first = _batches.RunAsync(Batch(0, 1), TimeSpan.FromHours(1));
        await _source.Asked.Task;
        _batches.Cancel(s_batch, [1]);
        await EndAsync(first);
        var report = Assert.Single((await first).Reports);
        Assert.Equal((TaskEnd.Cancelled, 1), (report.End, report.Partition));

        // The other one fails with its plan.
        var rest = _batches.NextAsync(new BatchPoll(s_batch, 1, 2, []), TimeSpan.FromHours(1));
        _source.Fail();
        await EndAsync(rest);
        report = Assert.Single((await rest).Reports);
        Assert.Equal((TaskEnd.Failed, 0), (report.End, report.Partition));
    }

    [Fact]
    public async Task After_a_cancel_of_all_no_task_that_comes_later_runs()
    {
        var first = _batches.RunAsync(Batch(0), TimeSpan.FromHours(1));
        await _source.Asked.Task;
        _batches.Cancel(s_batch, null);
        await EndAsync(first);
        Assert.Equal(TaskEnd.Cancelled, Assert.Single((await first).Reports).End);
        var page = _batches.NextAsync(
            new BatchPoll(s_batch, 1, 1, [new TaskItem(5, AttemptId.New(), 0)]), TimeSpan.FromHours(1));
        await EndAsync(page);
        var report = Assert.Single((await page).Reports);
        Assert.Equal((TaskEnd.Cancelled, 5), (report.End, report.Partition));
        Assert.Equal(0, _engine.SlotsQueued + _engine.SlotsBusy);
        _source.Fail();
    }

    /// <summary>It had the whole window for half a minute, in which nobody sent a task.</summary>
    [Fact]
    public async Task What_a_lost_owner_was_asked_for_another_one_is_asked_for()
    {
        var lost = _batches.RunAsync(Asking("owner"), TimeSpan.FromMilliseconds(1));
        await EndAsync(lost);
        Assert.True((await lost).Wanted > 0);
        var other = Asking("holder");
        var first = _batches.RunAsync(other, TimeSpan.FromMilliseconds(1));
        await EndAsync(first);
        Assert.Equal(0, (await first).Wanted);

        _workers.Kill("owner");

        Assert.Equal(1, _batches.Count);
        var next = _batches.NextAsync(new BatchPoll(other.Id, 0, 0, [], other.Pending), TimeSpan.FromMilliseconds(1));
        await EndAsync(next);
        Assert.True((await next).Wanted > 0);
    }

    [Fact]
    public async Task Slots_that_are_kept_for_a_lost_owner_are_another_ones_at_once()
    {
        Assert.True(await _reservations.ReserveAllAsync(BatchId.New(), TimeSpan.Zero, new WorkerId("owner")));
        var next = _reservations.ReserveAllAsync(BatchId.New(), TimeSpan.FromHours(1), new WorkerId("holder"));
        Assert.False(next.IsCompleted);

        _workers.Kill("owner");

        Assert.True(await next);
        Assert.False(await _reservations.ReserveAllAsync(BatchId.New(), TimeSpan.Zero, new WorkerId("not known yet")));
        _workers.Kill("here");
        Assert.Equal(2, _reservations.Count);
    }

    private static TaskBatch Asking(string owner) => Batch() with { Id = BatchId.New(), Pending = 100, Owner = new WorkerId(owner) };

    /// <summary>In tiny steps: what a busy pool holds back must not become an owner's silence of half a minute.</summary>
    private async Task EndAsync(Task page)
    {
        while (!page.IsCompleted)
        {
            _time.Advance(TimeSpan.FromMicroseconds(10));
            await Task.Yield();
        }
    }

    private static TaskBatch Batch(params int[] partitions)
    {
        var plan = new PlanRef(BlobName.Of([1, 2, 3]), null, [new WorkerId("holder")]);
        var stage = new StageSpec(
            JobId.New(), ContextId.New(), plan, 0, new LineageId(1, 2), 0, OutputKind.Result, "Count", 0, 10, false, new TaskPolicy(4, false, 0));
        return new TaskBatch(s_batch, stage, [], Array.ConvertAll(partitions, static p => new TaskItem(p, AttemptId.New(), 0)));
    }

    /// <summary>A holder of the plan that does not answer until the test is through.</summary>
    private sealed class SlowSource : IBlockTransport
    {
        private readonly TaskCompletionSource<BlobAnswer> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Asked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Fail() => _answer.SetException(new InvalidDataException("no plan"));

        public Task<BlobAnswer> AskBlobAsync(WorkerId from, BlobName name, WorkerId reader, BlobAsks asks, string? owner, CancellationToken cancellationToken)
        {
            Asked.TrySetResult();
            return _answer.Task;
        }

        public Task<byte[]?> GetBlobAsync(WorkerId from, BlobName name, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<bool> HasBlobAsync(WorkerId at, BlobName name, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task PutBlobAsync(WorkerId to, BlobName name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public BlockStream Open(WorkerId from, BlockRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
