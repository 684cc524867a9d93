using MicroSpark.Grains.Cluster;

namespace MicroSpark.Driver.Clusters;

/// <summary>Repeats calls that failed because silos come and go. Every call of the driver may be repeated.</summary>
internal static class Repeat
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(200);

    public static Task Async(Func<Task> call, TimeProvider time, CancellationToken cancellationToken) => Async(
        async () =>
        {
            await call().ConfigureAwait(false);
            return true;
        },
        time, cancellationToken);

    /// <exception cref="ClusterUnavailableException">No silo answered for a minute.</exception>
    public static async Task<R> Async<R>(Func<Task<R>> call, TimeProvider time, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            try
            {
                return await call().WaitAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (CallErrors.IsTransient(e))
            {
                if (time.GetElapsedTime(started) > s_patience)
                {
                    throw new ClusterUnavailableException(
                        $"The cluster has not answered for {s_patience.TotalSeconds:0} s: {e.Message} Check that its workers are alive and can be reached.", e);
                }

                await Task.Delay(s_pause, time, cancellationToken).ConfigureAwait(false);
            }
        }
    }
}
