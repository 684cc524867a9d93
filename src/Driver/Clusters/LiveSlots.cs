using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.Contracts;

namespace MicroSpark.Driver.Clusters;

/// <summary>The slots of the workers that a silo of this process sees, once those are there that must be.</summary>
internal static class LiveSlots
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    /// <param name="isComplete">Whether all that are expected are among these.</param>
    /// <param name="explain">What is wrong when only so many come.</param>
    /// <exception cref="ClusterUnavailableException">They have not come after half a minute.</exception>
    public static async Task<int> CountAsync(
        IWorkerPool pool, Func<IReadOnlyList<WorkerDescription>, bool> isComplete, Func<int, string> explain, TimeProvider time,
        CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            var version = pool.Version;
            var live = await pool.LiveAsync().ConfigureAwait(false);
            if (isComplete(live))
            {
                return live.Sum(w => w.Slots);
            }

            if (time.GetElapsedTime(started) > s_patience)
            {
                throw new ClusterUnavailableException(explain(live.Count));
            }

            await pool.ChangedAsync(version, TimeSpan.FromMilliseconds(100)).WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }
}
