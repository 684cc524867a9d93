using MicroSpark.Errors;
using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.Contracts;
using MicroSpark.Tasks;

namespace MicroSpark.Grains.Stages;

// How a worker is followed for as long as it has tasks of the set, or would take some.
internal sealed partial class TaskSetRunner
{
    private static readonly Patience s_patience = new(TimeSpan.FromMilliseconds(100))
    {
        Tries = 5,
        LongestPause = TimeSpan.FromMilliseconds(500),
    };

    private async void Follow(WorkerLink link, TaskItem[] tasks)
    {
        try
        {
            await FollowAsync(link, tasks);
            _links.Remove(link.Worker);
            if (_open > 0)
            {
                Assign();
                Balance();
            }
        }
        catch (Exception e)
        {
            // Nobody awaits this method: what goes wrong here has to end the set.
            EndAll(w => Failed(w, link.Worker, TaskFailure.Of(e, canRetry: false)));
        }
    }

    private async Task FollowAsync(WorkerLink link, TaskItem[] tasks)
    {
        var grain = pool.Get(link.Worker);
        var (seen, more) = (0, true);
        link.Send(tasks.Length, time.GetTimestamp());
        for (var started = false; more && _open > 0; started = true)
        {
            if (await PollAsync(grain, link, started, seen, tasks) is not { } page)
            {
                return;
            }

            link.Asked = null;
            link.Doubted = false;
            link.Received += tasks.Length;
            seen = page.Next;
            Handle(link, page);
            if (page.Unknown)
            {
                Lose(link, null);
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
        var trial = s_patience.Begin(time);
        while (true)
        {
            try
            {
                link.Told = stage.Barrier || link.Doubted ? 0 : _queue.For(link.Worker, IsThere, IsAlone);
                link.Asked = time.GetTimestamp();
                return started
                    ? await grain.NextAsync(new BatchPoll(link.Request.Id, seen, link.Received, tasks, link.Told))
                    : await grain.RunBatchAsync(link.Request with { Tasks = tasks, Pending = link.Told });
            }
            catch (Exception e)
            {
                // Both calls may be repeated: the batch has an id, what it brings and the reports are numbered.
                if (e is SiloUnavailableException || !pool.IsLive(link.Worker))
                {
                    _lost.Add(link.Worker);
                    Lose(link, null);
                    return null;
                }

                if (!trial.Failed() || (e is TimeoutException && trial.Failures > 1))
                {
                    Lose(link, e);
                    return null;
                }
            }

            await trial.PauseAsync();
            if (_open == 0)
            {
                return null;
            }
        }
    }

    /// <summary>Whether the worker has tasks of the set, or will have; and those that go along with the next poll.</summary>
    private (bool More, TaskItem[] Tasks) Next(WorkerLink link, ReportPage page)
    {
        if (_open == 0)
        {
            return (false, []);
        }

        // What came back goes to those first that have the least to do.
        Assign();
        var tasks = Take(link, page.Wanted);
        link.Send(tasks.Length, time.GetTimestamp());
        Balance();
        return (link.Open.Count > 0 || (!stage.Barrier && _queue.For(link.Worker, IsThere, IsAlone) > 0), tasks);
    }

    /// <summary>The worker will not report the rest: it goes elsewhere. An error of a live worker counts as the tasks' failure.</summary>
    private void Lose(WorkerLink link, Exception? error)
    {
        foreach (var sent in link.Open.Values.ToArray())
        {
            var work = sent.Work;
            link.Open.Remove(work.Partition);
            var alone = --work.Running == 0;
            if (work.Ended)
            {
                continue;
            }

            if (error is null || !alone)
            {
                _log.WorkerLost(work.Partition, sent.Item.AttemptNumber, link.Worker, again: alone);
            }

            if (alone && error is null)
            {
                GiveBack(work, link.Worker, "its worker was lost");
            }
            else if (alone)
            {
                Handle(link, sent, Failed(work, link.Worker, TaskFailure.Of(error!)));
            }
        }
    }

    /// <summary>One call stops all tasks of a batch that ended elsewhere in this turn.</summary>
    private async void StopStopped(WorkerLink link)
    {
        if (link.Stopping)
        {
            return;
        }

        link.Stopping = true;
        await Task.Yield();
        link.Stopping = false;
        var stopped = link.Stopped.ToArray();
        link.Stopped.Clear();
        pool.Get(link.Worker).CancelBatchAsync(link.Request.Id, stopped).Forget();
    }
}
