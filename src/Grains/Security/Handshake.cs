using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Orleans.Runtime.Messaging;

namespace MicroSpark.Grains.Security;

/// <summary>
/// Both ends of a connection prove that they know the cluster's secret before a byte of Orleans' own protocol flows.
/// <code>
/// caller                                   answerer
///   Hello   version, who is called, nonceC  ->
///                                       &lt;-  Challenge  nonceA, silo
///   Proof   of the caller                   ->
///                                       &lt;-  Accept     proof of the answerer
/// </code>
/// The keys of both proofs are made by HKDF of the secret, both nonces and all of Hello and Challenge (<see cref="SecretKeys.Session"/>).
/// <list type="bullet">
/// <item>The caller proves first, so whoever has no secret gets nothing from the answerer by which a guess could be tested.</item>
/// <item>The nonces make every conversation new: an old one cannot be played again.</item>
/// <item>The proof covers the port that is called and its address, and the answerer compares them with its own. A relay to another silo,
/// or from a client's call to a silo's port, is refused.</item>
/// <item>The secret that was proved says who calls (<see cref="Principal"/>).</item>
/// <item>Whoever relays a whole handshake has no key of the session, and each later piece is sealed under one
/// (<see cref="SealedTransport"/>).</item>
/// </list>
/// Why it was refused is told to those who proved the secret; others learn only that they did not.
/// </summary>
internal sealed class Handshake(ClusterSecret secret)
{
    private const byte Version = 1;
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

        /// <summary>The peer hung up.</summary>
        End = 0,

