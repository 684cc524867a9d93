using System.Collections.Concurrent;

namespace MicroSpark.Engine;

/// <summary>
/// Dedicated threads, one per slot: user code never runs on the shared pool, where Orleans' turns, probes and sockets live. Stacks are
/// roomy because readers of long chains nest.
/// </summary>
internal sealed class SlotPool : IDisposable
{
    private const int StackBytes = 16 << 20;

    private readonly BlockingCollection<Action> _queue = [];
    private readonly Thread[] _threads;
    private int _busy;

    public SlotPool(int slots, string name)
    {
        _threads = new Thread[slots];
        for (var i = 0; i < slots; i++)
        {
            _threads[i] = new Thread(Work, StackBytes) { IsBackground = true, Name = $"{name} slot {i}" };
            _threads[i].Start();
        }
    }

    public int Slots => _threads.Length;

    public int Busy => Volatile.Read(ref _busy);

    public void Enqueue(Action work) => _queue.Add(work);

    public void Dispose() => _queue.CompleteAdding();

    private void Work()
    {
        foreach (var work in _queue.GetConsumingEnumerable())
        {
            Interlocked.Increment(ref _busy);
            try
            {
                work();
            }
            finally
            {
                Interlocked.Decrement(ref _busy);
            }
        }
    }
}
