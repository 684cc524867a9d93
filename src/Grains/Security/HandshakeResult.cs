namespace MicroSpark.Grains.Security;

/// <summary>How a handshake ended.</summary>
internal enum HandshakeEnd
{
    /// <summary>Both ends proved the secret.</summary>
    Accepted,

    /// <summary>The peer has another secret. Waiting does not help.</summary>
    OtherSecret,

    /// <summary>The peer has the secret, and is not who was meant, or is another build. Waiting does not help.</summary>
    OtherPeer,

    /// <summary>The certificate of one end does not make it a peer to the other. Waiting does not help.</summary>
    Certificate,

    /// <summary>Who the peer is may not do what he wanted: a client at the silo's port. Waiting does not help.</summary>
    Role,

    /// <summary>The peer does not speak the handshake, or hung up before it said anything.</summary>
    NotSecured,

    /// <summary>The peer took too long, or hung up on the way: nothing is known about its secret.</summary>
    Unfinished,

    /// <summary>The peer connected, said nothing and left: a probe of whoever watches over the silo. Nobody was refused.</summary>
    Left,
}

/// <param name="Keys">Null when it was not accepted.</param>
/// <param name="Problem">Null when it was.</param>
/// <param name="Caller">Who the caller is by his secret, as the answerer found.</param>
internal sealed record HandshakeResult(HandshakeEnd End, SessionKeys? Keys, string? Problem, Principal? Caller = null)
{
    public static HandshakeResult Accepted(SessionKeys keys, Principal? caller = null) => new(HandshakeEnd.Accepted, keys, null, caller);

    public static HandshakeResult Refused(HandshakeEnd end, string problem) => new(end, null, problem);
}
