using System.Security.Authentication;
using MicroSpark.Grains.Security;
using Microsoft.AspNetCore.Connections;

namespace MicroSpark.Grains.DataPlane;

/// <summary>Opens TLS under Kestrel's HTTP, and lets in workers, and clients with a certificate where the settings ask for one.</summary>
internal sealed class TlsPort(TlsFiles tls, AuditLog audit, TimeProvider time)
{
    private const string Door = "data port";

    private readonly HalfOpen _open = new();

    public async Task RunAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        if (await OpenAsync(connection) is not { } inside)
        {
            connection.Abort();
            return;
        }

        var bare = connection.Transport;
        connection.Transport = inside;
        try
        {
            await next(connection);
        }
        finally
        {
            connection.Transport = bare;
            await inside.DisposeAsync();
        }
    }

    /// <summary>Null when the peer was refused.</summary>
    private async Task<TlsTransport?> OpenAsync(ConnectionContext connection)
    {
        if (_open.Enter(connection.RemoteEndPoint) is { } many)
        {
            audit.Refused(connection.RemoteEndPoint, Door, many);
            return null;
        }

        try
        {
            return await ShakeAsync(connection);
        }
        finally
        {
            _open.Leave(connection.RemoteEndPoint);
        }
    }

    private async Task<TlsTransport?> ShakeAsync(ConnectionContext connection)
    {
        using var patience = new CancellationTokenSource(HandshakeMiddleware.Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, connection.ConnectionClosed);
        TlsTransport? inside = null;
        try
        {
            if (!await TlsTransport.HasBegunAsync(connection.Transport, either.Token))
            {
                return null;
            }

            inside = await TlsTransport.AnswerAsync(connection.Transport, tls, either.Token);
            var problem = tls.ProblemOfCaller(inside.Peer, inside.Sent, out var limit);
            if (problem is null)
            {
                // Each request of the connection is told; what its secret lets it do goes no further than this.
                connection.Features.Set(limit);
                return inside;
            }

            audit.Refused(connection.RemoteEndPoint, Door, problem);
        }
        catch (Exception e) when (e is AuthenticationException or IOException or OperationCanceledException)
        {
            audit.Refused(connection.RemoteEndPoint, Door, $"TLS was not agreed: {e.Message.TrimEnd('.')}");
        }

        if (inside is not null)
        {
            await inside.DisposeAsync();
        }

        return null;
    }
}
