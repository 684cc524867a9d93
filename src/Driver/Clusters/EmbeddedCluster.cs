using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.Hosting;
using MicroSpark.Model;
using MicroSpark.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MicroSpark.Driver.Clusters;

/// <summary>Silos of this process, made for one context. Calls go through the first one, without a gateway.</summary>
internal sealed class EmbeddedCluster(EmbeddedSilos silos, bool sharesMemory, TimeProvider time) : ICluster
{
    public EmbeddedSilos Silos => silos;

    public IGrainFactory Grains => silos.Grains;

    public IBlockTransport Transport { get; } = silos.Silos[0].Services.GetRequiredService<IBlockTransport>();

    public ILoggerFactory Logs { get; } = silos.Silos[0].Services.GetRequiredService<ILoggerFactory>();

    public bool SharesMemory => sharesMemory;

    public int MaxTaskFailures => silos.Silos[0].Settings.MaxTaskFailures;

    public TimeSpan Slice { get; } = Slices.Longest;

    private IWorkerPool Pool { get; } = silos.Silos[0].Services.GetRequiredService<IWorkerPool>();

    public Task<IReadOnlyList<WorkerId>> WorkersAsync(CancellationToken cancellationToken, Silence? silence = null) =>
        Task.FromResult(Pool.Known);

    /// <exception cref="ClusterUnavailableException">The silos have started and do not see each other.</exception>
    public Task<int> CountSlotsAsync(CancellationToken cancellationToken) => LiveSlots.CountAsync(
        Pool, live => live.Count == silos.Silos.Count,
        live => $"{silos.Silos.Count} silos were started in this process and {live} of them work.", time, cancellationToken);

    public ValueTask DisposeAsync() => silos.DisposeAsync();
}
