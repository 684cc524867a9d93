using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Events;
using MicroSpark.Grains.Placement;
using MicroSpark.Model;
using MicroSpark.Tasks;

namespace MicroSpark.Grains.Stages;

/// <summary>
/// Runs a set of tasks of one stage on the live workers: one batch per worker, polled side by side. A failing task is tried again, on
/// another worker where there is one, up to the policy's limit. A lost worker's tasks go to the others and never count. A straggler gets a
/// second attempt. For one thread at a time: the turns of the grain that owns it.
/// </summary>
internal sealed partial class TaskSetRunner(
    StageSpec stage, IWorkerPool pool, TimeProvider time, int firstAttempt = 0, SiloEvents? events = null)
    : IWorkerTaskSet
{
    /// <summary>How long a set waits for a worker when none is alive.</summary>
    private static readonly TimeSpan s_noWorker = TimeSpan.FromSeconds(30);

    /// <summary>Ends without success and without a failure of the task's own (a worker that drops it) before the set gives up.</summary>
    private const int MostReturns = 20;

    private readonly OwnerLog _log = new(stage, events);
    private readonly Dictionary<int, Work> _works = [];
    private readonly List<Batch> _batches = [];
    private readonly HashSet<WorkerId> _lost = [];
    private readonly List<Work> _pending = [];
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private InputVersion[] _inputs = [];
    private Action<TaskReport> _ended = static _ => { };
    private int _open;
    private bool _assigning;

    public Task RunAsync(IReadOnlyList<PlacedPartition> partitions, InputVersion[] inputs, Action<TaskReport> ended)
    {
        (_inputs, _ended, _open) = (inputs, ended, partitions.Count);
        if (_open == 0)
        {
            return Task.CompletedTask;
        }

        foreach (var placed in partitions)
        {
            var work = new Work(placed);
            _works.Add(placed.Partition, work);
            _pending.Add(work);
        }

        Assign();
        return _done.Task;
    }

    public void Stop()
    {
        foreach (var work in _works.Values)
        {
            Cancel(work.Partition);
        }
    }

    public void Cancel(int partition)
    {
        if (_works.TryGetValue(partition, out var work) && !work.Ended)
        {
            End(work, TaskReport.Cancelled(partition));
        }
    }

    /// <summary>Sends what is pending; one assignment at a time, so that works that come back meanwhile go together.</summary>
    private async void Assign()
    {
        if (_assigning)
        {
            return;
        }

        _assigning = true;
        try
        {
            while (_pending.Count > 0 && await LiveAsync() is var workers)
            {
                var works = _pending.Where(w => !w.Ended).ToArray();
                _pending.Clear();
                if (workers.Count > 0)
                {
                    Send(works, workers);
                }
                else
                {
                    EndAll(works, static w => TaskReport.NoWorker(w.Partition));
                }
            }
        }
        catch (Exception e)
        {
            // Nobody awaits this method: what goes wrong here has to end the set.
            EndAll(_works.Values, w => Failed(w, null, TaskFailure.Of(e, canRetry: false)));
        }
        finally
        {
            _assigning = false;
        }
    }

    private async Task<IReadOnlyList<WorkerDescription>> LiveAsync()
    {
        var started = time.GetTimestamp();
        while (true)
        {
            var version = pool.Version;
            var live = await pool.LiveAsync();
            if (_lost.Count > 0)
            {
                live = live.Where(w => !_lost.Contains(w.Id)).ToArray();
            }

            var left = s_noWorker - time.GetElapsedTime(started);
            if (live.Count > 0 || left <= TimeSpan.Zero || _open == 0)
            {
                return live;
            }

            await pool.ChangedAsync(version, left < Slices.Longest ? left : Slices.Longest);
        }
    }

    private void Send(Work[] works, IReadOnlyList<WorkerDescription> workers)
    {
        foreach (var work in works.Where(w => w.Attempts > 0))
        {
            work.Preferred = PlacementPolicy.Again(workers, work.Avoid, OpenAt);
        }

        PlacedPartition[] wanted = [.. works.Select(w => new PlacedPartition(w.Partition, w.Preferred))];
        var placed = PlacementPolicy.Spread(wanted, workers, stage.Output);
        if (workers.Count == 1)
        {
            Send(workers[0].Id, works);
            return;
        }

        foreach (var share in works.Zip(placed).GroupBy(p => p.Second, p => p.First))
        {
            Send(share.Key, share.ToArray());
        }
    }

    private void Send(WorkerId worker, Work[] works)
    {
        var items = new TaskItem[works.Length];
        var open = new Dictionary<int, Work>(works.Length);
        for (var i = 0; i < works.Length; i++)
        {
            var work = works[i];
            items[i] = new TaskItem(work.Partition, AttemptId.New(), firstAttempt + work.Attempts++);
            open.Add(work.Partition, work);
            work.Running++;
        }

        var batch = new Batch(worker, new TaskBatch(BatchId.New(), stage, _inputs, items), open) { Heard = time.GetTimestamp() };
        _batches.Add(batch);
        Follow(batch);
    }

    private int OpenAt(WorkerId worker) => _batches.Where(b => b.Worker == worker).Sum(b => b.Open.Count);

    private void Handle(Batch batch, ReportPage page)
    {
        if (page.Reports.Length > 0)
        {
            batch.Heard = time.GetTimestamp();
        }

        foreach (var report in page.Reports)
        {
            if (report.Span is { } span)
            {
                _log.Witness(batch.Worker, span);
            }

            if (batch.Open.Remove(report.Partition, out var work))
            {
                work.Running--;
                if (!work.Ended)
                {
                    Handle(batch, work, report);
                }
            }
        }

        Assign();
        WatchForStragglers();
    }

    private void Handle(Batch batch, Work work, TaskReport report)
    {
        switch (report.End)
        {
            case TaskEnd.Succeeded:
                End(work, report);
                break;
            case TaskEnd.Failed when report.Failure is { CanRetry: true } && ++work.Failures < stage.Policy.MaxTaskFailures:
                _log.Failed(work.Partition, batch.AttemptAt(report), batch.Worker, report.Failure, work.Failures, again: work.Running == 0);
                work.Avoid = report.Worker;
                Return(work);
                break;
            case TaskEnd.Failed:
                End(work, report.After(work.Failures));
                break;
            case TaskEnd.InputLost when work.Running == 0:
                End(work, report);
                break;
            case TaskEnd.InputLost:
                // Its other attempt may have what this one did not find. No third one will.
                work.LostInput = true;
                break;
            case TaskEnd.Cancelled:
                _log.GivenBack(work.Partition, batch.AttemptAt(report), batch.Worker, again: work.Running == 0);
                if (work.Running == 0)
                {
                    GiveBack(work, report.Worker, "its worker dropped it");
                }

                break;
        }
    }

    /// <summary>The task did not run to its end through no fault of its own.</summary>
    private void GiveBack(Work work, WorkerId worker, string why)
    {
        if (stage.Barrier)
        {
            // The others have to start again too.
            Cancel(work.Partition);
        }
        else if (++work.Returns <= MostReturns)
        {
            work.Avoid = worker;
            Return(work);
        }
        else
        {
            End(work, Failed(work, worker, new TaskFailure(
                typeof(ClusterUnavailableException).FullName!,
                $"The task was sent out {work.Returns} times and came back undone; the last time {why}.",
                null, null, null, null, CanRetry: false, null, null)));
        }
    }

    private void Return(Work work)
    {
        if (work.Running == 0)
        {
            _pending.Add(work);
        }
    }

    private static TaskReport Failed(Work work, WorkerId? worker, TaskFailure failure) =>
        TaskReport.Failed(work.Partition, worker, failure, work.Failures);

    private void EndAll(IEnumerable<Work> works, Func<Work, TaskReport> report)
    {
        foreach (var work in works.Where(w => !w.Ended).ToArray())
        {
            End(work, report(work));
        }
    }

    /// <summary>First wins: what else runs for the partition is cancelled.</summary>
    private void End(Work work, TaskReport report)
    {
        work.Ended = true;
        if (report.End == TaskEnd.Succeeded)
        {
            _milliseconds.Add(report.Milliseconds);
        }

        if (work.Running > 0)
        {
            foreach (var batch in _batches.Where(b => b.Open.ContainsKey(work.Partition)))
            {
                if (report.End == TaskEnd.Succeeded)
                {
                    _log.Superseded(work.Partition, batch.AttemptAt(work.Partition), batch.Worker, report.Worker);
                }

                batch.Stopped.Add(work.Partition);
                StopStopped(batch);
            }
        }

        _ended(report);
        if (--_open == 0)
        {
            _done.TrySetResult();
        }
    }
}
