using MicroSpark.Engine;
using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Events;
using MicroSpark.Grains.Stages;
using MicroSpark.Model;
using MicroSpark.Plans;
using MicroSpark.Slots;
using MicroSpark.Stopping;
using MicroSpark.Tasks;

namespace MicroSpark.Grains.Workers;

/// <summary>One owner's tasks of one stage on this silo: those that it sent and that have not ended.</summary>
internal sealed class RunningBatch
{
    private readonly StageSpec _stage;
    private readonly WorkerEngine _engine;
    private readonly IWorkerPool _pool;
    private readonly SiloEvents _events;
    private readonly TimeProvider _time;
    private readonly StageWindow _window;
    private readonly StageWindow.Part _part;
    private readonly SpanStage _span;
    private readonly Dictionary<LineageId, long> _versions;
    private readonly TaskLine _line;
    private readonly Lock _lock = new();

    /// <summary>In the order in which they came: the last ones are taken back first.</summary>
    private readonly OrderedTasks _tasks = new();
    private volatile bool _cancelled;
    private int _received;

    /// <param name="kept">The slots that are kept for it; null when its tasks take their turn.</param>
    public RunningBatch(
        TaskBatch batch, StageWindow window, SlotReservation? kept, WorkerEngine engine, IWorkerPool pool, SiloEvents events,
        TimeProvider time)
    {
        (_stage, _window, _engine, _pool, _events, _time) = (batch.Stage, window, engine, pool, events, time);
        _span = SpanStage.Of(batch.Stage);
        _versions = batch.Inputs.ToDictionary(static i => i.Lineage, static i => i.Version);
        var jobs = batch.Jobs ?? [new JobStake(batch.Stage.Context, batch.Stage.Job, batch.Stage.Policy.Share)];
        _line = new TaskLine(Array.ConvertAll(jobs, static j => j.ToShare())) { Reservation = kept };
        Reservation = batch.Reservation;
        Owner = batch.Owner;
        Log = new ReportLog(0, time) { Urgent = () => _part!.Granted > 0, MayGrow = () => _part!.Pending > 0 };
        _part = new StageWindow.Part(Log.Wake);
    }

    public ReportLog Log { get; }

    /// <summary>Names the slots that are kept for its tasks; null when they take their turn.</summary>
    public BatchId? Reservation { get; }

    /// <summary>The worker on the silo that handed the tasks out; null when nobody knows.</summary>
    public WorkerId? Owner { get; }

    /// <summary>The stage whose tasks these are.</summary>
    public LineageId Output => _stage.Output;

    /// <summary>Whether its tasks make the results that a job keeps.</summary>
    public bool MakesResults => _stage.Kind == OutputKind.Result;

    /// <summary>Queues what came with a poll, unless an earlier one with the same tasks came through.</summary>
    /// <param name="first">How many tasks were sent before these.</param>
    public void Add(int first, TaskItem[] tasks, int pending)
    {
        lock (_lock)
        {
            if (first != _received)
            {
                return;
            }

            _received += tasks.Length;
        }

        Log.Expect(tasks.Length);
        _window.Arrived(_part, tasks.Length, pending);
        if (tasks.Length == 0)
        {
            return;
        }

        if (_cancelled || (Reservation is not null && _line.Reservation is null))
        {
            // Nobody wants them. Or the slots were given back meanwhile: its owner was silent for too long, and begins again.
            _window.Left(tasks.Length);
            foreach (var task in tasks)
            {
                Log.Add(TaskReport.Of(new TaskOutcome.Cancelled(task.Partition, task.Attempt), _engine.Id));
            }

            return;
        }

        // On the shared pool, unless the plan is here: loading its code is not a grain's turn.
        var prepared = _engine.PrepareAsync(_stage.Plan, _pool.Known, CancellationToken.None);
        if (prepared.IsCompletedSuccessfully)
        {
            _ = QueueWhenAsync(prepared, () => tasks);
            return;
        }

        lock (_lock)
        {
            _tasks.Expect(tasks);
        }

        _ = _engine.Background.Run(() => QueueWhenAsync(prepared, () => Prepared(tasks)));
    }

    /// <summary>From now on these jobs wait for it.</summary>
    public void Share(JobStake[] jobs) => _engine.Share(_line, Array.ConvertAll(jobs, static j => j.ToShare()));

    public void Offer(int pending)
    {
        _window.Offered(_part, pending);
        if (pending == 0)
        {
            Log.Wake();
        }
    }

    /// <summary>Reports as the log has them, with what the worker wants and how far its tasks are.</summary>
    public async Task<ReportPage> ReadAsync(int seen, TimeSpan slice)
    {
        var page = await Log.ReadAsync(seen, slice);
        lock (_lock)
        {
            return page with { Wanted = _part.Granted, Queued = _tasks.Queued, Running = _tasks.Running(_time) };
        }
    }

    /// <summary>Stops these partitions' tasks, or all, also those to come.</summary>
    public void Cancel(int[]? partitions)
    {
        RunningTask[] tasks;
        TaskItem[] expected;
        lock (_lock)
        {
            _cancelled |= partitions is null;
            expected = _tasks.TakeExpected(partitions);
            tasks = partitions is null
                ? [.. _tasks.All]
                : [.. partitions.Select(_tasks.Find).OfType<RunningTask>()];
        }

        foreach (var item in expected)
        {
            _window.Left(1);
            Log.Add(TaskReport.Of(new TaskOutcome.Cancelled(item.Partition, item.Attempt), _engine.Id));
        }

        foreach (var task in tasks)
        {
            task.Stop.Cancel();
            TakeBack(task, new TaskOutcome.Cancelled(task.Item.Partition, task.Item.Attempt));
        }
    }

