using MicroSpark.Errors;
using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Events;
using MicroSpark.Grains.Placement;

namespace MicroSpark.Grains.Stages;

/// <summary>
/// Computes partitions under the lock of their PartitionGrains: one ticket per grain. For one thread at a time: the turns of the RddGrain.
/// </summary>
internal sealed class PartitionTaskSet(StageSpec stage, IGrainFactory grains, IWorkerPool pool, SiloEvents events, TimeProvider time)
    : ITaskSet
{
    private readonly Dictionary<BatchId, IPartitionGrain> _tickets = [];
    private readonly OwnerLog _log = new(stage, events);

    /// <summary>Ends when nobody wants the tasks any more.</summary>
    private readonly TaskCompletionSource _stop = new();
    private JobStake[]? _jobs;

    public async Task RunAsync(IReadOnlyList<PlacedPartition> partitions, InputVersion[] inputs, Action<TaskReport> ended)
    {
        // Dealt out here, over the whole set: a grain sees only its own share and would begin at the first worker each time.
        var placed = partitions;
        if (pool.Known.Count > 1 && await pool.Of(stage.Plan.Protocol).LiveAsync() is { Count: > 0 } workers)
        {
            var at = PlacementPolicy.Spread(partitions, workers, stage.Output);
            placed = partitions.Select((p, i) => p with { Preferred = at[i], Dealt = p.Preferred != at[i] }).ToArray();
        }

        var length = PlacementPolicy.PartitionsPerOwner(stage);
        var shares = placed.GroupBy(p => p.Partition / length);
        await Task.WhenAll(shares.Select(share => FollowAsync(share.Key, share.ToDictionary(p => p.Partition), inputs, ended)));
    }

    public void Stop()
    {
        _stop.TrySetResult();
        foreach (var (ticket, grain) in _tickets)
        {
            grain.CancelAsync(ticket).Forget();
        }
    }

    public void Share(JobStake[] jobs)
    {
        _jobs = jobs;
        foreach (var (ticket, grain) in _tickets)
        {
            grain.ShareAsync(ticket, jobs).Forget();
        }
    }

    private async Task FollowAsync(int share, Dictionary<int, PlacedPartition> open, InputVersion[] inputs, Action<TaskReport> ended)
    {
        var grain = grains.GetGrain<IPartitionGrain>(PartitionShares.KeyOf(stage.Output, share));
        var trial = GrainCalls.Patience.Begin(time);
        var tasks = stage;
        while (open.Count > 0 && !_stop.Task.IsCompleted)
        {
            // A new ticket when the grain was lost: what it had started is joined, or done twice, which is harmless.
            var ticket = BatchId.New();
            _tickets.Add(ticket, grain);
            try
            {
                var request = new ShareRequest(
                    ticket, tasks, inputs, PlacedRuns.Of([.. open.Values.OrderBy(static p => p.Partition)]));
                var started = FollowAsync(grain, request, trial, open, ended);
                if (_jobs is { } jobs)
                {
                    grain.ShareAsync(ticket, jobs).Forget();
                }

                await started;
            }
            catch (Exception e) when (CallErrors.IsTransient(e, CancellationToken.None))
            {
                if (!trial.Failed())
                {
                    throw;
                }

                _log.OwnerLost();
                tasks = stage with { Policy = stage.Policy with { SparesOwner = true } };
                await trial.PauseAsync();
            }
            finally
            {
                _tickets.Remove(ticket);
            }
        }

        foreach (var partition in open.Keys)
        {
            ended(TaskReport.Cancelled(partition));
        }
    }

    private async Task FollowAsync(
        IPartitionGrain grain, ShareRequest request, Patience.Trial trial, Dictionary<int, PlacedPartition> open, Action<TaskReport> ended)
    {
        var poll = grain.RunAsync(request);
        while (await UnlessStoppedAsync(poll) is { } page)
        {
            trial.Succeeded();
            foreach (var report in page.Reports)
            {
                if (open.Remove(report.Partition))
                {
                    ended(report);
                }
            }

            if (page.Finished || _stop.Task.IsCompleted)
            {
                return;
            }

            poll = grain.NextAsync(request.Ticket, page.Next);
        }
    }

    /// <summary>
    /// Null once nobody wants the tasks: the poll of a ticket that was cancelled may wait for seconds, and who wishes for the same stage
    /// waits for the end of this set.
    /// </summary>
    private async Task<ReportPage?> UnlessStoppedAsync(Task<ReportPage> poll)
    {
        await Task.WhenAny(poll, _stop.Task);
        if (poll.IsCompleted)
        {
            return await poll;
        }

        // Not inside the call that stops it.
        await Task.Yield();
        poll.Forget();
        return null;
    }
}
