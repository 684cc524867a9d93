using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Events;
using MicroSpark.Grains.Placement;

namespace MicroSpark.Grains.Stages;

/// <summary>
/// Computes partitions under the lock of their PartitionGrains: one ticket per run. For one thread at a time: the turns of the RddGrain.
/// </summary>
internal sealed class PartitionTaskSet(StageSpec stage, IGrainFactory grains, IWorkerPool pool, SiloEvents events, TimeProvider time)
    : ITaskSet
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly Dictionary<BatchId, IPartitionGrain> _tickets = [];
    private readonly OwnerLog _log = new(stage, events);
    private bool _stopped;

    public async Task RunAsync(IReadOnlyList<PlacedPartition> partitions, InputVersion[] inputs, Action<TaskReport> ended)
    {
        // Dealt out here, over the whole set: a grain sees only its own run and would begin at the first worker each time.
        var placed = partitions;
        if (pool.Known.Count > 1 && await pool.LiveAsync() is { Count: > 0 } workers)
        {
            var at = Spread.Over(partitions, workers, stage.Output);
            placed = partitions.Select((p, i) => p with { Preferred = at[i] }).ToArray();
        }

        var length = PartitionRuns.Length(stage.NumPartitions);
        await Task.WhenAll(placed.GroupBy(p => p.Partition / length).Select(run => FollowAsync(run.Key, run.ToDictionary(p => p.Partition), inputs, ended)));
    }

    public void Stop()
    {
        _stopped = true;
        foreach (var (ticket, grain) in _tickets)
        {
            grain.CancelAsync(ticket).Forget();
        }
    }

    private async Task FollowAsync(int run, Dictionary<int, PlacedPartition> open, InputVersion[] inputs, Action<TaskReport> ended)
    {
        var grain = grains.GetGrain<IPartitionGrain>(PartitionRuns.Key(stage.Output, run));
        var heard = time.GetTimestamp();
        while (open.Count > 0 && !_stopped)
        {
            // A new ticket when the grain was lost: what it had started is joined, or done twice, which is harmless.
            var ticket = BatchId.New();
            _tickets.Add(ticket, grain);
            try
            {
                await FollowAsync(grain, new RunRequest(ticket, stage, inputs, [.. open.Values.OrderBy(p => p.Partition)]), open, ended);
            }
            catch (Exception e) when (CallErrors.IsTransient(e) && time.GetElapsedTime(heard) < s_patience)
            {
                _log.OwnerLost();
                await Task.Delay(s_pause, time);
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

    private async Task FollowAsync(IPartitionGrain grain, RunRequest request, Dictionary<int, PlacedPartition> open, Action<TaskReport> ended)
    {
        var page = await grain.RunAsync(request);
        while (true)
        {
            foreach (var report in page.Reports)
            {
                if (open.Remove(report.Partition))
                {
                    ended(report);
                }
            }

            if (page.Finished || _stopped)
            {
                return;
            }

            page = await grain.NextAsync(request.Ticket, page.Next);
        }
    }
}
