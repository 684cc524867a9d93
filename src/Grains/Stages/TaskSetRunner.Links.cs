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
        var grain = pool.Get(link.Worker);
        var (seen, started) = (0, false);
        var trial = s_patience.Begin(time);
        while (_open > 0)
        {
            try
            {
                link.Told = stage.Barrier || link.Doubted ? 0 : _queue.For(link.Worker, IsThere, IsAlone);
                link.Asked = time.GetTimestamp();
                var page = started
                    ? await grain.NextAsync(new BatchPoll(link.Request.Id, seen, link.Sent, tasks, link.Told))
                    : await grain.RunBatchAsync(link.Request with { Tasks = tasks, Pending = link.Told });
                started = true;
                trial.Succeeded();
                link.Asked = null;
                link.Doubted = false;
                link.Send(tasks.Length);
                seen = page.Next;
                tasks = [];
                Handle(link, page);
                if (page.Unknown)
                {
                    Lose(link, null);
                    break;
                }

                if (_open == 0 || !TryGoOn(link, page, out tasks))
                {
                    break;
                }
            }
            catch (Exception e)
            {
                // Both calls may be repeated: the batch has an id, what it brings and the reports are numbered.
                if (e is SiloUnavailableException || !pool.IsLive(link.Worker))
                {
                    _lost.Add(link.Worker);
                    Lose(link, null);
                    break;
                }

                if (!trial.Failed() || (e is TimeoutException && trial.Failures > 1))
                {
                    Lose(link, e);
                    break;
                }

                await trial.PauseAsync();
            }
        }

        _links.Remove(link.Worker);
        if (link.Told > 0)
        {
            // Others of the stage may send instead.
            grain.OfferAsync(link.Request.Id, 0).Forget();
        }

        if (_open > 0)
        {
            Assign();
            Balance();
        }
    }

    /// <summary>Whether the worker has tasks of the set, or will have; the next ones go along with the next poll.</summary>
    private bool TryGoOn(WorkerLink link, ReportPage page, out TaskItem[] tasks)
    {
        // What came back goes to those first that have the least to do.
        Assign();
        tasks = Take(link, page.Wanted);
        Balance();
        return link.Open.Count > 0 || (!stage.Barrier && _queue.For(link.Worker, IsThere, IsAlone) > 0);
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
