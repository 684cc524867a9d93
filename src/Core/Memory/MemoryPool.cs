namespace MicroSpark.Memory;

/// <summary>
/// The budget of one silo, shared by the blocks that it holds and the tasks that it runs. Tasks come first: they push blocks out (to disk,
/// or away) before they are refused. Half of the budget is divided into equal shares that each slot can always have; of the other half
/// tasks take what is there. So what is granted never exceeds the budget, and no task waits for another.
/// </summary>
/// <param name="limit">Bytes.</param>
/// <param name="tasks">How many run at once.</param>
/// <param name="starved">Refuses tasks everything: results must not depend on what is granted, and this shows whether they do.</param>
internal sealed class MemoryPool(long limit, int tasks, bool starved = false)
{
    private readonly Lock _gate = new();
    private readonly long _share = limit / (2 * tasks);
    private readonly HeapWatch _heap = new(limit);
    private long _working;
    private long _beyondShares;
    private long _blocks;

    public long Limit => limit;

    /// <summary>What running tasks hold, in bytes.</summary>
    public long Working => Interlocked.Read(ref _working);

    /// <summary>What blocks in memory hold, in bytes.</summary>
    public long Blocks => Interlocked.Read(ref _blocks);

    /// <summary>Frees blocks until <see cref="Excess"/> is gone, as far as there are any, on the caller's thread. Set by the block store.</summary>
    public Action PushOut { get; set; } = static () => { };

    /// <summary>By how much blocks and tasks together are over the budget; negative when there is room.</summary>
    public long Excess => Blocks + Working - limit;

    public void HoldBlocks(long bytes)
    {
        Interlocked.Add(ref _blocks, bytes);
        _heap.Note(bytes, Blocks + Working);
    }

    /// <summary>So many bytes went to disk: what they were made of is garbage now.</summary>
    public void NoteSpilled(long bytes) => _heap.Note(bytes, Blocks + Working);

    public TaskMemory Open(SpillFolder folder, Closures.CodeSpace code) => new(this, folder, code);

    /// <summary>Grants <paramref name="bytes"/> more to a task that holds <paramref name="held"/>.</summary>
    internal bool TryGrant(long held, long bytes)
    {
        lock (_gate)
        {
            var beyond = Math.Max(0, held + bytes - _share) - Math.Max(0, held - _share);
            if (starved || beyond > limit - (_share * tasks) - _beyondShares)
            {
                return false;
            }

            _beyondShares += beyond;
            _working += bytes;
        }

        if (Excess > 0)
        {
            PushOut();
        }

        _heap.Note(bytes, Blocks + Working);

        return true;
    }

    internal void TakeBack(long held, long bytes)
    {
        lock (_gate)
        {
            _beyondShares -= Math.Max(0, held - _share) - Math.Max(0, held - bytes - _share);
            _working -= bytes;
        }

        _heap.Note(bytes, Blocks + Working);
    }
}
