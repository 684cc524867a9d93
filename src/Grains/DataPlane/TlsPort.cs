using System.Security.Authentication;
using MicroSpark.Grains.Security;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace MicroSpark.Grains.DataPlane;

/// <summary>
/// Opens TLS under Kestrel's HTTP. At a port for peers it lets in workers, and clients with a certificate where the settings ask for one;
/// at one for browsers everybody, who is asked for no certificate.
/// </summary>
/// <param name="door">For the audit.</param>
/// <param name="peers">Whether only peers may come in.</param>
internal sealed class TlsPort(TlsFiles tls, AuditLog audit, TimeProvider time, string door, bool peers)
{
    private readonly HalfOpen _open = new();

    /// <summary>As Kestrel takes it.</summary>
    public ConnectionDelegate Under(ConnectionDelegate next) => connection => RunAsync(connection, next);

    private async Task RunAsync(ConnectionContext connection, ConnectionDelegate next)
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
            audit.Refused(connection.RemoteEndPoint, door, many);
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

            inside = await TlsTransport.AnswerAsync(connection.Transport, tls, either.Token, ask: peers);
            if (!peers)
            {
                // By this Kestrel knows that requests are https.
                connection.Features.Set<ITlsConnectionFeature>(new TlsConnectionFeature());
                return inside;
            }

            var problem = tls.ProblemOfCaller(inside.Peer, inside.Sent, out var limit);
            if (problem is null)
            {
                // Each request of the connection is told; what its secret lets it do goes no further than this.
                connection.Features.Set(limit);
                return inside;
            }

            audit.Refused(connection.RemoteEndPoint, door, problem);
        }
        catch (Exception e) when (e is AuthenticationException or IOException or OperationCanceledException)
        {
            audit.Refused(connection.RemoteEndPoint, door, $"TLS was not agreed: {e.Message.TrimEnd('.')}");
        }

        if (inside is not null)
        {
            await inside.DisposeAsync();
        }

        return null;
    }
}
