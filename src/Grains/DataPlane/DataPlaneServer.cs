using System.Net;
using MicroSpark.Options;
using MicroSpark.Storage;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace MicroSpark.Grains.DataPlane;

/// <summary>
/// One worker's data plane: Kestrel with HTTP/1.1 and nothing around it. HTTP/1.1 because it moves twice to three times the bytes of
/// HTTP/2 or of grain calls here (docs/design/grains-and-data-plane.md has the figures).
/// </summary>
internal sealed class DataPlaneServer(WorkerStores stores, RequestProof proofs, ILoggerFactory loggers) : IAsyncDisposable
{
    private KestrelServer? _kestrel;

    /// <summary>Where it listens; null before it is started.</summary>
    public Uri? Uri { get; private set; }

    /// <exception cref="InvalidSettingException">The given port is taken.</exception>
    public async Task StartAsync(IPAddress address, int port, CancellationToken cancellationToken)
    {
        var options = new KestrelServerOptions
        { AddServerHeader = false, ApplicationServices = new ServiceCollection().BuildServiceProvider() };
        options.Limits.MaxRequestBodySize = null;
        options.Limits.MinRequestBodyDataRate = null;
        options.Limits.MinResponseDataRate = null;
        options.Listen(address, port, static listen => listen.Protocols = HttpProtocols.Http1);

        // Kestrel's own messages are about its internals; what matters here is logged by the application.
        var transport = new SocketTransportFactory(
            Microsoft.Extensions.Options.Options.Create(new SocketTransportOptions { MaxWriteBufferSize = MessageWriter.Window }),
            NullLoggerFactory.Instance);
        var kestrel = new KestrelServer(Microsoft.Extensions.Options.Options.Create(options), transport, NullLoggerFactory.Instance);
        try
        {
            await kestrel.StartAsync(
                new DataPlaneApplication(stores, proofs, loggers.CreateLogger<DataPlaneApplication>()), cancellationToken);
        }
        catch (Exception e) when (port != 0 && e is IOException or System.Net.Sockets.SocketException)
        {
            kestrel.Dispose();
            throw FreePorts.Taken(address, port, "Silo:DataPort", e);
        }

        _kestrel = kestrel;
        Uri = new Uri(kestrel.Features.Get<IServerAddressesFeature>()!.Addresses.First());
    }

    /// <summary>Lets streams that are under way end, until the token says stop.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _kestrel, null) is { } kestrel)
        {
            await kestrel.StopAsync(cancellationToken);
            kestrel.Dispose();
        }
    }

    public ValueTask DisposeAsync() => new(StopAsync(new CancellationToken(canceled: true)));
}
