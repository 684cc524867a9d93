using MicroSpark.Errors;
using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Placement;
using MicroSpark.Model;
using MicroSpark.Tasks;

namespace MicroSpark.Grains.Stages;

/// <summary>
/// Hands the tasks of one set out to workers, and follows each worker for as long as it has some of them, or would take some: one call at
/// a time, which brings reports back and takes the next tasks along.
/// </summary>
/// <param name="firstAttempt">The number of each task's first attempt.</param>
/// <param name="reservation">Of the slots that are kept for the tasks.</param>
internal sealed class WorkerLinks(TaskBoard board, InputVersion[] inputs, int firstAttempt, BatchId? reservation)
{
    private static readonly Patience s_patience = new(TimeSpan.FromMilliseconds(100))
    {
        Tries = 5,
        LongestPause = TimeSpan.FromMilliseconds(500),
    };

    private readonly HashSet<WorkerId> _lost = [];
    private JobStake[]? _jobs;
    private bool _assigning;
    private bool _again;

    /// <summary>Told of each reply.</summary>
    public required Action<WorkerLink, ReportPage> Arrived { get; init; }

    /// <summary>Told of a worker that will not report the rest: it is gone, or fails calls with an error.</summary>
    public required Action<WorkerLink, Exception?> Lost { get; init; }

    /// <summary>Told of a worker that cannot be connected to, before the cluster knows.</summary>
    public required Action<WorkerLink> Refused { get; init; }

    /// <summary>Told when a worker may have nothing to do.</summary>
    public required Action Rested { get; init; }

    /// <summary>Told when it cannot go on: no worker came, or an error that nobody else would hear of.</summary>
    public required Action<Exception?> GaveUp { get; init; }

    /// <summary>Looks who is alive; waits for somebody when nobody is. False when nobody came.</summary>
    public async ValueTask<bool> LiveAsync()
    {
        var started = board.Time.GetTimestamp();
        while (true)
        {
            var version = board.Pool.Version;
            var live = await board.Pool.LiveAsync();
            if (_lost.Count > 0)
            {
                live = live.Where(w => !_lost.Contains(w.Id)).ToArray();
            }

            board.Workers = live;
            foreach (var worker in live)
            {
                if (board.Links.TryGetValue(worker.Id, out var link))
                {
                    link.Description = worker;
                }
            }

            var left = board.Stage.Policy.NoWorkerPatience - board.Time.GetElapsedTime(started);
            if (live.Count > 0 || left <= TimeSpan.Zero || board.Open == 0)
            {
                return live.Count > 0;
            }

            await board.Pool.ChangedAsync(version, left < Slices.Longest ? left : Slices.Longest);
        }
    }

    /// <summary>
    /// Gives all workers what they may have; one assignment at a time, so that tasks that come back meanwhile go together.
    /// </summary>
    public void Assign() => AssignAsync().Forget();

    private async Task AssignAsync()
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
                if (board.Queue.Count == 0 || board.Open == 0)
                {
                    return;
                }

