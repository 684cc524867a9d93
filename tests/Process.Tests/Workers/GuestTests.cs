using System.Net;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.DataPlane;
using MicroSpark.Grains.Hosting;
using MicroSpark.Grains.Membership;
using MicroSpark.Tests.Infrastructure;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;

namespace MicroSpark.Tests.Workers;

/// <summary>A silo of somebody else's application becomes a worker with one call.</summary>
public sealed class GuestTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_finds_the_worker_whether_the_host_secures_its_connections_or_not(bool secured)
    {
        using var database = new SqliteDatabase();
        using var host = await StartAsync(database, secured);
        var options = Options(database);
        options.AllowPlainHost = !secured;

        await using var client = await ClusterClientFactory.ConnectAsync(options);

        var silo = Assert.Single(await client.Grains.GetGrain<IManagementGrain>(0).GetHosts(onlyActive: true)).Key;
        var description = await client.Grains.GetGrain<IWorkerGrain>(silo.ToParsableString()).DescribeAsync();
        Assert.StartsWith("http://127.0.0.1:", description.DataAddress, StringComparison.Ordinal);
        await host.StopAsync();
    }

    /// <summary>Else whoever takes over a gateway's address has a client without handshakes as soon as he stays silent.</summary>
    [Fact]
    public async Task A_client_does_not_talk_to_a_host_that_proves_nothing_unless_it_was_told_to()
    {
        using var database = new SqliteDatabase();
        using var host = await StartAsync(database, secured: false);

        var error = await Assert.ThrowsAsync<ClusterUnavailableException>(() => ClusterClientFactory.ConnectAsync(Options(database)));

        Assert.Contains("MicroSpark:AllowPlainHost", error.Message, StringComparison.Ordinal);
        await host.StopAsync();
    }

    [Fact]
    public async Task Whoever_is_let_in_by_the_host_but_lacks_the_secret_cannot_use_the_worker()
    {
        using var database = new SqliteDatabase();
        using var host = await StartAsync(database, secured: false);
        var options = Options(database);
        options.Secret = TestSecret.Another;
        options.AllowPlainHost = true;

        await using var client = await ClusterClientFactory.ConnectAsync(options);

        var silo = Assert.Single(await client.Grains.GetGrain<IManagementGrain>(0).GetHosts(onlyActive: true)).Key;
        var error = await Assert.ThrowsAsync<UnauthorizedAccessException>(() => client.Grains.GetGrain<IWorkerGrain>(silo.ToParsableString()).DescribeAsync());
        Assert.Contains("MicroSpark:Secret", error.Message, StringComparison.Ordinal);
        await host.StopAsync();
    }

    [Fact]
    public void Twice_on_one_silo_is_a_mistake()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.UseOrleans(silo =>
        {
            silo.AddMicroSpark(o => o.Secret = TestSecret.One);
            Assert.Throws<InvalidOperationException>(() => silo.AddMicroSpark(o => o.Secret = TestSecret.One));
        });
    }

    private static MicroSparkOptions Options(SqliteDatabase database)
    {
        var options = database.Options();
        options.ClusterId = "theirs";
        options.Secret = TestSecret.One;
        return options;
    }

    private static async Task<IHost> StartAsync(SqliteDatabase database, bool secured)
    {
        await MembershipSchema.EnsureAsync(Options(database).Membership, create: true, TimeProvider.System, default);
        var ports = FreePorts.Find(IPAddress.Loopback, 2);
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection([new("MicroSpark:Secret", TestSecret.One), new("MicroSpark:Slots", "2")]);
        builder.UseOrleans(silo =>
        {
            silo.UseAdoNetClustering(ado => (ado.Invariant, ado.ConnectionString) = ("System.Data.SQLite", database.ConnectionString));
            silo.Configure<ClusterOptions>(cluster => (cluster.ClusterId, cluster.ServiceId) = ("theirs", "shop"));
            silo.Configure<EndpointOptions>(e => (e.AdvertisedIPAddress, e.SiloPort, e.GatewayPort) = (IPAddress.Loopback, ports[0], ports[1]));
            silo.AddMicroSpark(o => o.Slots = 1);
            if (secured)
            {
                silo.UseMicroSparkConnectionSecurity();
            }
        });
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }
}
