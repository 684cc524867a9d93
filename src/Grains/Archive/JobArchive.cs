using System.Threading.Channels;
using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Events;
using MicroSpark.Model;
using MicroSpark.Options;
using MicroSpark.Slots;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace MicroSpark.Grains.Archive;

/// <summary>
/// Keeps the jobs that are driven on this silo as event logs in a folder, whatever their clients asked for, and tells of those that are
/// there when the silo starts. A log is written when its job has ended, in the background: what its tasks did is asked of the silos then,
/// so a job costs nothing while it runs. A disk that is full harms no job.
/// </summary>
internal sealed partial class JobArchive(
    MicroSparkOptions options, SiloEvents events, IWorkerPool pool, IServiceProvider services, TimeProvider time, BackgroundWork background,
    ILogger<JobArchive> logger)
    : ILifecycleParticipant<ISiloLifecycle>
{
    /// <summary>Jobs that have ended and are not written yet: those that come while so many wait have no log.</summary>
    private const int MostWaiting = 4096;

    /// <summary>As many as a silo remembers of its own.</summary>
    private const int MostListed = 1000;

    /// <summary>How often what is too old goes, and logs of other silos in the same folder are met.</summary>
    public static readonly TimeSpan Sweep = TimeSpan.FromMinutes(10);

    /// <summary>How long a silo that stops goes on writing.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource _stop = new();
    private readonly Channel<EndedJob> _waiting = Channel.CreateBounded<EndedJob>(
        new BoundedChannelOptions(MostWaiting) { SingleReader = true });

    private ArchiveFolder? _folder;
    private ITimer? _sweeping;
    private Task _writing = Task.CompletedTask;
    private bool _failed;

    public void Participate(ISiloLifecycle lifecycle)
    {
        if (options.History.Directory is null)
        {
            return;
        }

        lifecycle.Subscribe(
            nameof(ArchiveFolder), ServiceLifecycleStage.RuntimeInitialize,
            _ =>
            {
                _folder = new ArchiveFolder(options.History, time);
                return Task.CompletedTask;
            });

        // The last stage to start is the first to stop: until all is written the other silos can be asked.
        lifecycle.Subscribe(nameof(JobArchive), ServiceLifecycleStage.Last, _ => Start(), CloseAsync);
    }

    /// <summary>A part of a job's log; null when there is none, or the job is running (again).</summary>
    public LogPage? Read(JobId job, long from) =>
        events.Jobs.Find(job) is { Summary.Phase: JobPhase.Running } ? null : _folder?.Read(job, from);

    /// <summary>
    /// Writes what waits, for some seconds, and no more after that. Silos that stop together are all told before the first one goes: each
    /// asks the others.
    /// </summary>
    public async Task CloseAsync(CancellationToken cancellationToken)
    {
        _sweeping?.Dispose();
        events.Jobs.Ended = null;
        _waiting.Writer.TryComplete();
        await _writing.WaitAsync(s_patience, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _stop.CancelAsync();
    }

    private Task Start()
    {
        events.Jobs.Ended = (job, plan, stages) =>
        {
            if (!_waiting.Writer.TryWrite(new EndedJob(job, plan, stages)))
            {
                LogLeftOut(logger, job.Job);
            }
        };
        _writing = background.Run(WriteAllAsync);
        _sweeping = time.Every(Sweep, () => Guard(LookThrough));
        return Task.CompletedTask;
    }

    private async Task WriteAllAsync()
    {
        Guard(LookThrough);
        var grains = (IGrainFactory)services.GetService(typeof(IGrainFactory))!;
        while (!_stop.IsCancellationRequested && await _waiting.Reader.WaitToReadAsync() && _waiting.Reader.TryRead(out var job))
        {
            try
            {
                await new JobLog(pool, worker => grains.GetGrain<IHistoryGrain>(worker.Value), _folder!).WriteAsync(job);
                _failed = false;
            }
            catch (Exception e)
            {
                // The disk is full, or something that nobody thought of: the next job may have a log again.
                Complain(e);
            }
        }
    }

    /// <summary>Takes away what is too old, and lists what is there.</summary>
    private void LookThrough()
    {
        _folder!.Trim();
        foreach (var job in _folder.Newest(MostListed))
        {
            events.Jobs.Recall(job);
        }
    }

    private void Guard(Action work)
    {
        try
        {
            work();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Complain(e);
        }
    }

    /// <summary>Once, until it works again: a full disk would fill the log.</summary>
    private void Complain(Exception e)
    {
        if (!_failed)
        {
            LogFailed(logger, options.History.Directory!, e);
        }

        _failed = true;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Jobs have no event log in {Directory} (History:Directory) until this is mended.")]
    private static partial void LogFailed(ILogger logger, string directory, Exception error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Job {Job} has no event log: too many jobs ended at once.")]
    private static partial void LogLeftOut(ILogger logger, JobId job);
}

/// <summary>A job as it ended on the silo that drove it.</summary>
/// <param name="Plan">Its stages; those that are read before those that read them.</param>
/// <param name="Stages">How far they were.</param>
internal sealed record EndedJob(JobSummary Summary, StageOutline[] Plan, StageState[] Stages);
