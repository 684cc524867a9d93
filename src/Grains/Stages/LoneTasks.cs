using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Placement;
using MicroSpark.Model;

namespace MicroSpark.Grains.Stages;

/// <summary>
/// Tasks of one set under which two workers have died. Each runs alone at a worker that keeps all its slots for it, one after the other:
/// should that worker die too, no task of anybody dies with it, and what it died of is known.
/// </summary>
internal sealed class LoneTasks(TaskBoard board, WorkerLinks links)
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(250);

    private readonly Queue<TaskWork> _waiting = new();
    private bool _running;

    public void Add(TaskWork work)
    {
        _waiting.Enqueue(work);
        if (!_running)
        {
            _running = true;
            RunAllAsync().Forget();
        }
    }

    private async Task RunAllAsync()
    {
        // Not in the turn of whoever gave the task back: that one has not done its books.
        await Task.Yield();
        try
        {
            while (_waiting.TryDequeue(out var work))
            {
                await RunAsync(work);
            }
        }
        catch (Exception e)
        {
            // Nobody awaits this method: what goes wrong here has to end the set.
            links.GaveUp(e);
        }
        finally
        {
            _running = false;
        }
    }

    private async Task RunAsync(TaskWork work)
    {
        while (!work.Ended)
        {
            if (!await links.LiveAsync())
            {
                links.GaveUp(null);
                return;
            }

            if (work.Ended)
            {
                return;
            }

            var id = PlacementPolicy.Alone(board.Workers, board.Pool.Own, work.Avoid, board.OpenAt);
            var worker = board.Workers.First(w => w.Id == id);
            var grain = board.Pool.Get(id);
            var kept = BatchId.New();
            try
            {
                if (await ReserveAsync(grain, kept, work))
                {
                    // It may have gone meanwhile: its link finds out.
                    await links.RunAloneAsync(worker, work, kept);
                    return;
                }
            }
            finally
            {
                grain.UnreserveAsync(kept).Forget();
            }

            // It is gone, and the cluster does not know yet.
            await Task.Delay(s_pause, board.Time);
        }
    }

    /// <summary>False when nobody wants the task any more, or the worker cannot be asked.</summary>
    private async Task<bool> ReserveAsync(IWorkerGrain grain, BatchId kept, TaskWork work)
    {
        try
        {
            while (!await grain.ReserveAllAsync(kept, board.Pool.Own))
            {
                if (work.Ended)
                {
                    return false;
                }
            }

            return !work.Ended;
        }
        catch (Exception e) when (CallErrors.IsTransient(e))
        {
            return false;
        }
    }
}