    /// <summary>Takes tasks back that no slot has taken, the last ones first.</summary>
    public void TakeBack(int most)
    {
        RunningTask[] tasks;
        lock (_lock)
        {
            tasks = [.. _tasks.All.Reverse()];
        }

        foreach (var task in tasks)
        {
            if (most == 0)
            {
                return;
            }

            most -= TakeBack(task, new TaskOutcome.TakenBack(task.Item.Partition, task.Item.Attempt)) ? 1 : 0;
        }
    }

    /// <summary>Nobody asks about it any more.</summary>
    public void Close()
    {
        Cancel(null);
        _window.Close(_part);
    }

    private bool TakeBack(RunningTask task, TaskOutcome outcome)
    {
        if (task.Work is not { } work || !_engine.TryTakeBack(work))
        {
            return false;
        }

        _window.Left(1);
        End(task, outcome, null);
        return true;
    }

    private async Task QueueWhenAsync(Task<PlanLease> prepared, Func<TaskItem[]> left)
    {
        TaskItem[]? items = null;
        try
        {
            var plan = await prepared;
            items = left();
            Queue(plan, items);
        }
        catch (Exception e)
        {
            // The plan does not load, here and now: the tasks are tried elsewhere.
            items ??= left();
            _window.Left(items.Length);
            foreach (var item in items)
            {
                var outcome = new TaskOutcome.Failed(item.Partition, item.Attempt, TaskFailure.Of(e));
                Log.Add(TaskReport.Of(_pool.Leaving ? new TaskOutcome.Cancelled(item.Partition, item.Attempt) : outcome, _engine.Id));
            }
        }
    }

    private void Queue(PlanLease lease, TaskItem[] items)
    {
        if (items.Length == 0)
        {
            lease.Dispose();
            return;
        }

        var plan = new HeldPlan(lease, items.Length);
        var tasks = new SlotTask[items.Length];
        lock (_lock)
        {
            for (var i = 0; i < items.Length; i++)
            {
                tasks[i] = Make(plan, items[i]);
            }
        }

        _engine.Enqueue(_line, tasks);
        if (_cancelled)
        {
            // Meanwhile: that cancel may not have found them.
            Cancel(null);
        }
    }

    /// <returns>Those that were not cancelled meanwhile.</returns>
    private TaskItem[] Prepared(TaskItem[] items)
    {
        lock (_lock)
        {
            return _tasks.TakeExpected(items);
        }
    }

    private SlotTask Make(HeldPlan plan, TaskItem item)
    {
        var spec = new TaskSpec(
            _stage.Job, _stage.Node, _stage.Output, _stage.StageId, item.Partition, item.Attempt, item.AttemptNumber, item.Copy)
        {
            MaxResultSize = _stage.Policy.MaxResultSize,
        };
        var task = new RunningTask(item, plan);
        _tasks.Add(task);
        return task.Work = _engine.TaskOf(
            _line, plan.Lease, spec, _versions, task.Stop.Token, outcome =>
                End(task, Judge(task, outcome), task.Clock), progress => Begin(task, progress));
    }

    private void Begin(RunningTask task, TaskProgress progress)
    {
        lock (_lock)
        {
            task.Clock = _events.Begin(_span, task.Item);
            task.Progress = progress;
            _tasks.Begin(task);
        }

        _window.Began();
    }

    private void End(RunningTask task, TaskOutcome outcome, TaskClock? clock)
    {
        lock (_lock)
        {
            _tasks.Remove(task);
        }

        if (clock is { } began)
        {
            _window.Ended(_time.GetTimestamp() - began.Timestamp);
        }

        var ran = clock is { } known ? _events.End(_span, task.Item, known, outcome) : null;
        var report = TaskReport.Of(outcome, _engine.Id, ran);
        if (_events.Logs?.DeliveryOf(_stage.Job) is { } said)
        {
            ReportAsync(said, report).Forget();
        }
        else
        {
            Log.Add(report);
        }

        task.End();
    }

    /// <summary>Whoever learns that the task has ended finds what it said.</summary>
    private async Task ReportAsync(Task said, TaskReport report)
    {
        await said;
        Log.Add(report);
    }

    /// <summary>
    /// What fails while the silo stops goes elsewhere, and does not count. A result that came after its task was cancelled is nobody's: it
    /// goes at once. Whoever cancels before dropping a job's results leaves none behind.
    /// </summary>
    private TaskOutcome Judge(RunningTask task, TaskOutcome outcome)
    {
        if (outcome is TaskOutcome.Failed && _pool.Leaving)
        {
            return new TaskOutcome.Cancelled(outcome.Partition, outcome.Attempt);
        }

        if (outcome is TaskOutcome.Succeeded && MakesResults && task.Stop.IsCancellationRequested)
        {
            _engine.Blocks.Remove(new BlockId(_stage.Output, outcome.Partition, outcome.Attempt));
            return new TaskOutcome.Cancelled(outcome.Partition, outcome.Attempt);
        }

        return outcome;
    }
}
