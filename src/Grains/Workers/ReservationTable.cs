using System.Collections.Concurrent;
using MicroSpark.Engine;
using MicroSpark.Grains.Contracts;
using MicroSpark.Slots;

namespace MicroSpark.Grains.Workers;

/// <summary>
/// The slots of one silo that owners of barrier stages have reserved. An owner that dies gives back what it has by its silence.
/// </summary>
internal sealed class ReservationTable(WorkerEngine engine, TimeProvider time)
{
    private static readonly TimeSpan s_silence = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<BatchId, Kept> _kept = new();

    /// <summary>As <see cref="IWorkerGrain.ReserveAsync"/>.</summary>
    public async Task<bool> ReserveAsync(BatchId id, int slots, bool above)
    {
        var fresh = new Kept(new SlotReservation(slots), time.GetTimestamp());
        var kept = _kept.GetOrAdd(id, fresh);
        if (ReferenceEquals(kept, fresh))
        {
            _ = engine.ReserveAsync(kept.Reservation, above);
        }

        var granted = await kept.Reservation.Decided.Task;
        if (!granted)
        {
            _kept.TryRemove(new KeyValuePair<BatchId, Kept>(id, kept));
        }

        return granted;
    }

    /// <summary>For a batch; null when it was given back.</summary>
    public SlotReservation? Use(BatchId id) => _kept.GetValueOrDefault(id)?.Reservation;

    public void Release(BatchId id)
    {
        if (_kept.TryRemove(id, out var kept))
        {
            engine.Release(kept.Reservation);
        }
    }

    /// <summary>Gives back what was reserved long ago and no batch uses.</summary>
    public void Sweep(HashSet<BatchId> used)
    {
        foreach (var (id, kept) in _kept)
        {
            if (!used.Contains(id) && time.GetElapsedTime(kept.Since) > s_silence)
            {
                Release(id);
            }
        }
    }

    private sealed record Kept(SlotReservation Reservation, long Since);
}
