using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Placement;
using MicroSpark.Model;

namespace MicroSpark.Grains.Stages;

/// <summary>
/// Gets slots for tasks that run together: all or none. Owners ask the workers in one order, that of their ids, so that of two who want
/// the same slots one gets all; each worker keeps slots empty for a second at most, and after a refusal all are given back. Who has waited
/// for ten seconds gets threads above the slots.
/// </summary>
internal sealed class BarrierSlots(IWorkerPool pool, TimeProvider time)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(50);

    private readonly List<WorkerId> _asked = [];

    /// <summary>Names what was reserved last.</summary>
    public BatchId Id { get; private set; }

    /// <summary>A worker for each of so many tasks; fewer when the live workers do not have as many slots, or it was stopped.</summary>
    public async Task<WorkerId[]> GatherAsync(int tasks, Func<bool> stopped)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            var places = PlacementPolicy.Together(await pool.LiveAsync());
            if (stopped())
            {
                return [];
            }

            if (places.Length < tasks || await TryReserveAsync(places[..tasks], time.GetElapsedTime(started) >= s_patience))
            {
                return places.Length < tasks ? places : places[..tasks];
            }

            Release();
            await Task.Delay(s_pause, time);
        }
    }

    /// <summary>Gives back what is kept.</summary>
    public void Release()
    {
        foreach (var worker in _asked)
        {
            pool.Get(worker).UnreserveAsync(Id).Forget();
        }

        _asked.Clear();
    }

    private async Task<bool> TryReserveAsync(WorkerId[] places, bool above)
    {
        Id = BatchId.New();
        foreach (var (worker, slots) in places.CountBy(static w => w).OrderBy(static p => p.Key.Value, StringComparer.Ordinal))
        {
            _asked.Add(worker);
            try
            {
                if (!await pool.Get(worker).ReserveAsync(Id, slots, above, pool.Own))
                {
                    return false;
                }
            }
            catch (Exception e) when (CallErrors.IsTransient(e))
            {
                return false;
            }
        }

        return true;
    }
}
