using MicroSpark.Clusters;
using MicroSpark.Rdds;
using MicroSpark.SharedVariables;

namespace MicroSpark.Jobs;

/// <summary>
/// What the tasks of a context's jobs added to accumulators, merged into the program's once per job, when the job has ended: for the last stage
/// once per partition, the attempt that counts as its result; for kept outputs once per task that computed them, whichever jobs wanted it.
/// </summary>
internal sealed class AccumulatorUpdates(ICluster cluster, TimeProvider time)
{
    private readonly HashSet<AttemptId> _merged = [];

    /// <summary>Merges a job's updates, in the order of stages and partitions.</summary>
    /// <param name="kept">Kept outputs whose tasks may have added something.</param>
    /// <param name="results">Of the last stage, by partition.</param>
    public async Task MergeAsync(IReadOnlyList<LineageId> kept, SortedDictionary<int, byte[]> results, CancellationToken cancellationToken)
    {
        foreach (var lineage in kept)
        {
            var grain = cluster.Grains.GetGrain<IRddGrain>(lineage.ToString());
            for (int? from = 0; from is { } next;)
            {
                var page = await Repeat.Async(() => grain.UpdatesAsync(next), time, cancellationToken).ConfigureAwait(false);
                foreach (var task in page.Tasks)
                {
                    if (IsNew(task.Attempt))
                    {
                        AccumulatorTable.Merge(task.Updates);
                    }
                }

                from = page.Next;
            }
        }

        foreach (var updates in results.Values)
        {
            AccumulatorTable.Merge(updates);
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
