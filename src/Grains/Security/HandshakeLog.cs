using System.Collections.Concurrent;
using System.Net;

namespace MicroSpark.Grains.Security;

/// <summary>
/// What this process's handshakes found. Orleans retries a dropped connection for ever, so whoever waits for one asks here whether
/// the secret was the reason.
/// </summary>
internal sealed class HandshakeLog
{
    private static readonly TimeSpan Doubt = TimeSpan.FromSeconds(2);

    /// <summary>A peer that hangs up so often at the start is none that is just stopping.</summary>
    private const int HangUps = 3;

    private readonly ConcurrentQueue<Refusal> _refusals = new();
    private readonly ConcurrentDictionary<EndPoint, int> _hangUps = new();
    private readonly TaskCompletionSource<Refusal> _first = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Whether some peer that this process called has proved the same secret.</summary>
    public bool Accepted { get; private set; }

    /// <summary>
    /// Completes when an outbound connection was refused for good: by a peer with another secret, by one that is not who was meant, or by
    /// one that hangs up each time. A peer that is slow or breaks off is none of them: it may have the secret.
    /// </summary>
    public Task<Refusal> FirstRefusal => _first.Task;

    /// <summary>The last one of an outbound connection, for good or not; null when there was none.</summary>
    public Refusal? LastRefusal { get; private set; }

    public IReadOnlyCollection<Refusal> Refusals => _refusals;

    public void Accept() => Accepted = true;

    /// <summary>
    /// Awaits a start that Orleans would go on trying for minutes. Ends it as soon as the secret is plainly the reason: a peer refused it
    /// and, a moment later, none has accepted it. (One refusal alone can be a dead silo's port in other hands.)
    /// </summary>
    /// <exception cref="ClusterUnavailableException">The peers do not share this process's secret.</exception>
    public async Task GuardAsync(Func<CancellationToken, Task> start, TimeProvider time, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var started = start(stop.Token);
        if (await Task.WhenAny(started, FirstRefusal) != started)
        {
            await started.WaitAsync(Doubt, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!Accepted && !started.IsCompletedSuccessfully)
            {
                var refusal = await FirstRefusal;
                await stop.CancelAsync();
                await started.WaitAsync(Doubt, time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                throw new ClusterUnavailableException($"No connection to the silo at {refusal.Peer}: {refusal.Reason}. {refusal.WayOut}");
            }
        }

        await started;
    }

    public void Add(Refusal refusal)
    {
        // Bounded: a stranger that keeps knocking must not fill memory.
        if (_refusals.Count < 256)
        {
            _refusals.Enqueue(refusal);
        }

        if (!refusal.Outbound)
        {
            return;
        }

        LastRefusal = refusal;
        if (refusal.End is HandshakeEnd.OtherSecret or HandshakeEnd.OtherPeer or HandshakeEnd.Certificate or HandshakeEnd.Role
            || (refusal is { End: HandshakeEnd.NotSecured, Peer: { } peer }
                && _hangUps.AddOrUpdate(peer, 1, static (_, count) => count + 1) >= HangUps))
        {
            _first.TrySetResult(refusal);
        }
    }
}

/// <summary>A connection on which the two sides did not prove the same secret.</summary>
internal sealed record Refusal(bool Outbound, EndPoint? Peer, HandshakeEnd End, string Reason)
{
    /// <summary>What whoever reads of it may do.</summary>
    public string WayOut => End switch
    {
        HandshakeEnd.OtherSecret =>
            "Give all silos and clients of the cluster the same MicroSpark:Secret or MicroSpark:SecretFile.",
        HandshakeEnd.NotSecured =>
            "Give both ends MicroSpark:Tls settings, or neither. Only when it is somebody's Orleans host without connection security, "
                + "a client without Tls and with MicroSpark:AllowPlainHost=true talks to it.",
        HandshakeEnd.Certificate =>
            "Let all have certificates of one authority, with the URI name microspark://CLUSTERID/worker or microspark://CLUSTERID/client.",
        HandshakeEnd.Role =>
            "Give a worker the cluster's own secret, or one whose Role in MicroSpark:Secrets is Worker.",
        HandshakeEnd.OtherPeer =>
            "Let each silo's address be the one that others reach it at, and run one build of MicroSpark everywhere.",
        _ => "Try again.",
    };
}
