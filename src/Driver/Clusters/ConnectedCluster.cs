using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Hosting;
using MicroSpark.Model;
using MicroSpark.Options;
using MicroSpark.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MicroSpark.Driver.Clusters;

/// <summary>A cluster of other processes.</summary>
internal sealed class ConnectedCluster(ClusterConnection connection, MicroSparkOptions options) : ICluster
{
    public IGrainFactory Grains => connection.Grains;

    public IBlockTransport Transport => connection.Transport;

    public ILoggerFactory Logs { get; } = connection.Services.GetRequiredService<ILoggerFactory>();

    public bool SharesMemory => false;

    public int MaxTaskFailures { get; } = EffectiveSettings.MaxTaskFailuresOf(options, embedded: false);

    public TimeSpan Slice { get; } = TimeSpan.FromSeconds(2);

    public async Task<IReadOnlyList<WorkerId>> WorkersAsync(CancellationToken cancellationToken, Silence? silence = null) =>
        (await DescribeAsync(cancellationToken, silence).ConfigureAwait(false)).Select(w => w.Id).ToArray();

    /// <exception cref="ClusterUnavailableException">No worker is alive.</exception>
    public async Task<int> CountSlotsAsync(CancellationToken cancellationToken)
    {
        var workers = await DescribeAsync(cancellationToken).ConfigureAwait(false);
        return workers.Length > 0
            ? workers.Sum(w => w.Slots)
            : throw new ClusterUnavailableException(
                $"Cluster '{options.ClusterId}' has no live worker. Start one with MicroSpark.Silo and try again.");
    }

    /// <summary>A call to a silo that has just died hangs, and is repeated: others answer.</summary>
    private Task<WorkerDescription[]> DescribeAsync(CancellationToken cancellationToken, Silence? silence = null) => Repeat.Async(
        () => Grains.GetGrain<IClusterGrain>(0).WorkersAsync(), connection.Services.GetRequiredService<TimeProvider>(), cancellationToken,
        silence);

    public ValueTask DisposeAsync() => connection.DisposeAsync();
}
