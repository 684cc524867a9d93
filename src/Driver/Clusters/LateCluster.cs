using MicroSpark.Model;
using MicroSpark.Storage;
using Microsoft.Extensions.Logging;

namespace MicroSpark.Driver.Clusters;

/// <summary>
/// A cluster that comes with the start of a host. A context is injected into constructors, and those run before anything starts: so it
/// exists from the beginning, and says so when it is used too early.
/// </summary>
internal sealed class LateCluster(bool sharesMemory, int maxTaskFailures, ILoggerFactory logs) : ICluster
{
    private volatile Opened? _opened;

    /// <summary>Null before the host has started.</summary>
    public ICluster? Found => _opened?.Cluster;

    /// <summary>The slots of all workers when it was found.</summary>
    /// <exception cref="InvalidOperationException">The host has not started.</exception>
    public int Slots => (_opened ?? throw TooEarly()).Slots;

    public IGrainFactory Grains => Cluster.Grains;

    public IBlockTransport Transport => Cluster.Transport;

    public ILoggerFactory Logs => logs;

    public bool SharesMemory => sharesMemory;

    public int MaxTaskFailures => maxTaskFailures;

    public TimeSpan Slice => Cluster.Slice;

    private ICluster Cluster => Found ?? throw TooEarly();

    /// <summary>From now on it is this one, which is disposed of with it, also when it has no workers.</summary>
    /// <exception cref="ClusterUnavailableException">No worker is alive.</exception>
    public async Task OpenAsync(ICluster cluster, CancellationToken cancellationToken)
    {
        try
        {
            _opened = new Opened(cluster, await cluster.CountSlotsAsync(cancellationToken).ConfigureAwait(false));
        }
        catch
        {
            await cluster.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public Task<IReadOnlyList<WorkerId>> WorkersAsync(CancellationToken cancellationToken, Silence? silence = null) =>
        Cluster.WorkersAsync(cancellationToken, silence);

    public Task<int> CountSlotsAsync(CancellationToken cancellationToken) => Cluster.CountSlotsAsync(cancellationToken);

    public ValueTask DisposeAsync() => Found?.DisposeAsync() ?? default;

    private static InvalidOperationException TooEarly() => new(
        "The host has not started yet, and its MicroSpark context with it. Keep the context in the constructor and use it later: in a "
        + "request, or in a service that starts after MicroSpark and, where there is one, after the silo (register it below them).");

    private sealed record Opened(ICluster Cluster, int Slots);
}
