using MicroSpark.Grains.Cluster;
using MicroSpark.Model;
using MicroSpark.Options;
using MicroSpark.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MicroSpark.Driver.Clusters;

/// <summary>
/// The cluster that a silo of the program's own host belongs to. Calls go through that silo, without a gateway; other silos may be other
/// processes, so nothing is taken by reference.
/// </summary>
/// <param name="silo">The host's services.</param>
internal sealed class SiloCluster(IServiceProvider silo, TimeProvider time) : ICluster
{
    public IGrainFactory Grains { get; } = silo.GetRequiredService<IGrainFactory>();

    public IBlockTransport Transport { get; } = silo.GetRequiredService<IBlockTransport>();

    public ILoggerFactory Logs { get; } = silo.GetRequiredService<ILoggerFactory>();

    public bool SharesMemory => false;

    public int MaxTaskFailures { get; } = silo.GetRequiredService<EffectiveSettings>().MaxTaskFailures;

    public TimeSpan Slice { get; } = Slices.Longest;

    private IWorkerPool Pool { get; } = silo.GetRequiredService<IWorkerPool>();

    /// <summary>Not all silos of a host's cluster are workers: those that have said so.</summary>
    public async Task<IReadOnlyList<WorkerId>> WorkersAsync(CancellationToken cancellationToken, Silence? silence = null) =>
        [.. (await Pool.LiveAsync().ConfigureAwait(false)).Select(worker => worker.Id)];

    /// <exception cref="ClusterUnavailableException">The host's own silo has started and does not work.</exception>
    public Task<int> CountSlotsAsync(CancellationToken cancellationToken) => LiveSlots.CountAsync(
        Pool, live => live.Any(worker => worker.Id == Pool.Own),
        live => $"The host's silo has started, and its worker does not answer: {live} others do.", time, cancellationToken);

    /// <summary>The silo is the host's.</summary>
    public ValueTask DisposeAsync() => default;
}
