using MicroSpark.Driver.Clusters;
using MicroSpark.Grains.Contracts;
using MicroSpark.Model;
using MicroSpark.SharedVariables;

namespace MicroSpark.Driver.Jobs;

/// <summary>
/// The additions of a context's tasks to accumulators. They are merged into the program's accumulators once per job, when the job has
/// ended. The last stage counts once per partition: by the attempt that counts as the result. Kept outputs count once per task that
/// computed them, whichever jobs wanted the task.
/// </summary>
internal sealed class AccumulatorUpdates(ICluster cluster, TimeProvider time)
{
    private readonly HashSet<AttemptId> _merged = [];

    /// <summary>Merges a job's updates, in the order of stages and partitions.</summary>
    /// <param name="kept">Kept outputs whose tasks may have added something.</param>
    /// <param name="results">Of the last stage, by partition.</param>
    public async Task MergeAsync(
        IJobGrain job, List<LineageId> kept, SortedDictionary<int, byte[]> results, CancellationToken cancellationToken)
    {
        // The outputs' own grains know the newest; the job still knows what went with a lost one.
        var tasks = new SortedDictionary<(int Output, int Partition), TaskUpdates>();
        for (var output = 0; output < kept.Count; output++)
        {
            var recipe = kept[output];
            await GatherAsync(from => cluster.Grains.GetGrain<IClusterGrain>(0).UpdatesAsync(recipe, from)).ConfigureAwait(false);
        }

        if (kept.Count > 0)
        {
            await GatherAsync(job.UpdatesAsync).ConfigureAwait(false);
        }

        foreach (var task in tasks.Values)
        {
            if (IsNew(task.Attempt))
            {
                AccumulatorTable.Merge(task.Updates);
            }
        }

        foreach (var updates in results.Values)
        {
            AccumulatorTable.Merge(updates);
        }

        async Task GatherAsync(Func<int, Task<UpdatePage>> ask)
        {
            for (int? from = 0; from is { } next;)
            {
                var page = await Repeat.Async(() => ask(next), time, cancellationToken).ConfigureAwait(false);
                foreach (var task in page.Tasks)
                {
                    tasks.TryAdd((kept.IndexOf(task.Lineage), task.Partition), task);
                }

                from = page.Next;
            }
        }
    }

    /// <summary>Several jobs may have wanted the same output.</summary>
    private bool IsNew(AttemptId attempt)
    {
        lock (_merged)
        {
            return _merged.Add(attempt);
        }
    }
}
