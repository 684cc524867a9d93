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

        _waiters ??= new TaskCompletionSource();
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

    /// <summary>
    /// Waits for a task that cannot fail, at most for <paramref name="slice"/>, and goes on in a turn of its own on the caller's
    /// scheduler: never inside the call that ends the task. So a source that is waited for in this way alone needs no asynchronous
    /// continuations, which would take the wait over the shared pool.
    /// </summary>
    public static async Task WithinAsync(this Task task, TimeSpan slice, TimeProvider time)
    {
        if (!task.IsCompleted)
        {
            var over = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

            // The clock counts whole milliseconds. Without the fraction a caller that waits for the rest of a slice would spin at its end.
            var whole = TimeSpan.FromMilliseconds(Math.Ceiling(slice.TotalMilliseconds));
            _ = task.WaitAsync(whole, time).ContinueWith(
                static (waited, over) =>
                {
                    _ = waited.Exception;
                    ((TaskCompletionSource)over!).SetResult();
                },
                over, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            await over.Task;
        }
    }

    /// <summary>
    /// The same task for those who wait for it <see cref="WithinAsync">for a while</see>: it ends in a turn of the caller's scheduler.
    /// </summary>
    public static async Task InTurnAsync(this Task task) => await task;
}
