using MicroSpark.Engine;
using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.Membership;
using MicroSpark.Options;

namespace MicroSpark.Grains.Hosting;

/// <summary>
/// Divides a host's memory among its workers. A budget that is not a setting is this process's part of the host's memory. It changes when
/// workers of the same host come or go. Workers with one network address are on one host.
/// </summary>
/// <remarks>
/// Each worker sees the same membership and divides for itself, so nobody has to hand anything out. Between the start of a worker and the
/// moment at which the others see it, about a second, they may together have more than the host's part.
/// </remarks>
internal sealed class HostBudget(WorkerEngine engine, IWorkerPool pool, EffectiveSettings settings, SiloMode mode)
    : ILifecycleParticipant<ISiloLifecycle>
{
    public void Participate(ISiloLifecycle lifecycle)
    {
        if (settings.BudgetIsGiven)
        {
            return;
        }

        IDisposable? changes = null;
        lifecycle.Subscribe(
            nameof(HostBudget),
            ServiceLifecycleStage.Active,
            _ =>
            {
                changes = pool.OnChanged(() => DivideAsync().Forget());
                DivideAsync().Forget();
                return Task.CompletedTask;
            },
            _ =>
            {
                changes?.Dispose();
                return Task.CompletedTask;
            });
    }

    /// <summary>Until nothing has changed meanwhile: of two that run at once the one that ends last knows the newest set.</summary>
    private async Task DivideAsync()
    {
        long version;
        do
        {
            version = pool.Version;
            var live = await pool.LiveAsync().ConfigureAwait(false);
            var host = live.FirstOrDefault(w => w.Id == engine.Id)?.Host;
            var here = live.Count(w => w.Host == host);

            // Silos of this process that are still to start have their part already.
            engine.Resize(EffectiveSettings.DefaultBudget(Math.Max(here, mode.SilosInProcess)));
        }
        while (pool.Version != version);
    }
}
