using System.Collections.Concurrent;
using MicroSpark.Engine;
using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Events;
using MicroSpark.Grains.Stages;
using MicroSpark.Model;
using MicroSpark.Plans;
using MicroSpark.Tasks;

namespace MicroSpark.Grains.Workers;

/// <summary>
/// The batches that run on one silo. An owner that goes silent has died: its tasks are stopped after 30 s, so that they do not keep the
/// slots from the job's new owner.
/// </summary>
internal sealed class BatchTable : IDisposable
{
    private static readonly TimeSpan s_silence = TimeSpan.FromSeconds(30);

    /// <summary>How often to look; and how long a batch that is over waits for its last reply to be asked for again.</summary>
    private static readonly TimeSpan s_period = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<BatchId, RunningBatch> _batches = new();
    private readonly WorkerEngine _engine;
    private readonly IWorkerPool _pool;
    private readonly SiloEvents _events;
    private readonly TimeProvider _time;
    private readonly ITimer _sweep;

    public BatchTable(WorkerEngine engine, IWorkerPool pool, SiloEvents events, TimeProvider time)
    {
        (_engine, _pool, _events, _time) = (engine, pool, events, time);
        _sweep = time.CreateTimer(static t => ((BatchTable)t!).Sweep(), this, s_period, s_period);
    }

    public Task<ReportPage> RunAsync(TaskBatch batch, TimeSpan slice)
    {
        var fresh = new RunningBatch(batch, _engine, _pool, _events, _time);
        var running = _batches.GetOrAdd(batch.Id, fresh);
        if (ReferenceEquals(running, fresh))
        {
            running.Start();
        }

        return running.Log.ReadAsync(0, slice);
    }

    public Task<ReportPage> NextAsync(BatchId batch, int seen, TimeSpan slice) =>
        _batches.TryGetValue(batch, out var running) ? running.Log.ReadAsync(seen, slice) : Task.FromResult(ReportPage.None);

    public void Cancel(BatchId batch, int[]? partitions)
    {
        if (_batches.TryGetValue(batch, out var running))
        {
            running.Cancel(partitions);
        }
    }

    /// <summary>Nobody wants a job's results any more: what still computes some stops.</summary>
    public void CancelResults(LineageId output)
    {
        foreach (var batch in _batches.Values.Where(b => b.IsOf(output)))
        {
            batch.Cancel(null);
        }
    }

    public void Dispose()
    {
        _sweep.Dispose();
        foreach (var batch in _batches.Values)
        {
            batch.Cancel(null);
        }
    }

    private void Sweep()
    {
        foreach (var (id, batch) in _batches)
        {
            if (batch.Log.Unasked > (batch.Log.Finished ? s_period : s_silence) && _batches.TryRemove(id, out _))
            {
                batch.Cancel(null);
            }
        }
    }
}

/// <summary>One batch: its tasks are queued at the engine at once, which gives them slots in turn.</summary>
internal sealed class RunningBatch
{
    private readonly TaskBatch _batch;
    private readonly WorkerEngine _engine;
    private readonly IWorkerPool _pool;
    private readonly SiloEvents _events;
    private readonly Dictionary<int, CancellationTokenSource> _cancels;
    private readonly Lock _lock = new();

    /// <summary>Tasks that the engine took: it reports them, whatever becomes of the others.</summary>
    private int _queued;

    /// <summary>Tasks that have not been told of, and one for <see cref="QueueWhenAsync"/>.</summary>
    private int _left;
    private PlanLease? _plan;

    public RunningBatch(TaskBatch batch, WorkerEngine engine, IWorkerPool pool, SiloEvents events, TimeProvider time)
    {
        (_batch, _engine, _pool, _events) = (batch, engine, pool, events);
        Log = new ReportLog(batch.Tasks.Length, time);
        _left = batch.Tasks.Length + 1;
        _cancels = new Dictionary<int, CancellationTokenSource>(batch.Tasks.Length);
        foreach (var task in batch.Tasks)
        {
            _cancels.Add(task.Partition, new CancellationTokenSource());
        }
    }

