using System.Collections.Concurrent;
using MicroSpark.Driver.Clusters;
using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.Contracts;

namespace MicroSpark.Driver.Events;

// Jobs that need no client: looked after whether or not they are awaited, or told as a whole afterwards.
internal sealed partial class EventFeed
{
    private readonly ConcurrentDictionary<JobId, bool> _over = new();

    /// <summary>Looks after a submitted job until it has ended, whether or not anybody follows it.</summary>
    public async Task WatchAsync(JobId job, IJobGrain grain)
    {
        var watch = new JobWatcher(time, grain, Silence);
        try
        {
            while (_jobs.ContainsKey(job))
            {
                var update = await watch.NextAsync(Wanted ? Period : Slices.Longest, _closing.Token).ConfigureAwait(false);
                await hear(job, grain, update, _closing.Token).ConfigureAwait(false);
                await UpdateAsync(job, update.Stages, _closing.Token).ConfigureAwait(false);
                if (update.Phase != JobPhase.Running)
                {
                    await EndAsync(job, update.Stages, grain, null, goesOn: true).ConfigureAwait(false);
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or KeyNotFoundException or ClusterUnavailableException)
        {
            // The context is closed, or the cluster does not know the job any more: its end cannot be told.
            _jobs.TryRemove(job, out _);
        }
    }

    /// <summary>What workers still remember of a job of any client; null when no worker keeps a record of it.</summary>
    public async Task<IReadOnlyList<EngineEvent>?> OfAsync(JobId job, CancellationToken cancellationToken)
    {
        var summary = (await AskAsync(static grain => grain.JobsAsync(), patient: true, cancellationToken).ConfigureAwait(false))
            .FirstOrDefault(known => known.Job == job);
        if (summary is null)
        {
            return null;
        }

        var pages = new List<EventPage>();
        for (var more = true; more;)
        {
            var query = new EventQuery(
                null, job, [
                    .. pages.GroupBy(page => page.Worker).Select(worker => new EventCursor(worker.Key, worker.Max(page => page.Next)))]);
            var next = await AskAsync(grain => grain.EventsAsync(query), patient: true, cancellationToken).ConfigureAwait(false);
            pages.AddRange(next);
            more = next.Any(static page => page.More);
        }

        return PastJobs.Of(summary, [.. pages]);
    }

    /// <summary>
    /// For a job of another client that was followed from here. When it is over, all that the workers remember of it is told at once.
    /// </summary>
    private async Task RecallAsync(JobId job)
    {
        if (!_over.TryAdd(job, true))
        {
            return;
        }

        IReadOnlyList<EngineEvent>? events = null;
        try
        {
            events = await OfAsync(job, _closing.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (IsGone(e))
        {
            _ = e;
        }

        if (events is not [.., EngineEvent.JobEnded])
        {
            _over.TryRemove(job, out _);
            return;
        }

        foreach (var one in events)
        {
            Raise(one);
        }
    }
}
