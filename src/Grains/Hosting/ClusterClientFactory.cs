using MicroSpark.Errors;
using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.DataPlane;
using MicroSpark.Grains.Membership;
using MicroSpark.Grains.Security;
using MicroSpark.Options;
using MicroSpark.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Hosting;

namespace MicroSpark.Grains.Hosting;

/// <summary>Connects this process to a cluster of others.</summary>
internal static class ClusterClientFactory
{
    /// <summary>
    /// A call to a silo that just died hangs for the whole response timeout, because Orleans breaks such calls only between silos. So the
    /// timeout is short and callers repeat: every call of the client can be repeated. Most need not wait for it: see
    /// <see cref="LostGatewayFilter"/>.
    /// </summary>
    public static readonly TimeSpan ResponseTimeout = TimeSpan.FromSeconds(5);

    /// <param name="logs">The program's own log; null for standard error.</param>
    /// <exception cref="InvalidSettingException">A setting is out of its bound.</exception>
    /// <exception cref="ClusterUnavailableException">The membership database cannot be reached, no worker is alive, or the secret was
    /// refused.</exception>
    public static async Task<ClusterConnection> ConnectAsync(
        MicroSparkOptions options, CancellationToken cancellationToken = default, InMemoryMembership? membership = null,
        ClusterSecret? secret = null,
        Action<IClientBuilder>? customize = null, ILoggerFactory? logs = null)
    {
        OptionsValidator.Validate(options);
        if (membership is null && options.Membership.IsInMemory)
        {
            throw new InvalidSettingException(
                "Membership:Provider", options.Membership.Provider,
                "Sqlite, PostgreSql or another AdoNet invariant to connect to a cluster (InMemory is for embedded silos)");
        }

        if (membership is null)
        {
            await MembershipSchema.EnsureAsync(options.Membership, create: false, TimeProvider.System, cancellationToken);
        }

        var host = Build(options, membership, secret ?? ClusterSecret.Of(options), customize, logs);
        var handshakes = host.Services.GetRequiredService<HandshakeLog>();
        try
        {
            await handshakes.GuardAsync(host.StartAsync, TimeProvider.System, cancellationToken);
            return new ClusterConnection(host);
        }
        catch (Exception e)
        {
            var refusal = handshakes.LastRefusal;
            await SiloHostFactory.DropAsync(host);
            throw e switch
            {
                ClusterUnavailableException => e,
                OperationCanceledException when cancellationToken.IsCancellationRequested => e,
                _ when MembershipErrors.Find(e) is { } database => MembershipErrors.Explain(options.Membership, database),
                _ when refusal is not null && !handshakes.Accepted => new ClusterUnavailableException(
                    $"No connection to the silo at {refusal.Peer}: {refusal.Reason}. {refusal.WayOut}", e),
                _ => new ClusterUnavailableException(
                    $"No worker of cluster \"{options.ClusterId}\" "
                    + $"answers{(membership is null ? $"; looked in {MembershipConnection.Describe(options.Membership)}" : "")}: "
                    + $"{e.Message} Start a worker with the same MicroSpark:ClusterId and MicroSpark:Membership.", e),
            };
        }
    }

    private static IHost Build(
        MicroSparkOptions options, InMemoryMembership? membership, ClusterSecret secret, Action<IClientBuilder>? customize,
        ILoggerFactory? logs)
    {
        var tls = options.Tls.Enabled ? new TlsFiles(options, PeerCertificate.ClientRole) : null;
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ApplicationName = "MicroSpark" });
        builder.Services.AddSingleton<IHostLifetime, CallerLifetime>();
        builder.Services.AddQuietLogging(logs);
        builder.UseOrleansClient(client =>
        {
            client.Services.AddClusterSecret(secret, Caller.OfProcess, tls)
                .AddSecureClientConnections(options.AllowPlainHost && tls is null)
                .AddBlockTransport(shareProcess: false, ResponseTimeout);
            client.Services.AddSingleton<IDataPlaneDirectory, WorkerAddresses>();
            client.Services.AddSingleton(options);
            client.Services.AddSingleton<IClientConnectionRetryFilter, ConnectPatience>();
            client.Services.AddSingleton<LostGateways>();
            client.Services.AddSingleton<IClusterConnectionStatusObserver>(static sp => sp.GetRequiredService<LostGateways>());
            client.AddOutgoingGrainCallFilter<LostGatewayFilter>();
            client.AddOutgoingGrainCallFilter<ProofFilter>();
            client.AddOutgoingGrainCallFilter<CallerFilter>();
            client.Configure<ClusterOptions>(cluster =>
            {
                cluster.ClusterId = options.ClusterId;
                cluster.ServiceId = MicroSparkConfiguration.Section;
            });
            client.Configure<ClientMessagingOptions>(static messaging => messaging.ResponseTimeout = ResponseTimeout);
            client.UseMembership(options, membership);
            customize?.Invoke(client);
        });
        return builder.Build();
    }

    /// <summary>Workers may be starting at this very moment; past this they count as absent.</summary>
    private sealed class ConnectPatience(HandshakeLog handshakes, TimeProvider time) : IClientConnectionRetryFilter
    {
        private static readonly Patience s_patience = new(TimeSpan.FromMilliseconds(250)) { Limit = TimeSpan.FromSeconds(8) };
        private readonly Patience.Trial _trial = s_patience.Begin(time);

        public async Task<bool> ShouldRetryConnectionAttempt(Exception exception, CancellationToken cancellationToken)
        {
            var refused = handshakes.FirstRefusal.IsCompleted && !handshakes.Accepted;
            if (refused || MembershipErrors.Find(exception) is not null || !_trial.Failed())
            {
                return false;
            }

            await _trial.PauseAsync(cancellationToken);
            return true;
        }
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
