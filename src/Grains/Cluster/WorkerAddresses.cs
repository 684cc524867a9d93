using System.Collections.Concurrent;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.DataPlane;
using MicroSpark.Model;
using Microsoft.Extensions.DependencyInjection;

namespace MicroSpark.Grains.Cluster;

/// <summary>
/// Learns where a worker's data plane listens from the worker itself. A worker id names one life, so an answer stays true.
/// </summary>
internal sealed class WorkerAddresses(IServiceProvider services) : IDataPlaneDirectory
{
    private readonly ConcurrentDictionary<WorkerId, Uri> _known = new();

    // Resolved late: the factory needs the silo, which needs the engine, which needs the transport, which needs this.
    private readonly Lazy<IGrainFactory> _grains = new(() => services.GetRequiredService<IGrainFactory>());

    public ValueTask<Uri?> FindAsync(WorkerId worker, CancellationToken cancellationToken) =>
        _known.TryGetValue(worker, out var known) ? new(known) : new(AskAsync(worker, cancellationToken));

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
