using System.Collections.Concurrent;
using MicroSpark.Driver.Clusters;
using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.Contracts;
using MicroSpark.Model;
using MicroSpark.Plans;
using MicroSpark.Tasks;

namespace MicroSpark.Driver.Events;

/// <summary>
/// Makes one stream of events of the cluster's knowledge about a context's jobs. It asks the workers while a job is watched, five times a
/// second at most, and once more when the job has ended. Without subscribers it asks for nothing.
/// </summary>
/// <param name="noWorker">How long a call waits for a worker that answers.</param>
/// <param name="hear">Is told of each news about a submitted job.</param>
internal sealed partial class EventFeed(
    ICluster cluster, ContextId context, TimeProvider time, TimeSpan noWorker,
    Func<JobId, IJobGrain, JobUpdate, CancellationToken, Task> hear)
{
    /// <summary>How often the workers are asked while jobs run.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromMilliseconds(200);

    private readonly SemaphoreSlim _asking = new(1);
    private readonly ConcurrentDictionary<JobId, FollowedJob> _jobs = new();
    private readonly Dictionary<WorkerId, long> _seen = [];
    private readonly CancellationTokenSource _closing = new();
    private readonly Lock _raising = new();
    private readonly JobTraces _traces = new();
    private (string? Name, bool Known) _owner = (null, cluster.SharesMemory);
    private bool _primed;
    private long _asked;
    private Silence? _silence;

    /// <summary>One event at a time. A handler must not block.</summary>
    public event Action<EngineEvent>? Raised;

    /// <summary>How far a running job is; the last time with <see cref="JobProgress.Ended"/>.</summary>
    public event Action<JobProgress>? Progress;

    /// <summary>For calls about a job: those who listen are told when no worker answers.</summary>
    public Silence Silence => _silence ??= new Silence(noWorker, NoteSilence);

    /// <summary>Whether anybody listens.</summary>
    public bool Wanted => Raised is not null || Progress is not null || JobTraces.Wanted;

    /// <summary>A job is about to be submitted.</summary>
    public async Task StartAsync(JobId job, string name, string? group, EncodedPlan plan, CancellationToken cancellationToken)
    {
        if (!Wanted)
        {
            return;
        }

        var skeleton = EncodedPlan.ReadSkeleton(plan.Bytes, await OwnerAsync(cancellationToken).ConfigureAwait(false));
        var followed = _jobs[job] = new FollowedJob(
            job, name, StagePlans.Of(skeleton, job, PlanSources.Of(plan)), skeleton.Nodes[skeleton.Root].Lineage, time.GetTimestamp());
        await PollAsync(always: !_primed, cancellationToken).ConfigureAwait(false);
        Raise(new EngineEvent.JobStarted(time.GetUtcNow(), job, name, group, followed.Plans));
    }

    /// <summary>The watch on a job brought news.</summary>
    public async Task UpdateAsync(JobId job, StageState[] stages, CancellationToken cancellationToken)
    {
        if (_jobs.TryGetValue(job, out var followed))
        {
            // The tasks of a stage are told before it is complete.
            var completed = followed.Update(stages);
            if (Wanted)
            {
                await PollAsync(always: completed.Count > 0, cancellationToken).ConfigureAwait(false);
            }

            Tell(followed, completed);
            Raise(followed.Progress(ended: false));
        }
    }

    /// <summary>The context is closed: nobody is told anything that is not known by now.</summary>
    public void Close()
    {
        _closing.Cancel();
        lock (_raising)
        {
            _traces.Close();
        }
    }

    /// <summary>A job is over, however it ended, or its client leaves it. All that its tasks did is told before its end is.</summary>
    /// <param name="goesOn">It needs no client: unless the cluster says that it has ended, it has not.</param>
    public async Task EndAsync(JobId job, StageState[] stages, IJobGrain grain, Exception? error, bool goesOn = false)
    {
        if (!_jobs.TryGetValue(job, out var followed))
        {
            if (goesOn && Wanted)
            {
                await RecallAsync(job).ConfigureAwait(false);
            }

            return;
        }

        JobSummary? summary = null;
        try
        {
            summary = await grain.StatusAsync().ConfigureAwait(false);
            await PollAsync(always: true, CancellationToken.None, patient: false).ConfigureAwait(false);
        }
        catch (Exception e) when (error is not null || IsGone(e))
        {
            // And with the cluster what it had not told. The job's own error is what its client is to see.
            _ = e;
        }

        Tell(followed, followed.Update(stages));
        if (goesOn && summary?.Ended is null)
        {
            return;
        }

        // A submitted job is followed by its watch and perhaps by its client: one of them tells.
        if (!_jobs.TryRemove(job, out _))
        {
            return;
        }

        _ = goesOn && _over.TryAdd(job, true);
        var now = time.GetUtcNow();
        var state = error switch
        {
            _ when goesOn => (JobState)summary!.Phase,
            null => JobState.Succeeded,
            OperationCanceledException => JobState.Cancelled,
            _ => JobState.Failed,
        };
        Raise(new EngineEvent.JobEnded(
            summary?.Ended ?? now, job, state, summary is { Ended: { } ended } ? ended - summary.Started : time.GetElapsedTime(
                followed.Since), summary?.Error ?? error?.Message));
        Raise(followed.Progress(ended: true));
    }

    /// <summary>Under which name the outputs of these jobs are kept: events tell of them by the ids that they have there.</summary>
    private async Task<string?> OwnerAsync(CancellationToken cancellationToken)
    {
        if (!_owner.Known)
        {
            _owner = (await AskAsync(static grain => grain.OwnerAsync(), patient: true, cancellationToken).ConfigureAwait(false), true);
        }

        return _owner.Name;
    }

    private void NoteSilence(TimeSpan waited)
    {
        if (_closing.IsCancellationRequested)
        {
            return;
        }

        Raise(new EngineEvent.NoWorker(time.GetUtcNow(), waited, noWorker));
        foreach (var followed in _jobs.Values)
        {
            Raise(followed.Progress(ended: false) with { NoWorker = true });
        }
    }

    private bool IsGone(Exception error) => _closing.IsCancellationRequested
        || error is ObjectDisposedException or ClusterUnavailableException || CallErrors.IsTransient(error, CancellationToken.None);

    private void Tell(FollowedJob followed, List<StagePlan> completed)
    {
        foreach (var stage in completed)
        {
            Raise(new EngineEvent.StageCompleted(time.GetUtcNow(), followed.Job, stage.Output, stage.Stage, stage.Partitions));
        }
    }

    private async Task PollAsync(bool always, CancellationToken cancellationToken, bool patient = true)
    {
        await _asking.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (!always && time.GetElapsedTime(_asked) < Period)
            {
                return;
            }

            for (var more = true; more;)
            {
                var query = new EventQuery(context, null, [.. _seen.Select(s => new EventCursor(s.Key, s.Value))], FromNow: !_primed);
                var pages = await AskAsync(grain => grain.EventsAsync(query), patient, cancellationToken).ConfigureAwait(false);
                await MeetAsync(pages, patient, cancellationToken).ConfigureAwait(false);
                foreach (var followed in _jobs.Values)
                {
                    followed.Idle();
                }

                // As far as clocks agree, in the order in which it happened.
                foreach (var one in pages.SelectMany(Take).OrderBy(static one => one.Time).ToArray())
                {
                    Raise(one);
                }

                (_primed, _asked) = (true, time.GetTimestamp());
                more = pages.Any(static p => p.More);
            }
        }
        finally
        {
            _asking.Release();
        }
    }

    /// <summary>Workers come and go: told once each.</summary>
    private async Task MeetAsync(EventPage[] pages, bool patient, CancellationToken cancellationToken)
    {
        if (pages.Length == _seen.Count && pages.All(p => _seen.ContainsKey(p.Worker)))
        {
            return;
        }

        var workers = await AskAsync(static grain => grain.WorkersAsync(), patient, cancellationToken).ConfigureAwait(false);
        var now = time.GetUtcNow();
        foreach (var worker in workers.Where(w => _seen.TryAdd(w.Id, 0)))
        {
            Raise(new EngineEvent.WorkerJoined(now, worker.Id.Value, worker.Name, worker.Address, worker.Slots, worker.MemoryBudget));
        }

        foreach (var gone in _seen.Keys.Where(id => !workers.Any(w => w.Id == id) && !pages.Any(p => p.Worker == id)).ToArray())
        {
            // What it told the owners of its tasks, and nobody had asked it for yet.
            var witnessed = await AskAsync(grain => grain.WitnessedAsync(context, gone), patient, cancellationToken).ConfigureAwait(false);
            foreach (
                var one in witnessed.SelectMany(spans => Tasks(gone, spans, onlyFollowed: true)).OrderBy(static one => one.Time).ToArray())
            {
                Raise(one);
            }

            _seen.Remove(gone);
            Raise(new EngineEvent.WorkerLost(now, gone.Value));
        }
    }

    private List<EngineEvent> Take(EventPage page)
    {
        var events = new List<EngineEvent>();
        if (page.Missed > 0)
        {
            events.Add(new EngineEvent.EventsMissed(time.GetUtcNow(), page.Worker.Value, page.Missed));
        }

        _seen[page.Worker] = page.Next;
        events.AddRange(page.Stages.SelectMany(spans => Tasks(page.Worker, spans, onlyFollowed: false)));
        foreach (var (stage, notes) in page.Notes)
        {
            var number = NumberOf(stage);
            events.AddRange(notes.Select(note => TaskAttempts.Of(stage, number, note)));
        }

        foreach (var move in page.Moves)
        {
            events.Add(new EngineEvent.BlockMoved(move.Time, page.Worker.Value, move.Lineage, move.Partition, move.Bytes, move.ToDisk));
        }

        foreach (var running in page.Running)
        {
            _jobs.GetValueOrDefault(running.Job)?.Run(running.Output, running.Count);
        }

        return events;
    }

    /// <summary>Those that were not told before.</summary>
    /// <param name="onlyFollowed">Leaves out tasks of jobs that are over: which of them were told is no longer known.</param>
    private IEnumerable<EngineEvent> Tasks(WorkerId worker, StageSpans spans, bool onlyFollowed)
    {
        var stage = spans.Stage;
        var followed = _jobs.GetValueOrDefault(stage.Job);
        var number = NumberOf(stage);
        foreach (var span in spans.Tasks)
        {
            var run = TaskAttempts.Of(span);
            if (followed is null ? !onlyFollowed : followed.Count(stage.Output, span.Attempt, run))
            {
                yield return new EngineEvent.TaskEnded(span.Began + span.Took, stage.Job, stage.Output, number, worker.Value, run);
            }
        }
    }

    /// <summary>A stage's number in the plan of the job: another job may have been the one that had it computed.</summary>
    private int NumberOf(SpanStage stage) => _jobs.GetValueOrDefault(stage.Job)?.StageOf(stage.Output) ?? stage.Stage;

    private Task<R> AskAsync<R>(Func<IClusterGrain, Task<R>> ask, bool patient, CancellationToken cancellationToken)
    {
        var grain = cluster.Grains.GetGrain<IClusterGrain>(0);
        return patient ? Repeat.Async(() => ask(grain), time, cancellationToken, Silence) : ask(grain);
    }

    private void Raise(EngineEvent one)
    {
        lock (_raising)
        {
            _traces.On(one);
            Raised?.Invoke(one);
        }
    }

    private void Raise(JobProgress progress)
    {
        lock (_raising)
        {
            Progress?.Invoke(progress);
        }
    }
}
