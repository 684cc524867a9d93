namespace MicroSpark.Memory;

/// <summary>
/// A number of bytes that blocks and tasks share: a silo's, or one principal's part of it. Half is divided into equal shares that each slot
/// can always have; of the other half tasks take what is there. Members that say so are called under the pool's lock.
/// </summary>
/// <param name="limit">Bytes.</param>
/// <param name="tasks">How many run at once.</param>
internal sealed class MemoryBudget(long limit, int tasks)
{
    private long _limit = limit;
    private long _share = limit / (2 * tasks);
    private long _beyondShares;
    private long _working;
    private long _blocks;
    private long _shared;
    private int _open;

    public long Limit => Interlocked.Read(ref _limit);

    /// <inheritdoc cref="MemoryPool.Working" />
    public long Working => Interlocked.Read(ref _working);

    /// <inheritdoc cref="MemoryPool.Blocks" />
    public long Blocks => Interlocked.Read(ref _blocks);

    /// <inheritdoc cref="MemoryPool.Shared" />
    public long Shared => Interlocked.Read(ref _shared);

    /// <summary>By how much all together are over it; negative when there is room.</summary>
    public long Excess => Blocks + Working + Shared - Limit;

    public void HoldBlocks(long bytes) => Interlocked.Add(ref _blocks, bytes);

    public void HoldShared(long bytes) => Interlocked.Add(ref _shared, bytes);

    /// <summary>A task begins (1) or has ended (-1). Under the lock.</summary>
    public void Open(int tasks) => _open += tasks;

    /// <summary>Whether a task that holds so much may have more. Under the lock.</summary>
    public bool Has(long held, long bytes)
    {
        var beyond = BeyondShare(held + bytes) - BeyondShare(held);
        return beyond <= 0 || beyond <= _limit - (_share * Math.Max(tasks, _open)) - _beyondShares;
    }

    /// <summary>A task that held so much has more, or less, from now on. Under the lock.</summary>
    public void Give(long held, long bytes)
    {
        _beyondShares += BeyondShare(held + bytes) - BeyondShare(held);
        _working += bytes;
    }

    /// <param name="held">By each running task. Under the lock.</param>
    public void Resize(long bytes, IEnumerable<long> held)
    {
        Interlocked.Exchange(ref _limit, bytes);
        _share = bytes / (2 * tasks);
        _beyondShares = 0;
        foreach (var one in held)
        {
            _beyondShares += BeyondShare(one);
        }
    }

    private long BeyondShare(long held) => Math.Max(0, held - _share);
}
