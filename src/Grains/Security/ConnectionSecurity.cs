using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace MicroSpark.Security;

/// <summary>Puts the handshake on every Orleans connection of a silo or of a client.</summary>
internal static class ConnectionSecurity
{
    public static IServiceCollection AddSecureSiloConnections(this IServiceCollection services)
    {
        AddHandshake(services);
        services.AddSingleton<IConfigureOptions<SiloConnectionOptions>>(static sp => new ConfigureOptions<SiloConnectionOptions>(options =>
        {
            options.ConfigureSiloInboundConnection(b => b.UseMiddleware(sp.GetRequiredService<HandshakeMiddleware>().Inbound));
            options.ConfigureSiloOutboundConnection(b => b.UseMiddleware(sp.GetRequiredService<HandshakeMiddleware>().Outbound));
            options.ConfigureGatewayInboundConnection(b => b.UseMiddleware(sp.GetRequiredService<HandshakeMiddleware>().Inbound));
        }));
        return services;
    }

    public static IServiceCollection AddSecureClientConnections(this IServiceCollection services)
    {
        AddHandshake(services);
        services.AddSingleton<IConfigureOptions<ClientConnectionOptions>>(static sp => new ConfigureOptions<ClientConnectionOptions>(options =>
            options.ConfigureConnection(b => b.UseMiddleware(sp.GetRequiredService<HandshakeMiddleware>().Outbound))));
        return services;
    }

    private static void AddHandshake(IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<HandshakeLog>();
        services.TryAddSingleton<Handshake>();
        services.TryAddSingleton<HandshakeMiddleware>();
    }
}