        /// <summary>The peer sent something else.</summary>
        Other = 1,
    }

    private enum Reason : byte
    {
        Secret = 1,
        Callee = 2,
        Version = 3,
        Certificate = 4,
        Role = 5,
        Busy = 6,
    }

    /// <param name="called">Who is meant.</param>
    /// <param name="binding">What both ends see of the channel that this runs in (<see cref="TlsTransport.BindingOf"/>); empty for a bare
    /// one.</param>
    public async Task<HandshakeResult> CallAsync(
        ConnectionContext connection, Callee called, byte[] binding, CancellationToken cancellationToken)
    {
        byte[] hello = [Version, .. RandomNumberGenerator.GetBytes(NonceLength), .. called.Encode()];
        await SendAsync(connection, Frame.Hello, hello, cancellationToken);

        var (type, challenge) = await ReceiveAsync(connection, cancellationToken);
        if (type == Frame.Refuse)
        {
            return Refused(challenge);
        }

        if (type != Frame.Challenge || challenge.Length < NonceLength)
        {
            return HandshakeResult.Refused(
                HandshakeEnd.NotSecured, type == Frame.End
                    ? "the peer hung up at the handshake; it runs without MicroSpark's connection security, wants TLS (MicroSpark:Tls), or "
                        + "is about to stop"
                    : "the peer did not answer the handshake; it runs without MicroSpark's connection security");
        }

        var keys = KeysOf(secret.Current, hello, challenge, binding);
        await SendAsync(connection, Frame.Proof, keys.CallerProof, cancellationToken);
        (type, var answer) = await ReceiveAsync(connection, cancellationToken);
        return type switch
        {
            Frame.Accept when CryptographicOperations.FixedTimeEquals(keys.AnswererProof, answer) => HandshakeResult.Accepted(keys),
            Frame.Accept => HandshakeResult.Refused(HandshakeEnd.OtherSecret, "the peer proved another secret"),
            Frame.Refuse => Refused(answer),
            _ => HandshakeResult.Refused(HandshakeEnd.Unfinished, "the peer hung up in the middle of the handshake"),
        };
    }

    /// <param name="self">Who this end is.</param>
    /// <param name="silo">Its name in the cluster, which the proofs cover too.</param>
    /// <param name="binding">As the caller has it.</param>
    public async Task<HandshakeResult> AnswerAsync(
        ConnectionContext connection, Callee self, string silo, byte[] binding, CancellationToken cancellationToken)
    {
        var (type, hello) = await ReceiveAsync(connection, cancellationToken);
        if (type != Frame.Hello || hello.Length < 1 + NonceLength)
        {
            return HandshakeResult.Refused(
                type == Frame.End ? HandshakeEnd.Left : HandshakeEnd.NotSecured, type == Frame.End
                    ? "the peer hung up before the handshake"
                    : "the peer did not begin the handshake; it runs without MicroSpark's connection security");
        }

        if (hello[0] != Version)
        {
            await RefuseAsync(connection, Reason.Version, cancellationToken);
            return HandshakeResult.Refused(HandshakeEnd.OtherPeer, $"the peer speaks version {hello[0]} of the handshake, not {Version}");
        }

        byte[] challenge = [.. RandomNumberGenerator.GetBytes(NonceLength), .. Encoding.UTF8.GetBytes(silo)];
        await SendAsync(connection, Frame.Challenge, challenge, cancellationToken);
        (type, var proof) = await ReceiveAsync(connection, cancellationToken);
        if (type != Frame.Proof)
        {
            return HandshakeResult.Refused(HandshakeEnd.Unfinished, "the peer hung up in the middle of the handshake");
        }

        if (FindKeys(hello, challenge, proof, binding) is not var (keys, caller))
        {
            await RefuseAsync(connection, Reason.Secret, cancellationToken);
            return HandshakeResult.Refused(HandshakeEnd.OtherSecret, "the peer proved another secret");
        }

        if (!hello.AsSpan(1 + NonceLength).SequenceEqual(self.Encode()))
        {
            await RefuseAsync(connection, Reason.Callee, cancellationToken);
            return HandshakeResult.Refused(
                HandshakeEnd.OtherPeer,
                $"the peer meant {Show(hello.AsSpan(1 + NonceLength))}, and this is {self}; somebody relays, or the address is translated");
        }

        if (self.Door == Door.Silo && !caller.May(Rights.Join))
        {
            await RefuseAsync(connection, Reason.Role, cancellationToken);
            return HandshakeResult.Refused(HandshakeEnd.Role, $"{caller.Name} is no worker (MicroSpark:Secrets)");
        }

        await SendAsync(connection, Frame.Accept, keys.AnswererProof, cancellationToken);
        return HandshakeResult.Accepted(keys, caller);
    }

    /// <summary>Says to a caller that too many others have begun.</summary>
    public static async Task BusyAsync(ConnectionContext connection, CancellationToken cancellationToken)
    {
        try
        {
            await RefuseAsync(connection, Reason.Busy, cancellationToken);
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or OperationCanceledException)
        {
            // It has gone already.
        }
    }

    /// <summary>Says to a caller inside TLS that his certificate is not enough.</summary>
    public static async Task<HandshakeResult> TurnAwayAsync(
        ConnectionContext connection, string problem, CancellationToken cancellationToken)
    {
        await ReceiveAsync(connection, cancellationToken);
        await RefuseAsync(connection, Reason.Certificate, cancellationToken);
        return HandshakeResult.Refused(HandshakeEnd.Certificate, problem);
    }

    /// <summary>The keys of the secret that the caller proved, and whose it is; null when it is none that is known.</summary>
    private (SessionKeys Keys, Principal Caller)? FindKeys(byte[] hello, byte[] challenge, byte[] proof, byte[] binding)
    {
        (SessionKeys, Principal)? found = null;
        foreach (var (known, principal) in secret.Known)
        {
            var keys = KeysOf(known, hello, challenge, binding);
            if (CryptographicOperations.FixedTimeEquals(keys.CallerProof, proof))
            {
                found = (keys, principal);
            }
        }

        return found;
    }

    private static SessionKeys KeysOf(SecretKeys secret, byte[] hello, byte[] challenge, byte[] binding) => secret.Session(
        [.. hello.AsSpan(1, NonceLength), .. challenge.AsSpan(0, NonceLength)],
        [(byte)hello.Length, .. hello, (byte)challenge.Length, .. challenge, .. binding]);

    private static HandshakeResult Refused(byte[] reason) => (Reason)reason.FirstOrDefault() switch
    {
        Reason.Callee => HandshakeResult.Refused(
            HandshakeEnd.OtherPeer, "the peer goes by another address than the one called; somebody relays, or the address is translated"),
        Reason.Version => HandshakeResult.Refused(HandshakeEnd.OtherPeer, "the peer is of another version of MicroSpark"),
        Reason.Certificate => HandshakeResult.Refused(
            HandshakeEnd.Certificate, "the peer refused this process's certificate, or that it has none: it asks for one of the cluster's "
            + "authority, for this use and with this role's name (MicroSpark:Tls:Certificate)"),
        Reason.Role => HandshakeResult.Refused(
            HandshakeEnd.Role,
            "the peer knows this process's secret, and does not let its role in at this port: only a worker's secret joins"),
        Reason.Busy => HandshakeResult.Refused(HandshakeEnd.Unfinished, "too many handshakes are under way at the peer"),
        _ => HandshakeResult.Refused(HandshakeEnd.OtherSecret, "the peer refused this process's secret; it has another secret"),
    };

    /// <summary>Of one who proved the secret, so the text is an honest one; it may still be long.</summary>
    private static string Show(ReadOnlySpan<byte> callee) => callee is [var door, .. var address]
        ? new Callee((Door)door, Encoding.UTF8.GetString(address)).ToString()
        : "nobody";

    private static ValueTask RefuseAsync(ConnectionContext connection, Reason reason, CancellationToken cancellationToken) =>
        SendAsync(connection, Frame.Refuse, [(byte)reason], cancellationToken);

    private static ValueTask SendAsync(ConnectionContext connection, Frame type, byte[] payload, CancellationToken cancellationToken) =>
        ConnectionFrameHelper.WriteFrameAsync(connection, (byte)type, payload, cancellationToken);

    private static async Task<(Frame Type, byte[] Payload)> ReceiveAsync(ConnectionContext connection, CancellationToken cancellationToken)
    {
        var input = connection.Transport.Input;
        try
        {
            while (true)
            {
                var read = await input.ReadAsync(cancellationToken);
                if (TryCut(read.Buffer, out var rest, out var type, out var payload))
                {
                    input.AdvanceTo(rest);
                    return (type, payload);
                }

                input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
                if (read.IsCompleted || read.IsCanceled)
                {
                    return (Frame.End, []);
                }
            }
        }
        catch (IOException)
        {
            // It was reset: the peer hung up before it had read all.
            return (Frame.End, []);
        }
    }

    /// <summary>False when more bytes are needed.</summary>
    private static bool TryCut(
        ReadOnlySequence<byte> bytes, out SequencePosition rest, out Frame type, out byte[] payload)
    {
        (rest, type, payload) = (bytes.Start, Frame.Other, []);
        var reader = new SequenceReader<byte>(bytes);
        if (!reader.TryReadLittleEndian(out int length))
        {
            return false;
        }

        if (length is < 1 or > LongestFrame)
        {
            return true;
        }

        if (reader.Remaining < length)
        {
            return false;
        }

        var frame = bytes.Slice(sizeof(int), length).ToArray();
        type = (Frame)frame[0] is var found and >= Frame.Hello and <= Frame.Refuse ? found : Frame.Other;
        (rest, payload) = (bytes.GetPosition(sizeof(int) + length), frame[1..]);
        return true;
    }
}