                if (await LiveAsync())
                {
                    Offer();
                }
                else
                {
                    GaveUp(null);
                }
            }
            while (_again);
        }
        catch (Exception e)
        {
            // Nobody awaits this method: what goes wrong here has to end the set.
            GaveUp(e);
        }
        finally
        {
            _assigning = false;
        }
    }

    /// <summary>From now on these jobs wait for the tasks.</summary>
    public void Share(JobStake[] jobs)
    {
        _jobs = jobs;
        foreach (var link in board.AllLinks)
        {
            board.Pool.Get(link.Worker).ShareAsync(link.Request.Id, jobs).Forget();
        }
    }

    /// <summary>Runs one task at a worker that keeps all its slots for it. Ends when the worker has reported it, or is lost.</summary>
    public async Task RunAloneAsync(WorkerDescription worker, TaskWork work, BatchId kept)
    {
        var batch = new TaskBatch(BatchId.New(), board.Stage, inputs, [], 0, kept, _jobs, board.Pool.Own);
        var link = new WorkerLink(worker, batch) { IsAlone = true };
        var item = Begin(link, work);
        board.Lone.Add(link);
        board.HasOneAlone.Add(worker.Id);
        await FollowAsync(link, [item]);
        board.Lone.Remove(link);
        if (!link.Died)
        {
            board.HasOneAlone.Remove(worker.Id);
        }
    }

    /// <summary>One call stops all tasks of a batch that ended elsewhere in this turn.</summary>
    public void StopStopped(WorkerLink link)
    {
        if (!link.Stopping)
        {
            link.Stopping = true;
            StopStoppedAsync(link).Forget();
        }
    }

    /// <summary>
    /// Opens links to workers that have none and may have something, those with the least to do first; tells the others that there is
    /// more. All have got their own first tasks before any of them helps another one.
    /// </summary>
    private void Offer()
    {
        var opened = new List<(WorkerLink Link, TaskItem[] Tasks)>();
        var workers = board.Workers.Count == 1 ? board.Workers : board.Workers.OrderBy(w => board.OpenAt(w.Id)).ToArray();
        foreach (var worker in workers)
        {
            if (!board.Links.ContainsKey(worker.Id) && board.HasNearest(worker))
            {
                opened.Add(Open(worker, own: true));
            }
        }

        foreach (var worker in workers)
        {
            if (board.PendingFor(worker) is not (> 0 and var pending))
            {
                continue;
            }

            if (!board.Links.TryGetValue(worker.Id, out var link))
            {
                opened.Add(Open(worker, own: board.Spares(worker)));
            }
            else if (link.Told == 0 && !link.Doubted && link.Asked is not null)
            {
                link.Told = pending;
                board.Pool.Get(worker.Id).OfferAsync(link.Request.Id, pending).Forget();
            }
        }

        foreach (var (link, tasks) in opened)
        {
            FollowToEndAsync(link, tasks).Forget();
        }
    }

    private async Task StopStoppedAsync(WorkerLink link)
    {
        await Task.Yield();
        link.Stopping = false;
        var stopped = link.Stopped.ToArray();
        link.Stopped.Clear();
        await board.Pool.Get(link.Worker).CancelBatchAsync(link.Request.Id, stopped);
    }

    private (WorkerLink Link, TaskItem[] Tasks) Open(WorkerDescription worker, bool own)
    {
        // Each of many owners would send a window: they ask first.
        var alone = PlacementPolicy.OwnersOf(board.Stage) == 1;
        var link = new WorkerLink(worker, new TaskBatch(BatchId.New(), board.Stage, inputs, [], 0, reservation, _jobs, board.Pool.Own));
        board.Links.Add(worker.Id, link);
        return (
            link, Take(
                link, board.Stage.Barrier ? int.MaxValue : alone ? PlacementPolicy.FirstWindow(worker) : 0, own || board.Stage.Barrier));
    }

    /// <summary>The next tasks for a worker, which then are at it.</summary>
    /// <param name="own">Only those that are nearest to it.</param>
    private TaskItem[] Take(WorkerLink link, int most, bool own = false)
    {
        var works = most == 0 ? [] : board.Queue.Take(link.Worker, most, board.IsThere, board.IsAlone, board.IsIdle(link.Description), own);
        var items = new List<TaskItem>(works.Count);
        foreach (var work in works.Where(w => !w.Ended))
        {
            if (link.Open.ContainsKey(work.Partition))
            {
                // A second attempt beside the first one on the same worker helps nobody.
                continue;
            }

            items.Add(Begin(link, work));
        }

        return [.. items];
    }

    /// <summary>A new attempt at a task, which from now on is at the worker.</summary>
    private TaskItem Begin(WorkerLink link, TaskWork work)
    {
        var item = new TaskItem(work.Partition, AttemptId.New(), firstAttempt + work.Attempts++);
        link.Open.Add(work.Partition, new SentTask(work, item));
        work.Running++;
        return item;
    }

    private async Task FollowToEndAsync(WorkerLink link, TaskItem[] tasks)
    {
        try
        {
            await FollowAsync(link, tasks);
            board.Links.Remove(link.Worker);
            if (board.Open > 0)
            {
                Assign();
                Rested();
            }
        }
        catch (Exception e)
        {
            // Nobody awaits this method: what goes wrong here has to end the set.
            GaveUp(e);
        }
    }

    private async Task FollowAsync(WorkerLink link, TaskItem[] tasks)
    {
        var grain = board.Pool.Get(link.Worker);
        var (seen, more) = (0, true);
        link.Send(tasks.Length, board.Time.GetTimestamp());
        for (var started = false; more && board.Open > 0; started = true)
        {
            if (await PollAsync(grain, link, started, seen, tasks) is not { } page)
            {
                return;
            }

            link.Asked = null;
            link.Doubted = false;
            link.IsFull = link.Told > 0 && page.Wanted == 0;
            link.Received += tasks.Length;
            seen = page.Next;
            Arrived(link, page);
            if (page.Unknown)
            {
                Lost(link, null);
                return;
            }

            (more, tasks) = Next(link, page);
        }

        if (link.Told > 0)
        {
            // Others of the stage may send instead.
            grain.OfferAsync(link.Request.Id, 0).Forget();
        }
    }

    /// <summary>One poll, repeated as often as it takes; null when the worker is lost.</summary>
    private async Task<ReportPage?> PollAsync(IWorkerGrain grain, WorkerLink link, bool started, int seen, TaskItem[] tasks)
    {
        var trial = s_patience.Begin(board.Time);
        while (true)
        {
            try
            {
                link.Told = board.Stage.Barrier || link.IsAlone || link.Doubted ? 0 : board.PendingFor(link.Description);
                link.Asked = board.Time.GetTimestamp();
                return started
                    ? await grain.NextAsync(new BatchPoll(link.Request.Id, seen, link.Received, tasks, link.Told))
                    : await grain.RunBatchAsync(link.Request with { Tasks = tasks, Pending = link.Told });
            }
            catch (Exception e)
            {
                // Both calls may be repeated: the batch has an id, what it brings and the reports are numbered.
                if (e is SiloUnavailableException || !board.Pool.IsLive(link.Worker))
                {
                    _lost.Add(link.Worker);
                    link.Died = true;
                    Lost(link, null);
                    return null;
                }

                var refused = CallErrors.IsRefusal(e);
                if (refused && !link.Doubted)
                {
                    // A process that has died leaves a port that refuses at once. The cluster's verdict takes seconds.
                    Refused(link);
                    Assign();
                }

                if (!trial.Failed() || (e is TimeoutException && trial.Failures > 1))
                {
                    // A dead worker's calls are refused or rejected. One that only does not answer may be busy.
                    var died = CallErrors.IsTransient(e) && e is not TimeoutException;
                    if (died)
                    {
                        _lost.Add(link.Worker);
                        link.Died = true;
                    }

                    Lost(link, died ? null : e);
                    return null;
                }
            }

            await trial.PauseAsync();
            if (board.Open == 0)
            {
                return null;
            }
        }
    }

    /// <summary>Whether the worker has tasks of the set, or will have; and those that go along with the next poll.</summary>
    private (bool More, TaskItem[] Tasks) Next(WorkerLink link, ReportPage page)
    {
        if (board.Open == 0)
        {
            return (false, []);
        }

        // What came back goes to those first that have the least to do.
        Assign();
        if (link.IsAlone)
        {
            return (link.Open.Count > 0, []);
        }

        var tasks = Take(link, page.Wanted, own: board.Spares(link.Description));
        link.Send(tasks.Length, board.Time.GetTimestamp());
        Rested();
        return (link.Open.Count > 0 || (!board.Stage.Barrier && board.PendingFor(link.Description) > 0), tasks);
    }
}
