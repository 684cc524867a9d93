using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Stages;
using MicroSpark.Grains.Workers;
using MicroSpark.Model;
using MicroSpark.Tasks;

namespace MicroSpark.Tests.Infrastructure;

/// <summary>One of <see cref="FakeWorkers"/>: it keeps the batches it got, and ends their tasks when it is told to.</summary>
internal sealed class FakeWorker(WorkerId id, TimeProvider time) : IWorkerGrain
{
    private readonly TaskCompletionSource _dead = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Dictionary<BatchId, FakeBatch> _logs = [];
    private readonly TaskCompletionSource _thawed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _got = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public WorkerId Id => id;

    public bool Alive { get; private set; } = true;

    public int Slots { get; set; } = 1;

    public int GivenUp { get; set; }

    /// <summary>While set, nobody listens: calls fail at once, and the cluster does not know yet.</summary>
    public bool RefusesConnections { get; set; }

    public ProtocolNumber Protocol { get; set; } = ProtocolNumber.Current;

    /// <summary>What came with one call, batches and polls alike.</summary>
    public List<TaskBatch> Batches { get; } = [];

    /// <summary>How many tasks it wants at most that have not ended; all when null.</summary>
    public int? Room { get; set; }

    /// <summary>Whether it tells how far its tasks are.</summary>
    public bool TellsProgress { get; set; } = true;

    /// <summary>While set, polls get no answer.</summary>
    public bool Frozen { get; set; }

    /// <summary>How often it was told that it holds a plan.</summary>
    public int Prepared { get; private set; }

    /// <summary>How often tasks were taken back from it.</summary>
    public int TakenBack { get; private set; }

    /// <summary>Partitions that it was told to stop; -1 for a whole batch.</summary>
    public List<int> Stopped { get; } = [];

    /// <summary>Ends each task as soon as it comes, when set.</summary>
    public Func<TaskItem, TaskOutcome>? Automatic { get; set; }

    /// <summary>Alive, and calls of it fail, as right after another silo was lost.</summary>
    public bool Refuses { get; set; }

    /// <summary>The jobs that it was told wait for a batch.</summary>
    public List<JobStake[]> Shares { get; } = [];

    /// <summary>What was asked to be kept and was not given back.</summary>
    public List<(BatchId Id, int Slots, bool Above)> Reserved { get; } = [];

    /// <summary>Whether its slots never come free.</summary>
    public bool RefusesSlots { get; set; }

    public RecordTable Records { get; } = new();

    /// <summary>Tasks that it has, in the order in which they came.</summary>
    public IEnumerable<TaskItem> Open => _logs.Values.SelectMany(static b => b.Open);

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

    public WorkerDescription Describe() => new(id, id.Value, id.Value, Slots, 0, 0, 0, "", GivenUp) { Protocol = Protocol };

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

    /// <summary>Of the silo that this worker is on.</summary>
    public DeathBook Deaths { get; } = new(new FakeWorkers(time), time);

    /// <summary>Who asked for slots.</summary>
    public List<WorkerId?> ReservedBy { get; } = [];

    public Task NoteDeathsAsync(DeathNote note)
    {
        ThrowIfRefused();
        Deaths.Note(note);
        return System.Threading.Tasks.Task.CompletedTask;
    }

    public Task MeetAsync(WorkerDescription worker) => throw new NotSupportedException();

    public Task<ReportPage> RunBatchAsync(TaskBatch batch)
    {
        ThrowIfRefused();
        if (!_logs.TryGetValue(batch.Id, out var log))
        {
            _logs.Add(batch.Id, log = new FakeBatch(this, batch, time));
            Take(log, batch.Tasks, batch.Pending);
        }

        return OrDeadAsync(log.ReadAsync(0));
    }

    public Task<ReportPage> NextAsync(BatchPoll poll)
    {
        ThrowIfRefused();
        var log = _logs[poll.Batch];
        if (poll.Sent == log.Received)
        {
            Take(log, poll.Tasks, poll.Pending);
        }

        return OrDeadAsync(log.ReadAsync(poll.Seen));
    }

    private void ThrowIfRefused()
    {
        if (RefusesConnections)
        {
            throw new Orleans.Runtime.Messaging.ConnectionFailedException("Unable to connect");
        }
    }

    public Task OfferAsync(BatchId batch, int pending)
    {
        _logs[batch].Offer(pending);
        return System.Threading.Tasks.Task.CompletedTask;
    }

    public Task TakeBackAsync(BatchId batch, int most)
    {
        TakenBack++;
        _logs[batch].TakeBack(most);
        return System.Threading.Tasks.Task.CompletedTask;
    }

    public Task ShareAsync(BatchId batch, JobStake[] jobs)
    {
        Shares.Add(jobs);
        return System.Threading.Tasks.Task.CompletedTask;
    }

    public Task<bool> ReserveAsync(BatchId reservation, int slots, bool above, WorkerId? owner)
    {
        Reserved.Add((reservation, slots, above));
        ReservedBy.Add(owner);
        return System.Threading.Tasks.Task.FromResult(above || !RefusesSlots);
    }

