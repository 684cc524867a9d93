using MicroSpark.Errors;
using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Workers;
using MicroSpark.Slots;

namespace MicroSpark.Grains.Jobs;

/// <summary>
/// One silo's care for the records it keeps. When silos go, it wakes the unfinished jobs, so that a job without a watcher goes on
/// elsewhere. It drops the records of jobs that ended ten minutes ago.
/// </summary>
internal sealed class JobWatch(
    RecordTable records, IWorkerPool pool, IGrainFactory grains, TimeProvider time, BackgroundWork background)
    : ILifecycleParticipant<ISiloLifecycle>
{
    private static readonly TimeSpan s_retention = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan s_period = TimeSpan.FromMinutes(1);
    private static readonly Patience s_patience = new(TimeSpan.FromMilliseconds(250)) { Tries = 20 };

    private readonly CancellationTokenSource _stop = new();

    public void Participate(ISiloLifecycle lifecycle)
    {
        IDisposable? changes = null;
        ITimer? timer = null;
        lifecycle.Subscribe(
            nameof(JobWatch),
            ServiceLifecycleStage.Active,
            _ =>
            {
                changes = pool.OnChanged(() => background.Run(WakeAllAsync).Forget());
                timer = time.Every(s_period, Expire);
                return Task.CompletedTask;
            },
            _ =>
            {
                changes?.Dispose();
                timer?.Dispose();
                _stop.Cancel();
                return Task.CompletedTask;
            });
    }

    private Task WakeAllAsync() => Task.WhenAll(records.All().Where(static r => r.Ended is null).Select(r => WakeAsync(r.Job)));

    /// <summary>Right after a loss the directory may still name the lost silo: it is tried again.</summary>
    private Task WakeAsync(JobId job) => s_patience.RunAsync(
        () => grains.GetGrain<IJobGrain>(job.Value).WakeAsync(),
        e => CallErrors.IsTransient(e, _stop.Token) && !_stop.IsCancellationRequested,
        time).BestEffortAsync();

    private void Expire()
    {
        foreach (var record in records.All())
        {
            if (record.Ended is { } ended && time.GetUtcNow() - ended > s_retention)
            {
                records.Remove(record.Job);
            }
        }
    }
}
