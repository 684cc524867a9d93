using MicroSpark.DataPlane;
using MicroSpark.Engine;
using MicroSpark.Jobs;
using MicroSpark.Membership;
using MicroSpark.Security;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using Orleans.Hosting;

namespace MicroSpark.Hosting;

/// <summary>Connects this process to a cluster of others.</summary>
internal static class ClusterClientFactory
{
    /// <summary>
    /// A call to a silo that just died hangs for the whole response timeout (Orleans breaks such calls only between silos), so it is
    /// short and callers repeat: every call of the client can be repeated.
    /// </summary>
    public static readonly TimeSpan ResponseTimeout = TimeSpan.FromSeconds(5);

    /// <exception cref="InvalidSettingException">A setting is out of its bound.</exception>
    /// <exception cref="ClusterUnavailableException">The membership database cannot be reached, no worker is alive, or the secret was refused.</exception>
    public static async Task<ClusterConnection> ConnectAsync(
        MicroSparkOptions options, CancellationToken cancellationToken = default, InMemoryMembership? membership = null, ClusterSecret? secret = null,
        Action<IClientBuilder>? customize = null)
    {
        OptionsValidator.Validate(options);
        if (membership is null && options.Membership.IsInMemory)
        {
            throw new InvalidSettingException(
                "Membership:Provider", options.Membership.Provider, "Sqlite, PostgreSql or another AdoNet invariant to connect to a cluster (InMemory is for embedded silos)");
        }

        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ApplicationName = "MicroSpark" });
        builder.Services.AddQuietLogging();
        var patience = new ConnectPatience();
        builder.UseOrleansClient(client =>
        {
            client.Services.AddClusterSecret(secret ?? ClusterSecret.Of(options)).AddSecureClientConnections().AddBlockTransport(shareProcess: false);
            client.Services.AddSingleton(options);
            client.Services.AddSingleton<IClientConnectionRetryFilter>(patience);
            client.AddOutgoingGrainCallFilter<ProofFilter>();
            client.Configure<ClusterOptions>(cluster =>
            {
                cluster.ClusterId = options.ClusterId;
                cluster.ServiceId = MicroSparkConfiguration.Section;
            });
            client.Configure<ClientMessagingOptions>(static messaging => messaging.ResponseTimeout = ResponseTimeout);
            client.UseMembership(options, membership);
            customize?.Invoke(client);
        });
        var host = builder.Build();
        await host.StartAsync(cancellationToken);
        return new ClusterConnection(host);
    }

    private sealed class ConnectPatience : IClientConnectionRetryFilter
    {
        public Task<bool> ShouldRetryConnectionAttempt(Exception exception, CancellationToken cancellationToken) => Task.FromResult(false);
    }
}

/// <summary>A client of a cluster.</summary>
internal sealed class ClusterConnection(IHost host) : IAsyncDisposable
{
    public IServiceProvider Services => host.Services;

    public IClusterClient Grains { get; } = host.Services.GetRequiredService<IClusterClient>();

    public IBlockTransport Transport => Services.GetRequiredService<IBlockTransport>();

    public async ValueTask DisposeAsync()
    {
        await host.StopAsync();
        await ((IAsyncDisposable)host).DisposeAsync();
    }
}
