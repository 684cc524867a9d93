using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Placement;

namespace MicroSpark.Grains.Stages;

// When most of a set is done and one task is far slower than its peers, its worker may be the reason. So the task is tried a second time
// elsewhere, and the first result wins. Never for stages with side effects.
internal sealed partial class TaskSetRunner
{
    private const int FewestTasks = 4;
    private static readonly TimeSpan s_shortestLimit = TimeSpan.FromSeconds(1);

    private readonly List<long> _milliseconds = [];
    private bool _watching;

    /// <summary>Peers are tasks that succeeded: one that lost its input ends early and says nothing of how long the work takes.</summary>
    private void WatchForStragglers()
    {
        if (!_watching && stage.Policy.Speculation && !stage.SideEffects && _open > 0 && _works.Count >= FewestTasks &&
            _milliseconds.Count * 4 >= _works.Count * 3)
        {
            _watching = true;
            Watch();
        }
    }

    /// <summary>Sleeps until the earliest moment at which a task could count as too slow; no polling.</summary>
    private async void Watch()
    {
        while (_open > 0)
        {
            var limit = Limit();
            var slow = Stragglers().ToArray();
            if (slow.Length == 0)
            {
                break;
            }

            var left = limit - slow.Max(s => time.GetElapsedTime(s.Batch.Heard));
            if (left > TimeSpan.Zero)
            {
                await _done.Task.WithinAsync(left, time);
                continue;
            }

            if (!await TryElsewhereAsync(slow.Where(s => time.GetElapsedTime(s.Batch.Heard) >= limit).ToArray()))
            {
                await _done.Task.WithinAsync(limit, time);
            }
        }

        _watching = false;
    }

    private TimeSpan Limit()
    {
        var limit = 3 * Median();
        return limit > s_shortestLimit ? limit : s_shortestLimit;
    }

    private TimeSpan Median()
    {
        _milliseconds.Sort();
        return TimeSpan.FromMilliseconds(_milliseconds.Count == 0 ? 0 : _milliseconds[_milliseconds.Count / 2]);
    }

    /// <summary>
    /// Tasks with one attempt at work and no lost input: a second attempt at a task without its input would fail like the first, for ever.
    /// The running time of a task is not known here. What is known is how long its worker has reported nothing of the batch. For a task
    /// that runs alone in its batch both are the same.
    /// </summary>
    private IEnumerable<(Work Work, Batch Batch)> Stragglers() =>
        from batch in _batches from work in batch.Open.Values where CanHaveCopy(work) select (work, batch);

    private static bool CanHaveCopy(Work work) => !work.Ended && !work.LostInput && work.Running == 1;

    private async Task<bool> TryElsewhereAsync((Work Work, Batch Batch)[] slow)
    {
        var tried = false;
        foreach (var worker in await pool.LiveAsync())
        {
            if (!PlacementPolicy.IsIdle(worker.Id, OpenAt(worker.Id), _lost))
            {
                continue;
            }

            WorkerDescription now;
            try
            {
                now = await pool.Get(worker.Id).DescribeAsync();
            }
            catch (Exception)
            {
                // A worker that fails this call, for any reason, is no place for a second attempt. The first attempt goes on, and its own
                // poll tells the error.
                continue;
            }

            var open = slow.Where(s => CanHaveCopy(s.Work)).ToArray();
            var works = PlacementPolicy.SecondAttempts(now, open.Select(static s => (s.Work, s.Batch.Worker))).ToArray();
            if (works.Length > 0)
            {
                foreach (var (work, batch) in open.Where(s => works.Contains(s.Work)))
                {
                    var silent = time.GetElapsedTime(batch.Heard);
                    _log.Slow(work.Partition, batch.AttemptAt(work.Partition), batch.Worker, worker.Id, silent, Median());
                }

                Send(worker.Id, works);
                tried = true;
            }
        }

        return tried;
    }
}
