namespace MicroSpark.Memory;

/// <summary>
/// Keeps the process near what the budget counts. The collector does not know of a budget: while the machine has memory it lets garbage
/// lie. Data that streams through a small budget becomes garbage at the speed of the disk. So the heap is collected when it exceeds the
/// known memory of tasks and blocks by a quarter of the budget. Memory that other code fills counts as garbage once, and then as that
/// code's own.
/// </summary>
internal sealed class HeapWatch
{
    /// <summary>The heap is looked at when so many bytes were granted, given back or spilled.</summary>
    private const long Step = 4 << 20;

    private long _moved;
    private long _others = long.MaxValue;
    private int _collecting;
    private long _returned;

    /// <param name="bytes">What was granted, given back or spilled.</param>
    /// <param name="counted">What tasks and blocks hold.</param>
    /// <param name="limit">The budget.</param>
    public void Note(long bytes, long counted, long limit)
    {
        if (Interlocked.Add(ref _moved, Math.Abs(bytes)) < Step)
        {
            return;
        }

        Interlocked.Exchange(ref _moved, 0);
        if (Interlocked.Exchange(ref _collecting, 1) != 0)
        {
            return;
        }

        try
        {
            var others = GC.GetTotalMemory(forceFullCollection: false) - counted;
            if (others < _others)
            {
                _others = others;
            }
            else if (others - _others > Math.Max(limit, _others) / 4)
            {
                GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, compacting: false);
                _others = GC.GetTotalMemory(forceFullCollection: false) - counted;
            }

            ReturnUnused(limit);
        }
        finally
        {
            Volatile.Write(ref _collecting, 0);
        }
    }

    /// <summary>
    /// What the collector keeps for later use is too fragmented for large arrays: at a quarter of the budget it gives it back.
    /// </summary>
    private void ReturnUnused(long limit)
    {
        var info = GC.GetGCMemoryInfo(GCKind.Any);
        if (info.Index != _returned
            && info.TotalCommittedBytes - GC.GetTotalMemory(forceFullCollection: false) > Math.Max(limit, _others) / 4)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            _returned = GC.GetGCMemoryInfo(GCKind.Any).Index;
        }
    }
}
