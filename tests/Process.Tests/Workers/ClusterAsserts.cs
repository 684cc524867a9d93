using MicroSpark.Grains.Hosting;
using MicroSpark.Tests.Infrastructure;
using Orleans.Runtime;

namespace MicroSpark.Tests.Workers;

internal static class ClusterAsserts
{
    /// <summary>The silos that the cluster itself counts as active, seen by a client through a gateway.</summary>
    public static async Task<IReadOnlyCollection<string>> ActiveSilosAsync(MicroSparkOptions options)
    {
        await using var client = await ClusterClientFactory.ConnectAsync(options);
        var hosts = await client.Grains.GetGrain<IManagementGrain>(0).GetHosts(onlyActive: true);
        return [.. hosts.Keys.Select(silo => silo.Endpoint.ToString()).Order(StringComparer.Ordinal)];
    }

    public static async Task StopAllAsync(IEnumerable<SiloProcess> silos)
    {
        foreach (var silo in silos)
        {
            await silo.DisposeAsync();
        }
    }
}
