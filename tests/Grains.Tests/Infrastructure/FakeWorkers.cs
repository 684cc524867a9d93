using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Stages;
using MicroSpark.Grains.Workers;
using MicroSpark.Model;
using MicroSpark.Tasks;

namespace MicroSpark.Tests.Infrastructure;

/// <summary>Workers that do what a test says, without a cluster. Everything runs on the test's own scheduler.</summary>
internal sealed class FakeWorkers(TimeProvider time, params string[] names) : IWorkerPool
{
    private readonly Dictionary<WorkerId, FakeWorker> _workers = names.ToDictionary(n => new WorkerId(n), n => new FakeWorker(new WorkerId(n), time));
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public FakeWorker this[string name] => _workers[new WorkerId(name)];

    public long Version { get; private set; }

    public bool Leaving => false;

    public IReadOnlyList<WorkerId> Known => [.. _workers.Values.Where(w => w.Alive).Select(w => w.Id)];

    public ValueTask<IReadOnlyList<WorkerDescription>> LiveAsync() => new([.. _workers.Values.Where(w => w.Alive).Select(w => w.Describe())]);

    public bool IsLive(WorkerId worker) => _workers.TryGetValue(worker, out var known) && known.Alive;

    public IWorkerGrain Get(WorkerId worker) => _workers[worker];

    public Task ChangedAsync(long seen, TimeSpan slice) => Version > seen ? Task.CompletedTask : _changed.Task.WithinAsync(slice, time);

    public IDisposable OnChanged(Action changed) => throw new NotSupportedException();

    public void Kill(string name)
    {
        this[name].Die();
        Changed();
    }

    public void Add(string name)
    {
        _workers.Add(new WorkerId(name), new FakeWorker(new WorkerId(name), time));
        Changed();
    }

    private void Changed()
    {
        Version++;
        var changed = _changed;
        _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        changed.SetResult();
    }
}

/// <summary>One of them: it keeps the batches it got, and ends their tasks when it is told to.</summary>
internal sealed class FakeWorker(WorkerId id, TimeProvider time) : IWorkerGrain
{
    private readonly TaskCompletionSource _dead = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Dictionary<BatchId, ReportLog> _logs = [];
    private TaskCompletionSource _got = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public WorkerId Id => id;

    public bool Alive { get; private set; } = true;

    public int Slots { get; set; } = 1;

    public ProtocolNumber Protocol { get; set; } = ProtocolNumber.Current;

    public List<TaskBatch> Batches { get; } = [];

    /// <summary>Partitions that it was told to stop; -1 for a whole batch.</summary>
    public List<int> Stopped { get; } = [];

    /// <summary>Ends each task as soon as it comes, when set.</summary>
    public Func<TaskItem, TaskOutcome>? Automatic { get; set; }

    /// <summary>Alive, and calls of it fail, as right after another silo was lost.</summary>
    public bool Refuses { get; set; }

    public RecordTable Records { get; } = new();

    /// <summary>Called before each page of a record is read, with the entry that it begins with.</summary>
    public Action<int>? Reading { get; set; }

    /// <summary>What it was told of jobs' records.</summary>
    public List<RecordWrite> Written { get; } = [];

    public IEnumerable<int> Partitions => Batches.SelectMany(b => b.Tasks).Select(t => t.Partition);

    public static TaskOutcome Success(TaskItem task, long milliseconds = 1) =>
        new TaskOutcome.Succeeded(task.Partition, task.Attempt, 1, 8, 0, milliseconds, null);

    public static TaskOutcome Failure(TaskItem task, bool canRetry = true) =>
        new TaskOutcome.Failed(task.Partition, task.Attempt, TaskFailure.Of(new FormatException($"bad {task.Partition}"), canRetry: canRetry));

    public static TaskOutcome InputLost(TaskItem task) =>
        new TaskOutcome.InputLost(task.Partition, task.Attempt, new LineageId(1, 2), [new BlockPart(7, new AttemptId(8))], new WorkerId("x"));

