using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace MicroSpark.Grains.Security;

/// <summary>Puts the handshake on every Orleans connection of a silo or of a client.</summary>
internal static class ConnectionSecurity
{
    public static IServiceCollection AddSecureSiloConnections(this IServiceCollection services)
    {
        AddHandshake(services);
        services.TryAddSingleton<GatewayGate>();
        services.AddSingleton<IConfigureOptions<SiloConnectionOptions>>(static sp => new ConfigureOptions<SiloConnectionOptions>(options =>
        {
            options.ConfigureSiloInboundConnection(b => b.UseMiddleware(Middleware(sp).Inbound(Door.Silo)));
            options.ConfigureSiloOutboundConnection(b => b.UseMiddleware(Middleware(sp).Outbound(Door.Silo)));
            options.ConfigureGatewayInboundConnection(b => b.UseMiddleware(Middleware(sp).Inbound(Door.Gateway)));
        }));
        return services;
    }

    /// <param name="acceptPlain">Whether the cluster may be of a host that has not opted in to secured connections
    /// (<see cref="MicroSparkOptions.AllowPlainHost"/>).</param>
    public static IServiceCollection AddSecureClientConnections(this IServiceCollection services, bool acceptPlain)
    {
        AddHandshake(services);
        if (acceptPlain)
        {
            services.TryAddSingleton<PlainPeers>();
        }

        services.AddSingleton<IConfigureOptions<ClientConnectionOptions>>(
            static sp => new ConfigureOptions<ClientConnectionOptions>(options =>
            options.ConfigureConnection(b => b.UseMiddleware(Middleware(sp).Outbound(Door.Gateway)))));
        return services;
    }

    private static HandshakeMiddleware Middleware(IServiceProvider services) => services.GetRequiredService<HandshakeMiddleware>();

    private static void AddHandshake(IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(static sp => new AuditLog(
            sp.GetRequiredService<ILoggerFactory>(), sp.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton<HandshakeLog>();
        services.TryAddSingleton<Handshake>();
        services.TryAddSingleton<HandshakeMiddleware>();
    }
}
