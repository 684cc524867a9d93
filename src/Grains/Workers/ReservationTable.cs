using System.Collections.Concurrent;
using MicroSpark.Engine;
using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.Contracts;
using MicroSpark.Model;
using MicroSpark.Slots;

namespace MicroSpark.Grains.Workers;

/// <summary>
/// The slots of one silo that are kept for barrier stages, and for tasks that run alone. An owner gives back what it has when its silo
/// is lost, or by its silence.
/// </summary>
internal sealed class ReservationTable(WorkerEngine engine, IWorkerPool pool, TimeProvider time)
{
    private static readonly TimeSpan s_silence = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<BatchId, Kept> _kept = new();

    /// <summary>How many were asked for and not given back.</summary>
    public int Count => _kept.Count;

    /// <summary>As <see cref="IWorkerGrain.ReserveAsync"/>.</summary>
    public async Task<bool> ReserveAsync(BatchId id, int slots, bool above, WorkerId? owner)
    {
        var fresh = NewKept(slots, owner);
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

    /// <summary>As <see cref="IWorkerGrain.ReserveAllAsync"/>.</summary>
    public async Task<bool> ReserveAllAsync(BatchId id, TimeSpan slice, WorkerId? owner)
    {
        var fresh = NewKept(engine.Slots, owner);
        var kept = _kept.GetOrAdd(id, fresh);
        if (ReferenceEquals(kept, fresh))
        {
            _ = engine.ReserveAsync(kept.Reservation, above: false, patient: true);
        }
        else
        {
            // Whoever asks is there.
            kept.Since = fresh.Since;
        }

        await (kept.Over ??= kept.Reservation.Decided.Task.InTurnAsync()).WithinAsync(slice, time);
        return kept.Reservation.Decided.Task is { IsCompletedSuccessfully: true, Result: true };
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

    /// <summary>Gives back what was reserved from silos that are lost.</summary>
    public void ReleaseLost()
    {
        foreach (var (id, kept) in _kept)
        {
            if (kept.Owner is { } owner && pool.IsDead(owner))
            {
                Release(id);
            }
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

    private Kept NewKept(int slots, WorkerId? owner) => new(new SlotReservation(slots), owner, time.GetTimestamp());

    private sealed class Kept(SlotReservation reservation, WorkerId? owner, long since)
    {
        public WorkerId? Owner => owner;

        public SlotReservation Reservation => reservation;

        /// <summary>Ends when it is decided; null until somebody waits for that.</summary>
        public Task? Over { get; set; }

        /// <summary>When its owner last asked for it.</summary>
        public long Since { get; set; } = since;
    }
}
