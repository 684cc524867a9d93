using MicroSpark.Grains.Cluster;
using MicroSpark.Tasks;

namespace MicroSpark.Grains.Jobs;

/// <summary>
/// Keeps a job's plan and its blobs at the workers that were given them. A worker drops blobs that were not used for ten minutes when it
/// has too many; and a job may wait longer than that until its first task asks for them.
/// </summary>
internal static class PlanHolders
{
    private static readonly TimeSpan s_renewEvery = TimeSpan.FromMinutes(5);

    /// <summary>Tells them now and then that all of it is wanted, until this is disposed of. Null when nobody was given anything.</summary>
    public static IDisposable? Keep(this IWorkerPool pool, PlanRef plan, TimeProvider time) => plan.Holders.Count == 0
        ? null
        : time.Every(
            s_renewEvery, () => Task.WhenAll(plan.Holders.Where(pool.IsLive).Select(holder => pool.Get(holder).PrepareAsync(plan))));
}
