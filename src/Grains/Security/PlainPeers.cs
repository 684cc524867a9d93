using System.Collections.Concurrent;
using System.Net;

namespace MicroSpark.Grains.Security;

/// <summary>
/// Gateways of somebody else's Orleans host that has not opted in to secured connections. A client talks to them as any Orleans client
/// does, and each call of MicroSpark's grains still carries its proof. Only clients have this that were told so
/// (<see cref="MicroSparkOptions.AllowPlainHost"/>), and only until a gateway of the cluster has proved the secret. After that, one silent
/// gateway is no reason to talk to a secured cluster in the open.
/// </summary>
internal sealed class PlainPeers
{
    private readonly ConcurrentDictionary<EndPoint, bool> _peers = new();

    /// <summary>Whether there is one.</summary>
    public bool Any => !_peers.IsEmpty;

    public bool Accepts(EndPoint? peer) => peer is not null && _peers.ContainsKey(peer);

    /// <summary>Whether the peer counts as one from now on.</summary>
    public bool Learn(EndPoint? peer, HandshakeLog log) => peer is not null && !log.Accepted && _peers.TryAdd(peer, true);
}