    public WorkerDescription Describe() => new(id, id.Value, id.Value, Slots, 0, 0, 0, "") { Protocol = Protocol };

    public void Die()
    {
        Alive = false;
        _dead.TrySetException(new SiloUnavailableException());
    }

    /// <summary>Waits until it got that many batches.</summary>
    public async Task GotAsync(int batches)
    {
        while (Batches.Count < batches)
        {
            await _got.Task;
        }
    }

    public void End(TaskOutcome outcome)
    {
        var batch = Batches.Last(b => b.Tasks.Any(t => t.Attempt == outcome.Attempt));
        _logs[batch.Id].Add(TaskReport.Of(outcome, id));
    }

    public TaskItem Task(int partition) => Batches.SelectMany(b => b.Tasks).Last(t => t.Partition == partition);

    public Task<ReportPage> RunBatchAsync(TaskBatch batch)
    {
        if (!_logs.TryGetValue(batch.Id, out var log))
        {
            log = new ReportLog(batch.Tasks.Length, time);
            _logs.Add(batch.Id, log);
            Batches.Add(batch);
            foreach (var task in Automatic is null ? [] : batch.Tasks)
            {
                log.Add(TaskReport.Of(Automatic!(task), id));
            }

            var got = _got;
            _got = new(TaskCreationOptions.RunContinuationsAsynchronously);
            got.SetResult();
        }

        return OrDeadAsync(log.ReadAsync(0, Slices.Longest));
    }

    public Task<ReportPage> NextAsync(BatchId batch, int seen) => OrDeadAsync(_logs[batch].ReadAsync(seen, Slices.Longest));

    public Task CancelBatchAsync(BatchId batch, int[]? partitions)
    {
        Stopped.AddRange(partitions ?? [-1]);
        return System.Threading.Tasks.Task.CompletedTask;
    }

    public Task<WorkerDescription> DescribeAsync() =>
        Refuses ? throw new SiloUnavailableException() : System.Threading.Tasks.Task.FromResult(Describe());

    public Task<HeldBlocks> BlocksOfAsync(LineageId lineage, int from) => throw new NotSupportedException();

    public Task DropBroadcastAsync(LineageId broadcast, BlobName[] blobs) => throw new NotSupportedException();

    public Task TouchAsync(LineageId lineage) => throw new NotSupportedException();

    public Task DropAsync(LineageId lineage) => throw new NotSupportedException();

    public Task RenewLeaseAsync(ContextId context) => throw new NotSupportedException();

    public Task HoldAsync(LineageId lineage, ContextId context) => throw new NotSupportedException();

    public Task<bool> ReleaseAsync(LineageId lineage, ContextId context) => throw new NotSupportedException();

    public Task<KeptRdds> KeptAsync(LineageId? after) => throw new NotSupportedException();

    public Task<RecordReply> WriteRecordAsync(RecordWrite write)
    {
        if (Refuses || !Alive)
        {
            throw new SiloUnavailableException();
        }

        Written.Add(write);
        return System.Threading.Tasks.Task.FromResult(Records.Write(write));
    }

    public Task<RecordPage?> ReadRecordAsync(JobId job, int from)
    {
        Reading?.Invoke(from);
        return Refuses || !Alive ? throw new SiloUnavailableException() : System.Threading.Tasks.Task.FromResult(Records.Read(job, from));
    }

    public Task<RecordHeads> RecordsAsync(JobId? after) => throw new NotSupportedException();

    public Task PrepareAsync(PlanRef plan) => System.Threading.Tasks.Task.CompletedTask;

    public Task<EventPage> EventsAsync(EventQuery query, long from) => throw new NotSupportedException();

    public Task<StageSpans[]> WitnessedAsync(ContextId context, WorkerId lost) => throw new NotSupportedException();

    public Task ForgetCodeAsync(AssemblyId[] assemblies) => throw new NotSupportedException();

    private async Task<ReportPage> OrDeadAsync(Task<ReportPage> page)
    {
        await await System.Threading.Tasks.Task.WhenAny(page, _dead.Task);
        return await page;
    }
}
