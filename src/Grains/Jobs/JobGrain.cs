using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Events;
using MicroSpark.Grains.Security;
using MicroSpark.Grains.Stages;
using MicroSpark.Grains.Workers;
using MicroSpark.Tasks;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;

namespace MicroSpark.Grains.Jobs;

/// <inheritdoc />
/// <remarks>
/// Life: the job is submitted or, after a loss, made from its record under a higher epoch. The grain drives the last stage in the
/// background, commits each partition once, ends, and keeps its results for ten minutes. It alone decides which results are committed. The
/// states and their order are in <see cref="JobState"/>. Here are the demands of each call on the states, and the consequences of a change.
/// </remarks>
[Reentrant, Orleans.Placement.PreferLocalPlacement]
internal sealed class JobGrain(
    IWorkerPool pool, PlanLibrary plans, ILocationSource locations, SiloEvents events, TransitionCounts counts, AuditLog audit,
    SaidLines lines, DeathBook deaths, JobQuotas quotas, ILogger<JobGrain> logger, TimeProvider time)
    : Grain, IJobGrain
{
    private const string Unwanted = "its client wants no results";

    private JobLife _life = null!;
    private JobDrive _drive = null!;
    private UpdateCopies _updates = null!;
    private ResultBlocks _blocks = null!;
    private RecordKeeper _keeper = null!;
    private Signal _signal = null!;
    private JobTimers _timers = null!;
    private Task? _submitting;
    private IDisposable? _watch;

    private JobId Job => new(this.GetPrimaryKey());

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _signal = new Signal(time);
        _life = new JobLife(Job, time, () => pool.Leaving, counts, logger, OnMoved);

        // Only what is known changes, and what changes is saved within seconds: long before it expires.
        _keeper = new RecordKeeper(pool, time, () => _life.State.Seen!, OnRefused) { Owns = () => _life.State is JobState.Known };
        _timers = new JobTimers(this, _life, _keeper, time, ExpireAsync);
        _updates = new UpdateCopies(GrainFactory);
        _blocks = new ResultBlocks(Job, pool);
        _drive = new JobDrive(_life, _updates, _blocks, pool, plans, locations, GrainFactory, events, deaths, time, OnCommitted);
        var scheduler = TaskScheduler.Current;
        _watch = pool.OnChanged(
            () => Task.Factory.StartNew(OnClusterChanged, CancellationToken.None, TaskCreationOptions.None, scheduler).Forget());
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        _watch?.Dispose();
        _life.Leave(reason.Description);
        return Task.CompletedTask;
    }

    public async Task SubmitAsync(JobSubmission submission)
    {
        var own = submission.Own(Job, audit);
        _timers.Asked();
        if (!Principal.Present.MayAll)
        {
            // It may be on record, and another's.
            await LoadAsync("submit again");
        }

        try
        {
            await (_submitting ??= BeginAsync(own));
        }
        catch (ClusterUnavailableException e)
        {
            // Which has no codec. Right after a loss: who submits it again finds that it has begun, and has it saved.
            _submitting = null;
            throw new SiloUnavailableException(e.Message);
        }
    }

    public async Task<JobUpdate> WaitAsync(long epoch, int seen, TimeSpan slice)
    {
        await LoadAsync("have the results of");
        _timers.Asked();
        if (_life.State.Seen is not { } job)
        {
            return JobUpdate.Unknown;
        }

        var from = epoch == job.File.Epoch ? Math.Min(seen, job.File.Results.Logged) : 0;
        if (epoch == job.File.Epoch && job.File.Results.Logged == from && job is JobState.Running)
        {
            await _signal.WaitAsync(_signal.Version, Slices.Clamp(slice));
        }

        return (_life.State.Seen ?? job).Update(from) with { Said = lines.VersionOf(Job) };
    }

    public async Task<JobSighting> LookAsync(long seen, TimeSpan slice)
    {
        await LoadAsync();
        if (_life.State.Seen is not { } job)
        {
            return new JobSighting(0, null);
        }

        if (job is JobState.Running)
        {
            await _signal.WaitAsync(seen, Slices.Clamp(slice));
        }

        return new JobSighting(_signal.Version, (_life.State.Seen ?? job).Summary().For(Principal.Present));
    }

    public async Task<JobSummary?> StatusAsync()
    {
        await LoadAsync();
        return _life.State.Seen switch
        {
            JobState.Running job => job.Summary().For(Principal.Present) with
            {
                Waits = await pool.LackOfAsync(job.File.Submission.Plan.Protocol),
            },
            var seen => seen?.Summary().For(Principal.Present),
        };
    }

    public async Task CancelAsync()
    {
        await LoadAsync("cancel");
        audit.Cancelled(Job.ToString());
        _life.Stop("asked for");
        await SettledAsync();
    }

    public async Task ReportLostAsync(CommittedResult[] lost)
    {
        await LoadAsync("have computed again");
        if (_life.Reopen(lost))
        {
            _drive.GoOn();
        }
    }

    public async Task<UpdatePage> UpdatesAsync(int from)
    {
        await LoadAsync("have the results of");
        return _updates.Page(from);
    }

    public async Task<bool> SayAsync(SaidBatch said)
    {
        await LoadAsync();
        if (_life.State.Seen is null)
        {
            return false;
        }

        var wanted = lines.Add(Job, said);
        if (said.Lines.Length > 0)
        {
            _signal.Raise();
        }

        return wanted;
    }

    public async Task<SaidPage> SaidAsync(int from)
    {
        if (!Principal.Present.MayAll)
        {
            await LoadAsync("read the lines of");
            if (_life.State.Seen is null)
            {
                throw new UnauthorizedAccessException(
                    $"Whose job {Job} was is not known any more, so nobody but an admin reads its lines.");
            }
        }

        return lines.Read(Job, from);
    }

    public async Task KeepAsync()
    {
        await LoadAsync("keep");
        _timers.Asked();
        if (_life.State is JobState.Succeeded job)
        {
            _timers.Retain();
            await _blocks.TouchAsync(job.File.Results);
        }
    }

    public async Task ReleaseAsync()
    {
        if (!Principal.Present.MayAll)
        {
            await LoadAsync("release");
        }

        _life.Refuse();
        await LoadAsync();
        if (_life.State.Seen is not { } job)
        {
            return;
        }

        var holders = _blocks.HoldersOf(job);
        if (_life.Stop(Unwanted))
        {
            await _drive.Ended;
        }
        else if (_life.Release())
        {
            await _blocks.DropAsync(holders);
            if (job.File.Log.HasIdlePlan)
            {
                _keeper.Changed(atOnce: true);
            }
        }

        // What is left is the record, which others keep.
        await SettledAsync();
        DeactivateOnIdle();
    }

    public Task WakeAsync() => LoadAsync();

    /// <summary>What was said of the job is true from now on, whoever owns it next.</summary>
    /// <exception cref="SiloUnavailableException">Another activation owns it by now. Who says it again reaches that one.</exception>
    private async Task SettledAsync()
    {
        await _keeper.SavedAsync();
        if (_life.State is JobState.Left)
        {
            throw new SiloUnavailableException($"Job {Job} has gone on at another silo.");
        }
    }

    private async Task BeginAsync(JobSubmission submission)
    {
        // A client repeats a submit whose reply was lost: then a record may be there.
        if (submission.Repeated)
        {
            await LoadAsync();
        }

        quotas.Admit(submission, _life, refused: DeactivateOnIdle);
        if (_life.Submit(submission, Epochs.After(0)))
        {
            audit.Submitted(Job.ToString(), submission.Name, submission.Plan.Name.ToString());
            var saved = _keeper.SaveAsync();
            _timers.Limit();
            _drive.GoOn();
            await saved;
        }

        await (_life.State is JobState.Running ? _keeper.SaveFirstAsync() : Task.CompletedTask);
    }

    /// <summary>The same for something that only the job's owner may do, and who administers.</summary>
    /// <exception cref="UnauthorizedAccessException">The job is another's.</exception>
    private async Task LoadAsync(string act)
    {
        await LoadAsync();
        Principal.Present.Demand(_life.State.Seen, act, audit);
    }

    /// <summary>From then on the job is known, if need be from its record at the live workers, or nobody can tell of it.</summary>
    private async Task LoadAsync()
    {
        if (_life.State is JobState.Absent absent)
        {
            try
            {
                await (absent.Search ??= SearchAsync());
            }
            finally
            {
                if (_life.State is JobState.Absent still)
                {
                    // Nothing was found, or nobody could be asked: who comes next looks again.
                    still.Search = null;
                }
            }
        }
    }

    private async Task SearchAsync()
    {
        if (await RecordSearch.FindAsync(pool, Job, time) is not { } record
            || _life.State is not JobState.Absent before || !_life.TakeOver(record, Epochs.After(record.Newest)))
        {
            return;
        }

        _keeper.TakeOver(record.Keepers);
        if (before is JobState.Unwanted)
        {
            _life.Stop(Unwanted);
        }
        else if (record.Unwanted)
        {
            // Somebody may have a record that does not say so.
            _keeper.Changed(atOnce: true);
        }

        if (_life.State is not JobState.Running)
        {
            return;
        }

        try
        {
            await _keeper.SaveAsync();
        }
        catch (ClusterUnavailableException)
        {
            // Right after a loss. Its next change is saved again.
        }
        finally
        {
            // A job that is known has to be driven, since nobody else will.
            _timers.Limit();
            _drive.GoOn();
        }
    }

    /// <summary>What follows from a change of state, whoever made it.</summary>
    private void OnMoved(JobState from, JobState to)
    {
        quotas.Moved(_life, to);
        if (to is JobState.Known known)
        {
            events.Jobs.Note(known.Summary());
        }

        if (to is JobState.Running)
        {
            _timers.Watch();
        }

        if (from is JobState.Running && to is JobState.Ended ended)
        {
            events.Jobs.End(ended.Summary(), ended.File.Stages.InOrder);
            _signal.Raise();
            _keeper.Changed(atOnce: true);
            _timers.Retain();
        }

        if (to is not JobState.Running)
        {
            _timers.Rest();
            _drive.Stop();
        }
    }

    private void OnCommitted()
    {
        _keeper.Changed();
        _signal.Raise();
    }

    /// <summary>A worker that kept the record may be gone: another one takes its place.</summary>
    private void OnClusterChanged()
    {
        if (_life.Drives)
        {
            _keeper.Changed();
        }
    }

    private void OnRefused(RecordReply why)
    {
        if (why == RecordReply.Unwanted)
        {
            _life.Stop(Unwanted);
            return;
        }

        // This activation commits nothing more.
        _life.Leave("another activation owns the job under a higher epoch");
        DeactivateOnIdle();
    }

    private Task ExpireAsync()
    {
        if (_life.State.Seen is not { } job || !_life.Expire())
        {
            return Task.CompletedTask;
        }

        DeactivateOnIdle();
        return _blocks.DropAsync(_blocks.HoldersOf(job));
    }
}
