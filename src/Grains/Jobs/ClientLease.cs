using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Workers;

namespace MicroSpark.Grains.Jobs;

/// <summary>
/// Whether the client that awaits a job is still there: it asks for news every few seconds, and its context renews its lease at all workers
/// every twenty. One that does neither for a minute has died, and nobody will ever read the results. For one thread at a time.
/// </summary>
internal sealed class ClientLease(LeaseTable leases, TimeProvider time)
{
    public static readonly TimeSpan Length = TimeSpan.FromSeconds(60);

    /// <summary>How often to look.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(10);

    private long _asked = time.GetTimestamp();

    /// <summary>Somebody waits for the job.</summary>
    public void Asked() => _asked = time.GetTimestamp();

    /// <summary>
    /// Nobody has asked here for longer than a client that waits ever does. It may have gone, or ask another activation of the job.
    /// </summary>
    public bool IsSilent => time.GetElapsedTime(_asked) >= Period;

    public bool IsOver(ContextId context) =>
        time.GetElapsedTime(_asked) >= Length && !(leases.SilenceOf(context) is { } silence && silence < Length);
}
