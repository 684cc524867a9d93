namespace MicroSpark.Grains.Cluster;

/// <summary>
/// Work that nobody awaits. An exception of a clock's thread or of an <c>async void</c> ends the process, whoever's mistake it was. So all
/// such work of grains and clients is started from here; what has to be told of its end is told by the work itself.
/// </summary>
internal static class Background
{
    /// <summary>
    /// For calls whose failure changes nothing, such as the request to a worker to stop or drop something. Without the call the worker does
    /// so by itself (unpolled batches, leases), or it has died and the call is moot.
    /// </summary>
    public static void Forget(this Task task)
    {
        if (!task.IsCompleted || task.IsFaulted)
        {
            _ = SeenAsync(task);
        }
    }

    /// <summary>The same for a call that may fail before it has made its task: those of a silo that has stopped do.</summary>
    public static void Forget(Func<Task> call) => AwaitAsync(call).Forget();

    /// <summary>
    /// Makes such a call again and again until the timer is disposed. It may come once more while, or after, what it needs is disposed of.
    /// </summary>
    public static ITimer Every(this TimeProvider time, TimeSpan period, Func<Task> call) => TimerOf(time, call, period, period);

    /// <summary>As the other one, for work that is over when it returns.</summary>
    public static ITimer Every(this TimeProvider time, TimeSpan period, Action work) => TimerOf(time, CallOf(work), period, period);

    /// <summary>Does the work once, unless the timer is disposed of before.</summary>
    public static ITimer After(this TimeProvider time, TimeSpan due, Action work) =>
        TimerOf(time, CallOf(work), due, Timeout.InfiniteTimeSpan);

    private static ITimer TimerOf(TimeProvider time, Func<Task> call, TimeSpan due, TimeSpan period) =>
        time.CreateTimer(static call => Forget((Func<Task>)call!), call, due, period);

    private static Func<Task> CallOf(Action work) => () =>
    {
        work();
        return Task.CompletedTask;
    };

    private static async Task AwaitAsync(Func<Task> call) => await call();

    /// <summary>Ends with the task, whose exception then counts as seen.</summary>
    private static async Task SeenAsync(Task task) =>
        await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
}
