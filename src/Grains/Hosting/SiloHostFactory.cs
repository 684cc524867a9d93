using System.Net;
using MicroSpark.Errors;
using MicroSpark.Grains.DataPlane;
using MicroSpark.Grains.Membership;
using MicroSpark.Grains.Security;
using MicroSpark.Options;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;

namespace MicroSpark.Grains.Hosting;

/// <summary>Builds and starts silos whose whole host is MicroSpark's.</summary>
internal static class SiloHostFactory
{
    /// <summary>Addresses of grains that a silo remembers: far more than there are grains at work at once.</summary>
    private const int Addresses = 1 << 14;

    /// <summary>A port found free can be taken before Orleans binds it; that often in a row means something else is wrong.</summary>
    private static readonly Patience s_patience = new(TimeSpan.Zero) { Tries = 10 };

    /// <summary>Starts one silo and returns when it is an active member.</summary>
    /// <param name="customize">Last changes of the silo, for tests.</param>
    /// <exception cref="InvalidSettingException">A setting is out of its bound, or a given port is taken.</exception>
    /// <exception cref="ClusterUnavailableException">The membership database cannot be reached, or the cluster refuses the
    /// secret.</exception>
    public static async Task<SiloHandle> StartAsync(
        MicroSparkOptions options, SiloMode mode, CancellationToken cancellationToken = default, Action<ISiloBuilder>? customize = null)
    {
        OptionsValidator.Validate(options);
        var address = IPAddress.Parse(options.Silo.Address);
        FreePorts.RequireFree(address, options.Silo.Port, "Silo:Port");
        FreePorts.RequireFree(address, options.Silo.GatewayPort, "Silo:GatewayPort");
        FreePorts.RequireFree(address, options.Silo.DataPort, "Silo:DataPort");
        FreePorts.RequireFree(IPAddress.Loopback, mode.PagePort(options) ?? 0, "Silo:UiPort");
        if (!mode.Embedded)
        {
            await MembershipSchema.EnsureAsync(options.Membership, create: true, TimeProvider.System, cancellationToken);
        }

        var findsPorts = options.Silo.Port == 0 || (mode.Gateway && options.Silo.GatewayPort == 0);
        try
        {
            return await s_patience.RunAsync(
                () => StartOnceAsync(options, mode, address, customize, cancellationToken), e => findsPorts && FreePorts.IsTaken(e),
                TimeProvider.System, cancellationToken);
        }
        catch (Exception e) when (MembershipErrors.Find(e) is { } database)
        {
            throw MembershipErrors.Explain(options.Membership, database);
        }
    }

    private static async Task<SiloHandle> StartOnceAsync(
        MicroSparkOptions options, SiloMode mode, IPAddress address, Action<ISiloBuilder>? customize, CancellationToken cancellationToken)
    {
        var free = FreePorts.Find(address, 2);
        var silo = options.Silo.Port == 0 ? free[0] : options.Silo.Port;
        var gateway = !mode.Gateway ? 0 : options.Silo.GatewayPort == 0 ? free[1] : options.Silo.GatewayPort;
        var host = Build(options, mode, new IPEndPoint(address, silo), gateway, customize);
        try
        {
            await host.Services.GetRequiredService<HandshakeLog>().GuardAsync(host.StartAsync, TimeProvider.System, cancellationToken);
            return new SiloHandle(host, mode);
        }
        catch
        {
            await DropAsync(host);
            throw;
        }
    }

    private static IHost Build(
        MicroSparkOptions options, SiloMode mode, IPEndPoint endpoint, int gatewayPort, Action<ISiloBuilder>? customize)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ApplicationName = "MicroSpark" });
        builder.Services.AddSingleton<IHostLifetime, CallerLifetime>();
        builder.Services.AddQuietLogging(mode.Logs);
        if (!mode.Embedded)
        {
            builder.Services.AddSingleton<FatalErrors>();
        }

        builder.Services.Configure<HostOptions>(static host => host.ShutdownTimeout = TimeSpan.FromSeconds(20));
        builder.UseOrleans(silo =>
        {
            silo.AddWorker(options, mode);
            silo.Services.AddSecureSiloConnections();
            silo.Configure<ClusterOptions>(cluster =>
            {
                cluster.ClusterId = options.ClusterId;
                cluster.ServiceId = MicroSparkConfiguration.Section;
            });
            silo.Configure<EndpointOptions>(endpoints =>
            {
                endpoints.AdvertisedIPAddress = endpoint.Address;
                endpoints.SiloPort = endpoint.Port;
                endpoints.GatewayPort = gatewayPort;
            });

            // Each job has grains of its own, and leaves an address of each of them in this cache: by default a million, or 200 MB.
            silo.Configure<GrainDirectoryOptions>(static directory => directory.CacheSize = Addresses);
            silo.UseMembership(options, mode);
            if (!mode.Embedded)
            {
                silo.Services.AddSingleton<IFatalErrorHandler>(static services => services.GetRequiredService<FatalErrors>());
            }

            customize?.Invoke(silo);
        });
        return builder.Build();
    }

    public static async Task DropAsync(IHost host)
    {
        try
        {
            await host.StopAsync(new CancellationToken(canceled: true));
        }
        catch (Exception e) when (e is OperationCanceledException or InvalidOperationException or AggregateException
            or ArgumentNullException)
        {
            // It never started: what there is to stop has already failed, and that failure is the one to report. A host whose services
            // could not be made has no list of them, and says so by the last of these.
        }

        await ((IAsyncDisposable)host).DisposeAsync();
    }
}
