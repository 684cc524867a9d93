using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Placement;
using MicroSpark.Model;

namespace MicroSpark.Grains.Jobs;

/// <summary>
/// Keeps a job's record at two workers, or the only one, while the job changes. It makes one save at a time, not more often than needed.
/// When one of the two workers dies, it saves to another. For one thread at a time: the turns of the JobGrain.
/// </summary>
internal sealed class RecordKeeper(IWorkerPool pool, TimeProvider time, Func<JobRecord> current, Action superseded)
{
    private static readonly TimeSpan s_often = TimeSpan.FromMilliseconds(200);

    private readonly List<WorkerId> _holders = [];
    private bool _dirty;
    private bool _urgent;
    private CancellationTokenSource? _pause;
    private bool _replacing;
    private Task? _saving;

    /// <summary>Saves now; ends when two workers (or all, when there are fewer) have the record.</summary>
    /// <exception cref="ClusterUnavailableException">No worker could keep it.</exception>
    public async Task SaveAsync()
    {
        var record = current();
        _holders.RemoveAll(w => !pool.IsLive(w));
        var others = new Queue<WorkerId>(
            PlacementPolicy.KeepersOf(record.Submission.Job, (await pool.LiveAsync()).Select(static w => w.Id)).Except(_holders));
        var saved = await Task.WhenAll(_holders.ToArray().Select(w => SaveAtAsync(w, record)));
        while (_holders.Count < PlacementPolicy.Copies && others.Count > 0)
        {
            var missing = Math.Min(PlacementPolicy.Copies - _holders.Count, others.Count);
            var next = Enumerable.Range(0, missing).Select(_ => others.Dequeue()).ToArray();
            saved = [.. saved, .. await Task.WhenAll(next.Select(w => SaveAtAsync(w, record)))];
        }

        if (_holders.Count == 0)
        {
            throw new ClusterUnavailableException(
                $"No worker could keep the record of job {record.Job}. Start a worker and run the job again.");
        }

        _replacing = true;
        if (saved.Contains(false))
        {
            superseded();
        }
    }

    /// <summary>Ends when nothing waits to be saved.</summary>
    public Task SavedAsync() => _saving ?? Task.CompletedTask;

    /// <summary>Saves soon, in the background.</summary>
    /// <param name="atOnce">Without the pause that gathers changes: somebody waits for this one.</param>
    public void Changed(bool atOnce = false)
    {
        (_dirty, _urgent) = (true, _urgent || atOnce);
        if (atOnce)
        {
            _pause?.Cancel();
        }

        _saving ??= SaveLoopAsync();
    }

    private async Task SaveLoopAsync()
    {
        while (_dirty)
        {
            if (!_urgent)
            {
                using var pause = _pause = new CancellationTokenSource();
                await Task.Delay(s_often, time, pause.Token)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
                _pause = null;
            }

            (_dirty, _urgent) = (false, false);
            try
            {
                await SaveAsync();
            }
            catch (ClusterUnavailableException)
            {
                // No worker left. The job itself finds out, and waits for one or fails; the next change is saved again.
            }
        }

        _saving = null;
    }

    private async Task<bool> SaveAtAsync(WorkerId worker, JobRecord record)
    {
        try
        {
            var current = await pool.Get(worker).SaveRecordAsync(record);
            if (!_holders.Contains(worker))
            {
                _holders.Add(worker);
                if (_replacing)
                {
                    // It takes the place of one that died, and so that one's copy of the plan and its code.
                    pool.Get(worker).PrepareAsync(record.Submission.Plan).Forget();
                }
            }

            return current;
        }
        catch (Exception e) when (CallErrors.IsTransient(e))
        {
            // The other copy is there; the next save finds another holder.
            _holders.Remove(worker);
            return true;
        }
    }
}
