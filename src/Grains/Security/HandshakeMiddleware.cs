using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Orleans.Runtime.Messaging;

namespace MicroSpark.Grains.Security;

/// <summary>Runs the <see cref="Handshake"/> in front of Orleans' protocol and drops the connection when it fails.</summary>
internal sealed partial class HandshakeMiddleware(
    Handshake handshake, HandshakeLog log, ILogger<HandshakeMiddleware> logger, TimeProvider time, PlainPeers? plain = null)
{
    /// <summary>Longer than any honest peer needs, short enough that idle strangers do not pile up.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public IConnectionMiddleware Outbound => new Side(this, outbound: true);

    public IConnectionMiddleware Inbound => new Side(this, outbound: false);

    private async Task RunAsync(ConnectionContext connection, ConnectionDelegate next, bool outbound)
    {
        if (outbound && plain?.Accepts(connection.RemoteEndPoint) == true)
        {
            await next(connection);
            return;
        }

        string? problem;
        using (var patience = new CancellationTokenSource(Patience, time))
        using (var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, connection.ConnectionClosed))
        {
            try
            {
                problem = outbound
                    ? await handshake.CallAsync(connection, either.Token)
                    : await handshake.AnswerAsync(connection, either.Token);
            }
            catch (OperationCanceledException) when (patience.IsCancellationRequested)
            {
                problem = $"the peer did not finish the handshake in {Patience.TotalSeconds:0} s";
            }
        }

        if (problem is null)
        {
            if (outbound)
            {
                log.Accept();
            }

            await next(connection);
            return;
        }

        if (outbound && problem == Handshake.NoAnswer && plain?.Learn(connection.RemoteEndPoint, log) == true)
        {
            // Orleans connects again in a moment, then without the handshake.
            throw new ConnectionAbortedException($"{connection.RemoteEndPoint} runs without MicroSpark's connection security.");
        }

        log.Add(new Refusal(outbound, connection.RemoteEndPoint, problem));
        LogRefused(logger, outbound ? "to" : "from", connection.RemoteEndPoint?.ToString(), problem);
        connection.Abort(new ConnectionAbortedException(problem));
        throw new ConnectionAbortedException($"Connection {(outbound ? "to" : "from")} {connection.RemoteEndPoint} dropped: {problem}.");
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Connection {Direction} {Peer} dropped: {Problem}. All processes of a cluster "
        + "need the same MicroSpark:Secret or MicroSpark:SecretFile.")]
    private static partial void LogRefused(ILogger logger, string direction, string? peer, string problem);

    private sealed class Side(HandshakeMiddleware owner, bool outbound) : IConnectionMiddleware
    {
        public Task OnConnectionAsync(ConnectionContext context, ConnectionDelegate next) => owner.RunAsync(context, next, outbound);
    }
}
