using System.Net;
using System.Net.Sockets;
using MicroSpark.Options;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace MicroSpark.Grains.DataPlane;

/// <summary>
/// Kestrel with HTTP/1.1 and nothing around it. It logs nothing: its own messages are about its internals, or have addresses in them, and
/// what matters is logged by the application.
/// </summary>
/// <param name="setting">Says which port it listens on.</param>
internal sealed class KestrelHost(string setting)
{
    private KestrelServer? _kestrel;

    /// <summary>Where it listens; null before it is started.</summary>
    public Uri? Uri { get; private set; }

    /// <param name="port">0 for a free one.</param>
    /// <param name="tls">Puts TLS under HTTP; null for none.</param>
    /// <exception cref="InvalidSettingException">The given port is taken.</exception>
    public async Task StartAsync<TContext>(
        IPAddress address, int port, IHttpApplication<TContext> application, Action<KestrelServerLimits> limit,
        SocketTransportOptions sockets, CancellationToken cancellationToken, Func<ConnectionDelegate, ConnectionDelegate>? tls = null)
        where TContext : notnull
    {
        var options = new KestrelServerOptions
        { AddServerHeader = false, ApplicationServices = new ServiceCollection().BuildServiceProvider() };
        limit(options.Limits);
        options.Listen(address, port, listen =>
        {
            listen.Protocols = HttpProtocols.Http1;
            if (tls is not null)
            {
                listen.Use(tls);
            }
        });
        var transport = new SocketTransportFactory(Microsoft.Extensions.Options.Options.Create(sockets), NullLoggerFactory.Instance);
        var kestrel = new KestrelServer(Microsoft.Extensions.Options.Options.Create(options), transport, NullLoggerFactory.Instance);
        try
        {
            await kestrel.StartAsync(application, cancellationToken);
        }
        catch (Exception e)
        {
            kestrel.Dispose();
            if (port != 0 && e is IOException or SocketException)
            {
                throw FreePorts.Taken(address, port, setting, e);
            }

            throw;
        }

        _kestrel = kestrel;
        var bound = new Uri(kestrel.Features.Get<IServerAddressesFeature>()!.Addresses.First());
        Uri = tls is null ? bound : new UriBuilder(bound) { Scheme = Uri.UriSchemeHttps }.Uri;
    }

    /// <summary>Lets requests that are under way end, until the token says stop.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _kestrel, null) is { } kestrel)
        {
            await kestrel.StopAsync(cancellationToken);
            kestrel.Dispose();
        }
    }
}
