using System.Security.Cryptography;
using Microsoft.AspNetCore.Connections;
using Orleans.Runtime.Messaging;

namespace MicroSpark.Grains.Security;

/// <summary>
/// Both ends of a connection prove that they know the cluster's secret before a byte of Orleans' own protocol flows.
/// <code>
/// caller                                   answerer
///   Hello   nonceC                    ->
///                                     &lt;-   Challenge  nonceA, H("answer", nonceC, nonceA)
///   Proof   H("call", nonceC, nonceA) ->
///                                     &lt;-   Accept
/// </code>
/// Each side picks a nonce, so an old conversation cannot be played again, and the two proofs have different labels, so that
/// nobody's proof can be sent back to it. Either side says <c>Refuse</c> before it hangs up.
/// </summary>
internal sealed class Handshake(ClusterSecret secret)
{
    /// <summary>What <see cref="CallAsync"/> says of a peer that is not secured, or hung up.</summary>
    public const string NoAnswer = "the peer did not answer the handshake; it runs without MicroSpark's connection security";

    private const int NonceLength = 32;
    private const int LongestFrame = 256;

    private enum Frame : byte
    {
        // Orleans' own preamble starts with a length too; these types keep a client without the middleware apart.
        Hello = 0xC1,
        Challenge = 0xC2,
        Proof = 0xC3,
        Accept = 0xC4,
        Refuse = 0xC5,
    }

    /// <summary>Null when both proved the secret, else why not.</summary>
    public async Task<string?> CallAsync(ConnectionContext connection, CancellationToken cancellationToken)
    {
        var nonces = new byte[2 * NonceLength];
        RandomNumberGenerator.Fill(nonces.AsSpan(0, NonceLength));
        await SendAsync(connection, Frame.Hello, nonces[..NonceLength], cancellationToken);

        var (type, payload) = await ReceiveAsync(connection, cancellationToken);
        if (type != Frame.Challenge || payload.Length != NonceLength + ClusterSecret.ProofLength)
        {
            return NoAnswer;
        }

        payload.AsSpan(0, NonceLength).CopyTo(nonces.AsSpan(NonceLength));
        if (!CryptographicOperations.FixedTimeEquals(Prove("answer"u8, nonces), payload.AsSpan(NonceLength)))
        {
            await SendAsync(connection, Frame.Refuse, [], cancellationToken);
            return "the peer proved another secret";
        }

        await SendAsync(connection, Frame.Proof, Prove("call"u8, nonces), cancellationToken);
        (type, _) = await ReceiveAsync(connection, cancellationToken);
        return type == Frame.Accept ? null : "the peer refused this process's secret";
    }

    /// <inheritdoc cref="CallAsync"/>
    public async Task<string?> AnswerAsync(ConnectionContext connection, CancellationToken cancellationToken)
    {
        var (type, payload) = await ReceiveAsync(connection, cancellationToken);
        if (type != Frame.Hello || payload.Length != NonceLength)
        {
            return "the peer did not begin the handshake; it runs without MicroSpark's connection security";
        }

        var nonces = new byte[2 * NonceLength];
        payload.CopyTo(nonces, 0);
        RandomNumberGenerator.Fill(nonces.AsSpan(NonceLength));
        await SendAsync(connection, Frame.Challenge, [.. nonces[NonceLength..], .. Prove("answer"u8, nonces)], cancellationToken);

        (type, payload) = await ReceiveAsync(connection, cancellationToken);
        if (type == Frame.Refuse)
        {
            return "the peer refused this process's secret";
        }

        if (type != Frame.Proof || !CryptographicOperations.FixedTimeEquals(Prove("call"u8, nonces), payload))
        {
            await SendAsync(connection, Frame.Refuse, [], cancellationToken);
            return "the peer proved another secret";
        }

        await SendAsync(connection, Frame.Accept, [], cancellationToken);
        return null;
    }

    private byte[] Prove(ReadOnlySpan<byte> role, byte[] nonces)
    {
        Span<byte> message = stackalloc byte[role.Length + nonces.Length];
        role.CopyTo(message);
        nonces.CopyTo(message[role.Length..]);
        var proof = new byte[ClusterSecret.ProofLength];
        secret.ProveConnection(message, proof);
        return proof;
    }

    private static ValueTask SendAsync(ConnectionContext connection, Frame type, byte[] payload, CancellationToken cancellationToken) =>
        ConnectionFrameHelper.WriteFrameAsync(connection, (byte)type, payload, cancellationToken);

    private static async Task<(Frame Type, byte[] Payload)> ReceiveAsync(ConnectionContext connection, CancellationToken cancellationToken)
    {
        try
        {
            var (type, payload) = await ConnectionFrameHelper.ReadFrameAsync(connection, cancellationToken, LongestFrame);
            return ((Frame)type, payload);
        }
        catch (InvalidOperationException)
        {
            // Not a frame of ours, or the peer hung up: the callers say which step that was.
            return (default, []);
        }
    }
}
