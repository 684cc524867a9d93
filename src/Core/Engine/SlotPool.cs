using System.Collections.Concurrent;

namespace MicroSpark.Engine;

/// <summary>A silo's slots, and the queue of work that they take from.</summary>
internal sealed class SlotPool : IDisposable
{
    private readonly BlockingCollection<Action> _queue = [];
    private readonly Slot[] _slots;

    public SlotPool(int slots, string name)
    {
        _slots = new Slot[slots];
        for (var i = 0; i < slots; i++)
        {
            _slots[i] = new Slot($"{name} slot {i}", Take);
        }
    }

    public int Slots => _slots.Length;

    public int Busy => _slots.Count(static slot => slot.IsBusy);

    /// <summary>Work that was given up and has not ended: its threads are above the slots.</summary>
    public int GivenUp => _slots.Sum(static slot => slot.GivenUp);

    public void Enqueue(Action work) => _queue.Add(work);

    public void Dispose() => _queue.CompleteAdding();

    private Action? Take() => _queue.TryTake(out var work, Timeout.Infinite) ? work : null;
}
