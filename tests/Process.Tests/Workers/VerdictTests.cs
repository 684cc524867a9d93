using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.Hosting;
using MicroSpark.Tests.Infrastructure;
using Orleans.Runtime;

namespace MicroSpark.Tests.Workers;

/// <summary>A worker that the others gave up while it could not answer.</summary>
public sealed class VerdictTests
{
    /// <summary>It ended with 134 and 30 KB of Orleans' stacks.</summary>
    [Fact]
    public async Task A_worker_that_was_declared_dead_says_so_and_exits_with_1()
    {
        using var database = new SqliteDatabase();
        var silos = await SiloProcess.StartAsync(3, database.Settings);
        try
        {
            await using var observer = await ClusterClientFactory.ConnectAsync(database.Options(), CancellationToken.None);
            silos[1].Freeze();
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(90));
            while (!await IsDeadAsync(observer, silos[1].SiloPort))
            {
                patience.Token.ThrowIfCancellationRequested();
            }

            silos[1].Thaw();
            Assert.Equal(1, await silos[1].WaitForExitAsync());
            Assert.Contains("The other workers have declared this one dead", silos[1].Errors, StringComparison.Ordinal);
            Assert.True(silos[1].Errors.Length < 4000, silos[1].Errors);
        }
        finally
        {
            foreach (var silo in silos)
            {
                await silo.DisposeAsync();
            }
        }
    }

    private static async Task<bool> IsDeadAsync(ClusterConnection observer, int port)
    {
        try
        {
            var hosts = await observer.Grains.GetGrain<IManagementGrain>(0).GetHosts();
            return hosts.Any(host => host.Key.Endpoint.Port == port && host.Value == SiloStatus.Dead);
        }
        catch (Exception e) when (CallErrors.IsTransient(e) || e is OperationCanceledException)
        {
            // Whoever would answer, or place the grain that would, is the one that is frozen.
            return false;
        }
    }
}