    public async Task<bool> ReserveAllAsync(BatchId reservation, WorkerId? owner)
    {
        await _dead.Task.WithinAsync(RefusesSlots ? Slices.Poll : TimeSpan.Zero, time);
        if (!Alive || RefusesSlots)
        {
            return Alive ? false : throw new SiloUnavailableException();
        }

        Reserved.Add((reservation, Slots, false));
        ReservedBy.Add(owner);
        return true;
    }

    public Task UnreserveAsync(BatchId reservation)
    {
        Reserved.RemoveAll(r => r.Id == reservation);
        return System.Threading.Tasks.Task.CompletedTask;
    }

    public Task CancelBatchAsync(BatchId batch, int[]? partitions)
    {
        Stopped.AddRange(partitions ?? [-1]);
        return System.Threading.Tasks.Task.CompletedTask;
    }

    private void Take(FakeBatch log, TaskItem[] tasks, int pending)
    {
        log.Take(tasks, pending);
        if (tasks.Length == 0)
        {
            return;
        }

        Batches.Add(log.Batch with { Tasks = tasks });
        foreach (var task in Automatic is null ? [] : tasks)
        {
            log.Add(TaskReport.Of(Automatic!(task), id));
        }

        var got = _got;
        _got = new(TaskCreationOptions.RunContinuationsAsynchronously);
        got.SetResult();
    }

    public Task<WorkerDescription> DescribeAsync() =>
        Refuses ? throw new SiloUnavailableException() : System.Threading.Tasks.Task.FromResult(Describe());

    public Task<HeldBlocks> BlocksOfAsync(LineageId lineage, int from) => throw new NotSupportedException();

    public Task DropBroadcastAsync(LineageId broadcast, BlobName[] blobs, string? owner) => throw new NotSupportedException();

    public Task TouchAsync(LineageId lineage) => throw new NotSupportedException();

    public Task DropAsync(LineageId lineage) => throw new NotSupportedException();

    public Task RenewLeaseAsync(ContextId context) => throw new NotSupportedException();

    public Task HoldAsync(LineageId lineage, ContextId context) => throw new NotSupportedException();

    public Task<bool> ReleaseAsync(LineageId lineage, ContextId context, ContextId[] others) => throw new NotSupportedException();

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

    public Task PrepareAsync(PlanRef plan)
    {
        Prepared++;
        return System.Threading.Tasks.Task.CompletedTask;
    }

    public Task<EventPage> EventsAsync(EventQuery query, long from) => throw new NotSupportedException();

    public Task<SaidPage> SaidAsync(JobId job, int from) => throw new NotSupportedException();

    public Task<StageSpans[]> WitnessedAsync(ContextId context, WorkerId lost) => throw new NotSupportedException();

    public Task ForgetCodeAsync(AssemblyId[] assemblies, string? owner) => throw new NotSupportedException();

    private async Task<ReportPage> OrDeadAsync(Task<ReportPage> page)
    {
        while (Frozen)
        {
            await System.Threading.Tasks.Task.WhenAny(_thawed.Task, _dead.Task);
        }

        await await System.Threading.Tasks.Task.WhenAny(page, _dead.Task);
        return await page;
    }

    public void Thaw()
    {
        Frozen = false;
        _thawed.SetResult();
    }

    /// <summary>One owner's tasks at it. As many as it has slots have begun, in the order in which they came.</summary>
    private sealed class FakeBatch
    {
        private readonly List<(TaskItem Item, long Came)> _tasks = [];
        private readonly FakeWorker _worker;
        private readonly TimeProvider _time;
        private readonly ReportLog _log;
        private int _pending;

        public FakeBatch(FakeWorker worker, TaskBatch batch, TimeProvider time)
        {
            (_worker, Batch, _time) = (worker, batch, time);
            _log = new ReportLog(0, time) { Urgent = () => Wanted > 0 };
        }

        public TaskBatch Batch { get; }

        public int Received { get; private set; }

        public IEnumerable<TaskItem> Open => _tasks.Select(static t => t.Item);

        private int Wanted => Math.Min(_pending, Math.Max(0, (_worker.Room ?? int.MaxValue) - _tasks.Count));

        public void Take(TaskItem[] tasks, int pending)
        {
            Received += tasks.Length;
            _log.Expect(tasks.Length);
            _tasks.AddRange(tasks.Select(t => (t, _time.GetTimestamp())));
            _pending = pending;
        }

        public void Offer(int pending)
        {
            _pending = pending;
            _log.Wake();
        }

        public void Add(TaskReport report)
        {
            _tasks.RemoveAll(t => t.Item.Attempt == report.Attempt);
            _log.Add(report);
        }

        public void TakeBack(int most)
        {
            foreach (var (item, _) in _tasks.Skip(_worker.Slots).TakeLast(most).ToArray())
            {
                Add(TaskReport.Of(new TaskOutcome.TakenBack(item.Partition, item.Attempt), _worker.Id));
            }
        }

        public async Task<ReportPage> ReadAsync(int seen)
        {
            var page = await _log.ReadAsync(seen, Slices.Poll);
            return page with
            {
                Wanted = Wanted,
                Queued = Math.Max(0, _tasks.Count - _worker.Slots),
                Running = [.. _tasks.Take(_worker.TellsProgress ? _worker.Slots : 0).Select(
                    t => new TaskSoFar(t.Item.Partition, (long)_time.GetElapsedTime(t.Came).TotalMilliseconds, 0))],
            };
        }
    }
}
