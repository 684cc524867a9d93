using System.Collections.Concurrent;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.DataPlane;
using MicroSpark.Model;
using Microsoft.Extensions.DependencyInjection;

namespace MicroSpark.Grains.Cluster;

/// <summary>
/// Learns where a worker's data plane listens from the worker itself. A worker id names one life, so an answer stays true.
/// </summary>
internal sealed class WorkerAddresses : IDataPlaneDirectory
{
    private readonly ConcurrentDictionary<WorkerId, Uri> _known = new();
    private readonly ConcurrentDictionary<WorkerId, CancellationTokenSource> _lives = new();

    // Resolved late: the factory needs the silo, which needs the engine, which needs the transport, which needs this.
    private readonly Lazy<IGrainFactory> _grains;

    /// <summary>Null at a client. Whoever asks first follows the members, and others wait until he does.</summary>
    private readonly Lazy<IWorkerPool?> _pool;

    public WorkerAddresses(IServiceProvider services)
    {
        _grains = new(services.GetRequiredService<IGrainFactory>);
        _pool = new(() =>
        {
            var pool = services.GetService<IWorkerPool>();
            pool?.OnChanged(() => EndLives(pool));
            return pool;
        });
    }

    public CancellationToken LifeOf(WorkerId worker)
    {
        if (_pool.Value is not { } pool)
        {
            return CancellationToken.None;
        }

        var life = _lives.GetOrAdd(worker, static _ => new CancellationTokenSource()).Token;
        if (pool.IsDead(worker))
        {
            // The verdict may have come before somebody asked.
            EndLives(pool);
        }

        return life;
    }

    public ValueTask<Uri?> FindAsync(WorkerId worker, CancellationToken cancellationToken) =>
        _known.TryGetValue(worker, out var known) ? new(known) : new(AskAsync(worker, cancellationToken));

    private void EndLives(IWorkerPool pool)
    {
        foreach (var worker in _lives.Keys)
        {
            if (pool.IsDead(worker) && _lives.TryRemove(worker, out var life))
            {
                // Whoever reads there goes on at the thread that cancels: that is not the one that brings the verdict.
                life.CancelAsync().Forget();
            }
        }
    }

    private async Task<Uri?> AskAsync(WorkerId worker, CancellationToken cancellationToken)
    {
        try
        {
            var description = await _grains.Value.GetGrain<IWorkerGrain>(worker.Value)
                .DescribeAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
            return description.DataAddress.Length == 0 ? null : _known.GetOrAdd(worker, new Uri(description.DataAddress));
        }
        catch (Exception e) when (CallErrors.IsTransient(e))
        {
            return null;
        }
    }
}