    public ReportLog Log { get; }

    /// <summary>Whether its tasks make the results that a job keeps under this id.</summary>
    public bool IsOf(LineageId output) => _batch.Stage.Kind == OutputKind.Result && _batch.Stage.Output == output;

    public void Start()
    {
        var prepared = _engine.PrepareAsync(_batch.Stage.Plan, _pool.Known, CancellationToken.None);

        // On the shared pool, unless the plan is here: loading its code is not a grain's turn.
        _ = prepared.IsCompletedSuccessfully ? QueueWhenAsync(prepared) : Task.Run(() => QueueWhenAsync(prepared));
    }

    public void Cancel(int[]? partitions)
    {
        List<CancellationTokenSource> cancels;
        lock (_lock)
        {
            cancels = partitions is null
                ? [.. _cancels.Values]
                : partitions.Select(p => _cancels.GetValueOrDefault(p)).OfType<CancellationTokenSource>().ToList();
        }

        foreach (var cancel in cancels)
        {
            cancel.Cancel();
        }
    }

    private async Task QueueWhenAsync(Task<PlanLease> prepared)
    {
        try
        {
            _plan = await prepared.ConfigureAwait(false);
            Queue(_plan);
        }
        catch (Exception e)
        {
            foreach (var task in _batch.Tasks.AsSpan(_queued))
            {
                Report(TaskReport.Of(Judge(new TaskOutcome.Failed(task.Partition, task.Attempt, TaskFailure.Of(e))), _engine.Id));
            }
        }

        EndOne();
    }

    private void Report(TaskReport report)
    {
        Log.Add(report);
        EndOne();
    }

    /// <summary>The plan stays prepared here until the last task has ended, however long they queue.</summary>
    private void EndOne()
    {
        if (Interlocked.Decrement(ref _left) == 0)
        {
            _plan?.Dispose();
        }
    }

    private void Queue(PlanLease plan)
    {
        var stage = _batch.Stage;
        var versions = _batch.Inputs.ToDictionary(i => i.Lineage, i => i.Version);
        var span = SpanStage.Of(stage);
        foreach (var task in _batch.Tasks)
        {
            var spec = new TaskSpec(
                stage.Job, stage.Node, stage.Output, stage.StageId, task.Partition, task.Attempt, task.AttemptNumber, task.Copy)
            {
                MaxResultSize = stage.Policy.MaxResultSize,
            };
            TaskClock? clock = null;
            _engine.Run(
                plan, spec, versions, _cancels[task.Partition].Token,
                outcome =>
                {
                    outcome = Judge(outcome);
                    var ran = clock is { } began ? _events.End(span, task, began, outcome) : null;
                    Report(TaskReport.Of(outcome, _engine.Id, ran));
                },
                () => clock = _events.Begin(span));
            _queued++;
        }
    }

    /// <summary>
    /// What fails while the silo stops goes elsewhere, and does not count. A result that came after its task was cancelled is nobody's: it
    /// goes at once. Whoever cancels before dropping a job's results leaves none behind.
    /// </summary>
    private TaskOutcome Judge(TaskOutcome outcome)
    {
        if (outcome is TaskOutcome.Failed && _pool.Leaving)
        {
            return new TaskOutcome.Cancelled(outcome.Partition, outcome.Attempt);
        }

        if (outcome is TaskOutcome.Succeeded && _batch.Stage.Kind == OutputKind.Result &&
            _cancels[outcome.Partition].IsCancellationRequested)
        {
            _engine.Blocks.Remove(new BlockId(_batch.Stage.Output, outcome.Partition, outcome.Attempt));
            return new TaskOutcome.Cancelled(outcome.Partition, outcome.Attempt);
        }

        return outcome;
    }
}
