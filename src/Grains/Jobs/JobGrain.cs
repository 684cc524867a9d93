using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Events;
using MicroSpark.Grains.Stages;
using MicroSpark.Tasks;
using Orleans.Concurrency;

namespace MicroSpark.Grains.Jobs;

/// <inheritdoc />
/// <remarks>
/// Life: submitted (or, after a loss, made from its record under a higher epoch), it drives the last stage in the background, commits
/// each partition once, ends, and keeps its results for ten minutes. It alone judges what is committed.
/// </remarks>
[Reentrant, Orleans.Placement.PreferLocalPlacement]
internal sealed partial class JobGrain(IWorkerPool pool, PlanLibrary plans, ILocationSource locations, SiloEvents events, TimeProvider time) : Grain, IJobGrain
{
    /// <summary>Results inside one reply, in bytes: far below what a message may carry.</summary>
    private const int LargestPage = 4 << 20;

    private static readonly TimeSpan s_retention = TimeSpan.FromMinutes(10);

    private readonly List<CommittedResult> _results = [];
    private readonly Dictionary<int, CommittedResult> _committed = [];

    /// <summary>Results that went before their reader had them: computed again by the next run.</summary>
    private readonly List<CommittedResult> _lost = [];
    private readonly Dictionary<LineageId, StageState> _stages = [];
    private JobSubmission? _submission;
    private RecordKeeper _keeper = null!;
    private Signal _signal = null!;
    private Task? _submitting;
    private Task? _driving;
    private long _epoch;
    private long _sequence;
    private JobPhase _phase;
    private JobError? _error;
    private long _resultSize;
    private TaskTraffic _traffic;
    private DateTimeOffset _started;
    private DateTimeOffset? _ended;
    private StageInputs? _inputs;
    private InputContent[] _contents = [];
    private JobRecord? _loaded;
    private StageRun? _run;
    private IDisposable? _watch;
    private bool _deactivated;
    private bool _unwanted;
    private bool _expired;

    /// <summary>Nothing may be committed here any more: the silo stops, or another activation owns the job.</summary>
    private bool Gone => _deactivated || pool.Leaving;

