using System.Collections.Concurrent;
using System.Net;

namespace MicroSpark.Security;

/// <summary>
/// What this process's handshakes found. Orleans retries a dropped connection for ever, so whoever waits for one asks here whether
/// the secret was the reason.
/// </summary>
internal sealed class HandshakeLog
{
    private readonly ConcurrentQueue<Refusal> _refusals = new();
    private readonly TaskCompletionSource<Refusal> _first = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes at the first refusal of an outbound connection.</summary>
    public Task<Refusal> FirstRefusal => _first.Task;

    public IReadOnlyCollection<Refusal> Refusals => _refusals;

    public void Add(Refusal refusal)
    {
        // Bounded: a stranger that keeps knocking must not fill memory.
        if (_refusals.Count < 256)
        {
            _refusals.Enqueue(refusal);
        }

        if (refusal.Outbound)
        {
            _first.TrySetResult(refusal);
        }
    }
}

/// <summary>A connection on which the two sides did not prove the same secret.</summary>
internal sealed record Refusal(bool Outbound, EndPoint? Peer, string Reason);
