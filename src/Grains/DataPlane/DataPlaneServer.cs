using System.Net;
using MicroSpark.Grains.Security;
using MicroSpark.Options;
using MicroSpark.Storage;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;

namespace MicroSpark.Grains.DataPlane;

/// <summary>
/// One worker's data plane. HTTP/1.1 because it moves twice to three times the bytes of HTTP/2 or of grain calls here
/// (docs/design/grains-and-data-plane.md has the figures).
/// </summary>
internal sealed class DataPlaneServer(WorkerStores stores, RequestProof proofs, AuditLog audit, TimeProvider time, ILoggerFactory loggers,
    TlsFiles? tls = null, IResultOwners? owners = null) : IAsyncDisposable
{
    private readonly KestrelHost _host = new("Silo:DataPort");

    /// <summary>Where it listens; null before it is started.</summary>
    public Uri? Uri => _host.Uri;

    /// <exception cref="InvalidSettingException">The given port is taken.</exception>
    public Task StartAsync(IPAddress address, int port, CancellationToken cancellationToken) => _host.StartAsync(
        address, port, new DataPlaneApplication(stores, proofs, audit, loggers.CreateLogger<DataPlaneApplication>(), owners),
        static limits =>
        {
            limits.MaxRequestBodySize = null;
            limits.MinRequestBodyDataRate = null;
            limits.MinResponseDataRate = null;
        },
        new SocketTransportOptions { MaxWriteBufferSize = MessageWriter.Window }, cancellationToken,
        tls is null ? null : new TlsPort(tls, audit, time, "data port", peers: true).Under);

    /// <summary>Lets streams that are under way end, until the token says stop.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => _host.StopAsync(cancellationToken);

    public ValueTask DisposeAsync() => new(StopAsync(new CancellationToken(canceled: true)));
}
