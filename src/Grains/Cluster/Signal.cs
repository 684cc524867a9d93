namespace MicroSpark.Grains.Cluster;

/// <summary>
/// A version that only grows, and waits for it to pass the version that the waiter has seen. What changes between a reply and the next
/// call is not missed, because the next call passes the version it was given. For one thread at a time: the turns of one grain.
/// </summary>
internal sealed class Signal(TimeProvider time, long version = 0)
{
    private TaskCompletionSource? _waiters;

    public long Version { get; private set; } = version;

    public void Raise() => RaiseTo(Version + 1);

    /// <summary>Does nothing when the version is that already, or greater.</summary>
    public void RaiseTo(long version)
    {
        if (version <= Version)
        {
            return;
        }

        Version = version;
        var waiters = _waiters;
        _waiters = null;
        waiters?.TrySetResult();
    }

    /// <summary>Ends when the version is greater than <paramref name="seen"/>, or when the slice is over.</summary>
    public Task WaitAsync(long seen, TimeSpan slice)
    {
        if (Version > seen)
        {
            return Task.CompletedTask;
        }

        _waiters ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return _waiters.Task.WithinAsync(slice, time);
    }
}

/// <summary>Waits of limited length whose end is no exception.</summary>
internal static class Slices
{
    /// <summary>The longest that one call waits: far below Orleans' response timeout of 30 s.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    /// <summary>The longest that a worker lets a poll wait: silence says something soon.</summary>
    public static readonly TimeSpan Poll = TimeSpan.FromSeconds(1);

    public static TimeSpan Clamp(TimeSpan asked) => asked < Longest ? asked : Longest;

    /// <summary>Waits for a task that cannot fail, at most for <paramref name="slice"/>; stays on the caller's scheduler.</summary>
    public static async Task WithinAsync(this Task task, TimeSpan slice, TimeProvider time)
    {
        if (!task.IsCompleted)
        {
            await task.WaitAsync(slice, time)
                .ConfigureAwait(ConfigureAwaitOptions.ContinueOnCapturedContext | ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
