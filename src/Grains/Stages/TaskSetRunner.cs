using MicroSpark.Errors;
using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Events;
using MicroSpark.Grains.Placement;
using MicroSpark.Model;
using MicroSpark.Tasks;

namespace MicroSpark.Grains.Stages;

/// <summary>
/// Runs a set of tasks of one stage on the live workers. It keeps the queue, and each worker takes as it has room: a window of tasks with
/// each poll, nearest data first. A failing task is tried again, on another worker where there is one, up to the policy's limit. A lost
/// worker's tasks go to the others and never count. What a slow worker has not begun is taken back, and what it has gets a second attempt.
/// For one thread at a time: the turns of the grain that owns it.
/// </summary>
internal sealed partial class TaskSetRunner(
    StageSpec stage, IWorkerPool pool, TimeProvider time, int firstAttempt = 0, SiloEvents? events = null, BatchId? reservation = null)
    : IWorkerTaskSet
{
    /// <summary>How long a set waits for a worker when none is alive.</summary>
    private static readonly TimeSpan s_noWorker = TimeSpan.FromSeconds(30);

    /// <summary>Ends without success and without a failure of the task's own (a worker that drops it) before the set gives up.</summary>
    private const int MostReturns = 20;

    private readonly OwnerLog _log = new(stage, events);
    private readonly Dictionary<int, TaskWork> _works = [];
    private readonly Dictionary<WorkerId, WorkerLink> _links = [];
    private readonly HashSet<WorkerId> _lost = [];
    private readonly TaskQueue _queue = new();
    private readonly Stragglers _stragglers = new(stage);
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IReadOnlyList<WorkerDescription> _workers = [];
    private InputVersion[] _inputs = [];
    private Action<TaskReport> _ended = static _ => { };
    private int _open;
    private JobStake[]? _jobs;
    private bool _assigning;
    private bool _again;

    public async Task RunAsync(IReadOnlyList<PlacedPartition> partitions, InputVersion[] inputs, Action<TaskReport> ended)
    {
        (_inputs, _ended, _open) = (inputs, ended, partitions.Count);
        if (_open == 0)
        {
            return;
        }

        _stragglers.Expect(_open);
        foreach (var placed in partitions)
        {
            _works.Add(placed.Partition, new TaskWork(placed.Partition) { Home = placed.Dealt ? null : placed.Preferred });
        }

        if (await LiveAsync())
        {
            var at = PlacementPolicy.Spread(partitions, _workers, stage.Output);
            for (var i = 0; i < at.Length; i++)
            {
                var work = _works[partitions[i].Partition];
                if (stage.Barrier && at[i] != partitions[i].Preferred)
                {
                    // Its worker is gone, and with it the slot that was kept for it.
                    Cancel(work.Partition);
                }
                else if (!work.Ended)
                {
                    _queue.Add(work, at[i]);
                }
            }

            Assign();
            Watch();
        }
        else
        {
            EndAll(static w => TaskReport.NoWorker(w.Partition));
        }

        await _done.Task;
    }

    public void Stop()
    {
        foreach (var work in _works.Values)
        {
            Cancel(work.Partition);
        }
    }

    public void Share(JobStake[] jobs)
    {
        _jobs = jobs;
        foreach (var link in _links.Values)
        {
            pool.Get(link.Worker).ShareAsync(link.Request.Id, jobs).Forget();
        }
    }

    public void Cancel(int partition)
    {
        if (_works.TryGetValue(partition, out var work) && !work.Ended)
        {
            End(work, TaskReport.Cancelled(partition));
        }
    }

    /// <summary>Gives all workers what they may have; one assignment at a time, so that tasks that come back meanwhile go together.</summary>
    private async void Assign()
    {
        if (_assigning)
        {
            _again = true;
            return;
        }

        _assigning = true;
        try
        {
            do
            {
                _again = false;
                if (_queue.Count == 0 || _open == 0)
                {
                    return;
                }

                if (await LiveAsync())
                {
                    Offer();
                }
                else
                {
                    EndAll(static w => TaskReport.NoWorker(w.Partition));
                }
            }
            while (_again);
        }
        catch (Exception e)
        {
            // Nobody awaits this method: what goes wrong here has to end the set.
            EndAll(w => Failed(w, null, TaskFailure.Of(e, canRetry: false)));
        }
        finally
        {
            _assigning = false;
        }
    }

    /// <summary>Looks who is alive; waits for somebody when nobody is. False when nobody came.</summary>
    private async ValueTask<bool> LiveAsync()
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

            _workers = live;
            var left = s_noWorker - time.GetElapsedTime(started);
            if (live.Count > 0 || left <= TimeSpan.Zero || _open == 0)
            {
                return live.Count > 0;
            }

            await pool.ChangedAsync(version, left < Slices.Longest ? left : Slices.Longest);
        }
    }

    /// <summary>
    /// Opens links to workers that have none and may have something, those with the least to do first; tells the others that there is
    /// more. All have got their own first tasks before any of them helps another one.
    /// </summary>
    private void Offer()
    {
        var opened = new List<(WorkerLink Link, TaskItem[] Tasks)>();
        var workers = _workers.Count == 1 ? _workers : _workers.OrderBy(w => OpenAt(w.Id)).ToArray();
        foreach (var worker in workers.Where(w => _queue.Has(w.Id)))
        {
            if (!_links.ContainsKey(worker.Id))
            {
                opened.Add(Open(worker, own: true));
            }
        }

        foreach (var worker in workers)
        {
            if (_queue.For(worker.Id, IsThere, IsAlone) is not (> 0 and var pending))
            {
                continue;
            }

            if (!_links.TryGetValue(worker.Id, out var link))
            {
                opened.Add(Open(worker, own: false));
            }
            else if (link.Told == 0 && !link.Doubted && link.Asked is not null)
            {
                link.Told = pending;
                pool.Get(worker.Id).OfferAsync(link.Request.Id, pending).Forget();
            }
        }

        foreach (var (link, tasks) in opened)
        {
            Follow(link, tasks);
        }
    }

    private (WorkerLink Link, TaskItem[] Tasks) Open(WorkerDescription worker, bool own)
    {
        // Each of many owners would send a window: they ask first.
        var alone = PlacementPolicy.OwnersOf(stage) == 1;
        var link = new WorkerLink(worker, new TaskBatch(BatchId.New(), stage, _inputs, [], 0, reservation, _jobs));
        _links.Add(worker.Id, link);
        return (link, Take(link, stage.Barrier ? int.MaxValue : alone ? PlacementPolicy.FirstWindow(worker) : 0, own || stage.Barrier));
    }

    /// <summary>The next tasks for a worker, which then are at it.</summary>
    /// <param name="own">Only those that are nearest to it.</param>
    private TaskItem[] Take(WorkerLink link, int most, bool own = false)
    {
        var works = most == 0 ? [] : _queue.Take(link.Worker, most, IsThere, IsAlone, own);
        var items = new List<TaskItem>(works.Count);
        foreach (var work in works.Where(w => !w.Ended))
        {
            if (link.Open.ContainsKey(work.Partition))
            {
                // A second attempt beside the first one on the same worker helps nobody.
                continue;
            }

            var item = new TaskItem(work.Partition, AttemptId.New(), firstAttempt + work.Attempts++);
            items.Add(item);
            link.Open.Add(work.Partition, new SentTask(work, item));
            work.Running++;
        }

        return [.. items];
    }

    private bool IsAlone => _workers.Count == 1;

    private int OpenAt(WorkerId worker) => _links.TryGetValue(worker, out var link) ? link.Open.Count : 0;

    /// <summary>Whether a worker can take tasks.</summary>
    private bool IsThere(WorkerId worker) =>
        _links.TryGetValue(worker, out var link) ? !link.Doubted : _workers.Any(w => w.Id == worker);

    private void Handle(WorkerLink link, ReportPage page)
    {
        link.Note(page, time.GetTimestamp());
        foreach (var report in page.Reports)
        {
            if (report.Span is { } span)
            {
                _log.Witness(link.Worker, span);
            }

            // Of an earlier attempt at the partition on this worker nobody wants to hear any more.
            if (link.Open.TryGetValue(report.Partition, out var sent) && sent.Item.Attempt == report.Attempt)
            {
                link.Open.Remove(report.Partition);
                sent.Work.Running--;
                if (report.End == TaskEnd.Succeeded)
                {
                    link.Took(report.Milliseconds);
                }

                if (!sent.Work.Ended)
                {
                    Handle(link, sent, report);
                }
            }
        }
    }

    private void Handle(WorkerLink link, SentTask sent, TaskReport report)
    {
        var work = sent.Work;
        switch (report.End)
        {
            case TaskEnd.Succeeded:
                End(work, report);
                break;
            case TaskEnd.Failed when report.Failure is { CanRetry: true } && ++work.Failures < stage.Policy.MaxTaskFailures:
                _log.Failed(work.Partition, link.AttemptAt(report, sent), link.Worker, report.Failure, work.Failures, work.Running == 0);
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
            case TaskEnd.TakenBack:
                work.Attempts--;
                work.Avoid = link.Worker;
                Return(work);
                break;
            case TaskEnd.Cancelled:
                _log.GivenBack(work.Partition, link.AttemptAt(report, sent), link.Worker, again: work.Running == 0);
                if (work.Running == 0)
                {
                    GiveBack(work, report.Worker, "its worker dropped it");
                }

                break;
        }
    }

    /// <summary>The task did not run to its end through no fault of its own.</summary>
    private void GiveBack(TaskWork work, WorkerId worker, string why)
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

    private void Return(TaskWork work)
    {
        if (work.Running == 0)
        {
            // Without any worker it waits in a list from which whoever comes may take.
            _queue.Add(work, _workers.Count > 0 ? PlacementPolicy.Again(_workers, work.Avoid, OpenAt) : default, first: true);
        }
    }

    private static TaskReport Failed(TaskWork work, WorkerId? worker, TaskFailure failure) =>
        TaskReport.Failed(work.Partition, worker, failure, work.Failures);

    private void EndAll(Func<TaskWork, TaskReport> report)
    {
        foreach (var work in _works.Values.Where(w => !w.Ended).ToArray())
        {
            End(work, report(work));
        }
    }

    /// <summary>First wins: what else runs for the partition is cancelled.</summary>
    private void End(TaskWork work, TaskReport report)
    {
        work.Ended = true;
        _queue.Remove(work);
        if (report.End == TaskEnd.Succeeded)
        {
            _stragglers.Succeeded(report.Milliseconds);
        }

        if (work.Running > 0)
        {
            foreach (var link in _links.Values.Where(b => b.Open.ContainsKey(work.Partition)))
            {
                if (report.End == TaskEnd.Succeeded)
                {
                    _log.Superseded(work.Partition, link.Open[work.Partition].Item.AttemptNumber, link.Worker, report.Worker);
                }

                link.Stopped.Add(work.Partition);
                StopStopped(link);
            }
        }

        _ended(report);
        if (--_open == 0)
        {
            _done.TrySetResult();
        }
    }
}
