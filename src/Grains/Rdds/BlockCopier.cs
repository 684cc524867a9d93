using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Placement;
using MicroSpark.Model;
using MicroSpark.Tasks;

namespace MicroSpark.Grains.Rdds;

/// <summary>
/// Brings blocks of a recipe that keeps two copies to a second worker each, on another host when there is one. A worker copies as it
/// computes: one batch of tasks each, and each task reads the block over the data plane. A copy that cannot be made is none: at worst the
/// block is computed again. For one thread at a time: the turns of the RddGrain.
/// </summary>
internal sealed class BlockCopier(IWorkerPool pool)
{
    /// <summary>In one batch, which is one message: a task is some 40 bytes.</summary>
    internal const int MostTasks = Pages.Largest / 40;

    private readonly Dictionary<BatchId, WorkerId> _batches = [];
    private readonly Dictionary<WorkerId, int> _given = [];

    /// <summary>Ends when each block has been copied or not; <paramref name="copied"/> is called for those that have.</summary>
    /// <param name="version">Of the recipe's own map: one that has all of the blocks.</param>
    public async Task CopyAsync(
        StageSpec stage, long version, IReadOnlyList<(int Partition, AttemptId Attempt, WorkerId At)> blocks, Action<TaskReport> copied)
    {
        var live = await pool.Of(stage.Plan.Protocol).LiveAsync();
        var shares = blocks.Select(b => (Block: b, Target: TargetOf(b.At, live))).Where(static b => b.Target is not null)
            .GroupBy(static b => b.Target!.Value, static b => new TaskItem(b.Block.Partition, b.Block.Attempt, 0, Copy: true));
        await Task.WhenAll(shares.SelectMany(share => share.Chunk(MostTasks).Select(tasks => FollowAsync(
            share.Key, new TaskBatch(BatchId.New(), stage, [new InputVersion(stage.Output, version)], tasks, Owner: pool.Own),
            copied))).ToArray());
    }

    public void Stop()
    {
        foreach (var (batch, worker) in _batches)
        {
            pool.Get(worker).CancelBatchAsync(batch, null).Forget();
        }
    }

    private WorkerId? TargetOf(WorkerId at, IReadOnlyList<WorkerDescription> live)
    {
        var target = PlacementPolicy.CopyOf(at, live, w => _given.GetValueOrDefault(w));
        if (target is { } worker)
        {
            _given[worker] = _given.GetValueOrDefault(worker) + 1;
        }

        return target;
    }

    private async Task FollowAsync(WorkerId target, TaskBatch batch, Action<TaskReport> copied)
    {
        _batches.Add(batch.Id, target);
        try
        {
            var page = await pool.Get(target).RunBatchAsync(batch);
            while (true)
            {
                foreach (var report in page.Reports.Where(static r => r.End == TaskEnd.Succeeded))
                {
                    copied(report);
                }

                if (page.Finished)
                {
                    return;
                }

                page = await pool.Get(target).NextAsync(BatchPoll.Of(batch, page.Next));
            }
        }
        catch (Exception e) when (CallErrors.IsTransient(e))
        {
            // The worker is gone, and what it has not told of with it.
        }
        finally
        {
            _batches.Remove(batch.Id);
        }
    }
}
