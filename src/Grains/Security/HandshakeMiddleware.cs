using System.Security.Authentication;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using Orleans.Runtime.Messaging;

namespace MicroSpark.Grains.Security;

/// <summary>
/// Runs the <see cref="Handshake"/> in front of Orleans' protocol, drops the connection when it fails, and seals all that follows. Where
/// the settings name certificates, all of it runs inside TLS, and TLS seals.
/// </summary>
/// <param name="silo">Null on a client, which nobody calls.</param>
/// <param name="tls">Null without certificates.</param>
/// <param name="gate">For clients that may not do everything; null on a client.</param>
internal sealed partial class HandshakeMiddleware(
    Handshake handshake, HandshakeLog log, ILogger<HandshakeMiddleware> logger, TimeProvider time, AuditLog audit,
    PlainPeers? plain = null, ILocalSiloDetails? silo = null, TlsFiles? tls = null, GatewayGate? gate = null)
{
    /// <summary>Longer than any honest peer needs, short enough that idle strangers do not pile up.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly HalfOpen _atSilo = new();
    private readonly HalfOpen _atGateway = new();

    public IConnectionMiddleware Outbound(Door door) => new Side(this, door, outbound: true);

    public IConnectionMiddleware Inbound(Door door) => new Side(this, door, outbound: false);

    private async Task RunAsync(ConnectionContext connection, ConnectionDelegate next, Door door, bool outbound)
    {
        if (outbound && !log.Accepted && plain?.Accepts(connection.RemoteEndPoint) == true)
        {
            await next(connection);
            return;
        }

        var bare = connection.Transport;
        TlsTransport? inside = null;
        try
        {
            var result = await BeginAsync(connection, door, outbound, opened => connection.Transport = inside = opened);
            if (result.Keys is { } keys)
            {
                if (outbound)
                {
                    log.Accept();
                }

                var pass = Passing(next, result.Caller);
                await (inside is null ? SealAsync(connection, pass, keys, door, outbound) : pass(connection));
                return;
            }

            Refuse(connection, result, door, outbound);
        }
        finally
        {
            connection.Transport = bare;
            if (inside is not null)
            {
                await inside.DisposeAsync();
            }
        }
    }

    /// <summary>Nobody looks at what a worker sends, or a client that may do everything.</summary>
    private ConnectionDelegate Passing(ConnectionDelegate next, Principal? caller) =>
        caller is null or { MayAll: true } ? next : connection => gate!.RunAsync(connection, next, caller);

    private async Task SealAsync(ConnectionContext connection, ConnectionDelegate next, SessionKeys keys, Door door, bool outbound)
    {
        var (write, read) = outbound ? (keys.CallerKey, keys.AnswererKey) : (keys.AnswererKey, keys.CallerKey);
        var bare = connection.Transport;
        using var transport = new SealedTransport(bare, write, read, () => audit.Refused(
            connection.RemoteEndPoint, NameOf(door),
            "bytes are not what the peer sent: somebody between changes, repeats or leaves them out"));
        connection.Transport = transport;
        try
        {
            await next(connection);
        }
        finally
        {
            connection.Transport = bare;
        }
    }

    /// <summary>Turns away callers of whom too many have begun and not ended.</summary>
    private async Task<HandshakeResult> BeginAsync(ConnectionContext connection, Door door, bool outbound, Action<TlsTransport> opened)
    {
        if (outbound)
        {
            return await ShakeAsync(connection, door, outbound, opened);
        }

        var open = door == Door.Silo ? _atSilo : _atGateway;
        if (open.Enter(connection.RemoteEndPoint) is { } problem)
        {
            if (tls is null)
            {
                // Who calls honestly comes again. Inside TLS there is no saying it yet.
                using var patience = new CancellationTokenSource(Patience, time);
                await Handshake.BusyAsync(connection, patience.Token);
            }

            return HandshakeResult.Refused(HandshakeEnd.Unfinished, problem);
        }

        try
        {
            return await ShakeAsync(connection, door, outbound, opened);
        }
        finally
        {
            open.Leave(connection.RemoteEndPoint);
        }
    }

    private async Task<HandshakeResult> ShakeAsync(ConnectionContext connection, Door door, bool outbound, Action<TlsTransport> opened)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, connection.ConnectionClosed);
        try
        {
            if (tls is not null && !outbound && !await TlsTransport.HasBegunAsync(connection.Transport, either.Token))
            {
                return HandshakeResult.Refused(HandshakeEnd.Left, "the peer hung up before it said anything");
            }

            var inside = tls is null ? null : await OpenAsync(connection, outbound, either.Token);
            if (inside is not null)
            {
                opened(inside);
            }

            var binding = inside?.BindingOf(outbound) ?? [];
            if (outbound)
            {
                return await handshake.CallAsync(connection, Callee.Of(door, connection.RemoteEndPoint), binding, either.Token);
            }

            var limit = default(Principal);
            if (inside is not null && StrangerAt(door, inside, out limit) is { } problem)
            {
                return await Handshake.TurnAwayAsync(connection, problem, either.Token);
            }

            var answer = await handshake.AnswerAsync(
                connection, Self(door), silo!.SiloAddress.ToParsableString(), binding, either.Token);
            return answer with { Caller = answer.Caller?.LimitedTo(limit) };
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            return HandshakeResult.Refused(
                HandshakeEnd.Unfinished, $"the peer did not finish the handshake in {Patience.TotalSeconds:0} s; it is slow or stuck");
        }
        catch (AuthenticationException e)
        {
            return HandshakeResult.Refused(HandshakeEnd.Certificate, $"TLS was not agreed: {e.Message.TrimEnd('.')}");
        }
        catch (IOException) when (tls is not null)
        {
            return HandshakeResult.Refused(
                HandshakeEnd.NotSecured, "the peer hung up at TLS; it runs without MicroSpark:Tls, or does not accept this certificate");
        }
    }

    private Task<TlsTransport> OpenAsync(ConnectionContext connection, bool outbound, CancellationToken cancellationToken) => outbound
        ? TlsTransport.CallAsync(connection.Transport, tls!, cancellationToken)
        : TlsTransport.AnswerAsync(connection.Transport, tls!, cancellationToken);

    /// <summary>
    /// Only workers come in at the silo's port; at the gateway clients too, with a certificate where the settings ask for one.
    /// </summary>
    private string? StrangerAt(Door door, TlsTransport inside, out Principal? limit)
    {
        limit = null;
        return door == Door.Silo
            ? tls!.ProblemOf(inside.Peer, inside.Sent, required: true, PeerCertificate.WorkerRole)
            : tls!.ProblemOfCaller(inside.Peer, inside.Sent, out limit);
    }

    private void Refuse(ConnectionContext connection, HandshakeResult result, Door door, bool outbound)
    {
        if (outbound && result.End == HandshakeEnd.NotSecured && plain?.Learn(connection.RemoteEndPoint, log) == true)
        {
            // Orleans connects again in a moment, then without the handshake.
            throw new ConnectionAbortedException($"{connection.RemoteEndPoint} runs without MicroSpark's connection security.");
        }

        var problem = result.Problem!;
        log.Add(new Refusal(outbound, connection.RemoteEndPoint, result.End, problem));
        if (outbound)
        {
            LogRefused(logger, connection.RemoteEndPoint?.ToString(), problem);
            connection.Abort(new ConnectionAbortedException(problem));
        }
        else if (result.End != HandshakeEnd.Left)
        {
            audit.Refused(connection.RemoteEndPoint, NameOf(door), problem);
        }

        // Not aborted here: the words to a caller may still be on their way out, and an abort takes them back. Orleans disposes the
        // connection, which sends them first.
        throw new ConnectionAbortedException($"Connection {(outbound ? "to" : "from")} {connection.RemoteEndPoint} dropped: {problem}.");
    }

    private static string NameOf(Door door) => door == Door.Silo ? "silo port" : "gateway";

    /// <summary>The address that others know, which may differ from the one that the silo listens on.</summary>
    private Callee Self(Door door) => Callee.Of(door, (door == Door.Silo ? silo!.SiloAddress : silo!.GatewayAddress)?.Endpoint);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Connection to {Peer} dropped: {Problem}. All processes of a cluster need the "
        + "same MicroSpark:Secret or MicroSpark:SecretFile.")]
    private static partial void LogRefused(ILogger logger, string? peer, string problem);

    private sealed class Side(HandshakeMiddleware owner, Door door, bool outbound) : IConnectionMiddleware
    {
        public Task OnConnectionAsync(ConnectionContext context, ConnectionDelegate next) => owner.RunAsync(context, next, door, outbound);
    }
}
