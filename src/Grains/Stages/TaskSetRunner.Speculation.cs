using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.Contracts;

namespace MicroSpark.Grains.Stages;

// When most of a set is done and one task is far slower than its peers, its worker may be the reason: it is tried a second time
// elsewhere and the first result wins. Never for stages with side effects.
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
    /// Tasks with one attempt, whose inputs are there: without them a second attempt would end as the first, and so on for ever. How long a task has run is not known here, only how long its worker has reported nothing of the batch,
    /// which is never longer for a task that runs alone.
    /// </summary>
    private IEnumerable<(Work Work, Batch Batch)> Stragglers() =>
        from batch in _batches from work in batch.Open.Values where CanHaveCopy(work) select (work, batch);

    private static bool CanHaveCopy(Work work) => !work.Ended && !work.LostInput && work.Running == 1;

    private async Task<bool> TryElsewhereAsync((Work Work, Batch Batch)[] slow)
    {
        var tried = false;
        foreach (var worker in await pool.LiveAsync())
        {
            if (_lost.Contains(worker.Id) || _batches.Any(b => b.Worker == worker.Id && b.Open.Count > 0))
            {
                continue;
            }

            int free;
            try
            {
                var now = await pool.Get(worker.Id).DescribeAsync();
                free = now.Slots - now.SlotsBusy;
            }
            catch (Exception)
            {
                // Whatever it is, it is no place for a second attempt; the first one goes on, and its own poll tells what is wrong.
                continue;
            }

            var here = slow.Where(s => CanHaveCopy(s.Work) && s.Batch.Worker != worker.Id).Take(free).ToArray();
            if (here.Length > 0)
            {
                foreach (var (work, batch) in here)
                {
                    var silent = time.GetElapsedTime(batch.Heard);
                    _log.Slow(work.Partition, batch.AttemptAt(work.Partition), batch.Worker, worker.Id, silent, Median());
                }

                Send(worker.Id, here.Select(static s => s.Work).ToArray());
                tried = true;
            }
        }

        return tried;
    }
}
