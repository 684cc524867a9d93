using MicroSpark.Driver.Clusters;
using MicroSpark.Grains.Contracts;
using MicroSpark.Model;
using MicroSpark.SharedVariables;

namespace MicroSpark.Driver.Jobs;

/// <summary>
/// What the tasks of a context's jobs added to accumulators, merged into the program's once per job, when the job has ended: for the last
/// stage once per partition, the attempt that counts as its result; for kept outputs once per task that computed them, whichever jobs
/// wanted it.
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
            var rdd = cluster.Grains.GetGrain<IRddGrain>(kept[output].ToString());
            await GatherAsync(rdd.UpdatesAsync).ConfigureAwait(false);
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
