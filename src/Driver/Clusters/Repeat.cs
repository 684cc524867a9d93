using MicroSpark.Errors;
using MicroSpark.Grains.Cluster;

namespace MicroSpark.Driver.Clusters;

/// <summary>Repeats calls that failed because silos come and go. Every call of the driver may be repeated.</summary>
internal static class Repeat
{
    private static readonly Patience s_patience = new(TimeSpan.FromMilliseconds(200)) { Limit = TimeSpan.FromSeconds(60), Anywhere = true };

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
        try
        {
            return await s_patience
                .RunAsync(() => call().WaitAsync(cancellationToken), CallErrors.IsTransient, time, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (CallErrors.IsTransient(e))
        {
            throw new ClusterUnavailableException(
                $"The cluster has not answered for {s_patience.Limit.TotalSeconds:0} s: {e.Message} "
                + "Check that its workers are alive and can be reached.", e);
        }
    }
}
