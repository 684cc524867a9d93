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

    private readonly ConcurrentQueue<Refusal> _refusals = new();
    private readonly TaskCompletionSource<Refusal> _first = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Whether some peer that this process called has proved the same secret.</summary>
    public bool Accepted { get; private set; }

    /// <summary>Completes at the first refusal of an outbound connection.</summary>
    public Task<Refusal> FirstRefusal => _first.Task;

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
                throw new ClusterUnavailableException(
                    $"The silo at {refusal.Peer} refused the connection: {refusal.Reason}. Give all silos and clients of the cluster "
                    + $"the same MicroSpark:Secret or MicroSpark:SecretFile.");
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

        if (refusal.Outbound)
        {
            _first.TrySetResult(refusal);
        }
    }
}

/// <summary>A connection on which the two sides did not prove the same secret.</summary>
internal sealed record Refusal(bool Outbound, EndPoint? Peer, string Reason);
