using MicroSpark.Errors;

namespace MicroSpark.Grains.Cluster;

/// <summary>Calls of grains that may be made twice, as all of this project may, while silos come and go.</summary>
internal static class GrainCalls
{
    /// <summary>
    /// The longest that a grain may be out of reach before its caller gives up: its silo died, and the directory settles. A call whose
    /// message is lost takes half of that by itself: what happens to two of them in a row is no sign that the grain cannot be reached.
    /// </summary>
    public static Patience Patience { get; } = new(TimeSpan.FromMilliseconds(100)) { Limit = TimeSpan.FromSeconds(60), Fewest = 3 };

    /// <summary>Repeats a call until the grain is in reach again: the cluster notices a loss, and activates it elsewhere.</summary>
    /// <param name="stopped">Whether nobody wants the answer any more; then the next failure is the last.</param>
    public static Task<R> RepeatAsync<R>(Func<Task<R>> call, TimeProvider time, Func<bool>? stopped = null) =>
        Patience.RunAsync(call, e => CallErrors.IsTransient(e, CancellationToken.None) && stopped?.Invoke() != true, time);

    /// <summary>
    /// A call whose failure is also the caller's own, who was called from elsewhere. That a connection was refused is an error without a
    /// codec: told to another process it would arrive as one that no repetition mends.
    /// </summary>
    public static async Task<R> ThatTravels<R>(this Task<R> call)
    {
        try
        {
            return await call;
        }
        catch (Orleans.Runtime.Messaging.ConnectionFailedException e)
        {
            throw new SiloUnavailableException(e.Message);
        }
    }

    /// <inheritdoc cref="ThatTravels{R}(Task{R})"/>
    public static Task ThatTravels(this Task call)
    {
        return ThatTravels(EndAsync());

        async Task<bool> EndAsync()
        {
            await call;
            return true;
        }
    }

    /// <summary>
    /// Best effort, for calls whose failure changes nothing: it is no error when a silo is out of reach. The call is awaited, unlike a call
    /// given to <see cref="Background.Forget(Task)"/>.
    /// </summary>
    /// <returns>Whether the call got through.</returns>
    public static async Task<bool> BestEffortAsync(this Task call)
    {
        try
        {
            await call;
            return true;
        }
        catch (Exception e) when (CallErrors.IsTransient(e, CancellationToken.None))
        {
            return false;
        }
    }
}