    private JobId Job => new(this.GetPrimaryKey());

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _signal = new Signal(time);
        _keeper = new RecordKeeper(pool, time, Record, Leave);
        var scheduler = TaskScheduler.Current;
        _watch = pool.OnChanged(() => Task.Factory.StartNew(OnClusterChanged, CancellationToken.None, TaskCreationOptions.None, scheduler).Forget());
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        _deactivated = true;
        _watch?.Dispose();
        _run?.Stop();
        return Task.CompletedTask;
    }

    public Task SubmitAsync(JobSubmission submission) => _submitting ??= BeginAsync(submission);

    public async Task<JobUpdate> WaitAsync(long epoch, int seen, TimeSpan slice)
    {
        if (!await LoadAsync())
        {
            return JobUpdate.Unknown;
        }

        var from = epoch == _epoch ? Math.Min(seen, _results.Count) : 0;
        if (epoch == _epoch && _results.Count == from && _phase == JobPhase.Running)
        {
            await _signal.WaitAsync(_signal.Version, Slices.Clamp(slice));
        }

        var page = new List<CommittedResult>();
        for (long bytes = 0; from + page.Count < _results.Count && bytes < LargestPage; bytes += (page[^1].Inline?.Length ?? 0) + (page[^1].Updates?.Length ?? 0))
        {
            page.Add(_results[from + page.Count]);
        }

        // The end is told with the last results.
        var phase = _phase == JobPhase.Succeeded && from + page.Count < _results.Count ? JobPhase.Running : _phase;
        return new JobUpdate(Known: true, phase, _epoch, from, [.. page], _error, [.. _stages.Values.OrderBy(s => s.Stage)]);
    }

    public async Task<JobSighting> LookAsync(long seen, TimeSpan slice)
    {
        if (!await LoadAsync())
        {
            return new JobSighting(0, null);
        }

        if (_phase == JobPhase.Running)
        {
            await _signal.WaitAsync(seen, Slices.Clamp(slice));
        }

        return new JobSighting(_signal.Version, Summary());
    }

    public async Task<JobSummary?> StatusAsync() => await LoadAsync() ? Summary() : null;

    public async Task CancelAsync()
    {
        if (await LoadAsync() && _phase == JobPhase.Running)
        {
            End(JobPhase.Cancelled, null);
            _run?.Stop();
        }
    }

    public async Task ReportLostAsync(CommittedResult[] lost)
    {
        if (!await LoadAsync() || _phase is JobPhase.Failed or JobPhase.Cancelled)
        {
            return;
        }

        foreach (var result in lost)
        {
            if (_committed.TryGetValue(result.Partition, out var committed) && committed.Attempt == result.Attempt)
            {
                _committed.Remove(result.Partition);
                _lost.Add(committed);
                _resultSize -= committed.Bytes;
            }
        }

        (_phase, _ended) = (JobPhase.Running, null);
        Drive();
    }

    public async Task ReleaseAsync()
    {
        _unwanted = true;
        if (!await LoadAsync())
        {
            return;
        }

        if (_phase == JobPhase.Running)
        {
            End(JobPhase.Cancelled, null);
            _run?.Stop();
            await (_driving ?? Task.CompletedTask);
        }
        else
        {
            await DropResultsAsync();
        }

        // What is left is the record, which others keep.
        await _keeper.SavedAsync();
        DeactivateOnIdle();
    }

    public Task WakeAsync() => LoadAsync();

    private async Task BeginAsync(JobSubmission submission)
    {
        // A client repeats a submit whose reply was lost: then a record may be there.
        if ((submission.Repeated && await LoadAsync()) || _unwanted)
        {
            return;
        }

        (_submission, _epoch, _started) = (submission, Epochs.After(0), time.GetUtcNow());
        _loading = Task.CompletedTask;
        var saved = _keeper.SaveAsync();
        Drive();
        await saved;
    }

    private JobRecord Record()
    {
        var submission = _phase == JobPhase.Running ? _submission! : _submission! with { Plan = _submission.Plan with { Inline = null } };
        var done = Done();
        return new JobRecord(
            submission, _epoch, ++_sequence, _phase, _committed.Values.Select(c => c.ForRecord()).ToArray(), _error, _started, _ended,
            done.Stages, done.AllStages, done.Tasks, done.AllTasks, _inputs?.Contents.ToArray() ?? _contents, done.Traffic);
    }

    /// <summary>What is asked for at each look: without the results, which may be many.</summary>
    private JobSummary Summary()
    {
        var done = Done();
        return new JobSummary(
            Job, _submission!.Context, _submission.Name, _submission.Group, _epoch, _sequence, _phase, done.Stages, done.AllStages, done.Tasks, done.AllTasks,
            _started, _ended, _error?.Message, done.Traffic, _submission.Result);
    }

    private (int Stages, int AllStages, int Tasks, int AllTasks, TaskTraffic Traffic) Done()
    {
        if (_stages.Count == 0 && _loaded is { } before)
        {
            // Ended before it was loaded, or not driven yet.
            return (before.StagesDone, before.StagesTotal, before.TasksDone, before.TasksTotal, before.Traffic);
        }

        var stages = _stages.Values;
        return (
            stages.Count(s => s.Done == s.Total), stages.Count, stages.Sum(s => s.Done), stages.Sum(s => s.Total),
            stages.Aggregate(default(TaskTraffic), static (sum, s) => sum + s.Traffic));
    }

    private void End(JobPhase phase, JobError? error)
    {
        (_phase, _error, _ended) = (phase, error, time.GetUtcNow());
        _signal.Raise();
        _keeper.Changed(atOnce: true);
        Retain();
    }

    /// <summary>A worker that kept the record may be gone: another one takes its place.</summary>
    private void OnClusterChanged()
    {
        if (_submission is not null && _phase == JobPhase.Running && !Gone)
        {
            _keeper.Changed();
        }
    }

    /// <summary>Another activation owns the job under a higher epoch: this one commits nothing more.</summary>
    private void Leave()
    {
        _deactivated = true;
        _run?.Stop();
        DeactivateOnIdle();
    }
}
