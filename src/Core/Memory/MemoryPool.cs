using MicroSpark.Code;

namespace MicroSpark.Memory;

/// <summary>
/// The budget of one silo, shared by the blocks that it holds and the tasks that it runs. Tasks come first: they push blocks out (to disk,
/// or away) before they are refused. Half of the budget is divided into equal shares that each slot can always have; of the other half
/// tasks take what is there. So what is granted never exceeds the budget, and no task waits for another. The share of a task that runs
/// above the slots comes out of that other half.
/// </summary>
/// <param name="limit">Bytes.</param>
/// <param name="tasks">How many run at once.</param>
/// <param name="starved">Refuses tasks everything: results must not depend on what is granted, and this shows whether they do.</param>
internal sealed class MemoryPool(long limit, int tasks, bool starved = false)
{
    private readonly Lock _gate = new();
    private readonly HeapWatch _heap = new();
    private readonly List<TaskMemory> _open = [];
    private long _limit = limit;
    private long _share = limit / (2 * tasks);
    private long _working;
    private long _beyondShares;
    private long _blocks;
    private long _shared;

    /// <summary>
    /// Bytes of the longest line that a task may hold: it is not spilled, and decompressed it may be a thousand times its file.
    /// </summary>
    public long LongestLine { get; init; } = long.MaxValue;

    public long Limit => Interlocked.Read(ref _limit);

    /// <summary>What running tasks hold, in bytes.</summary>
    public long Working => Interlocked.Read(ref _working);

    /// <summary>What blocks in memory hold, in bytes.</summary>
    public long Blocks => Interlocked.Read(ref _blocks);

    /// <summary>
    /// Frees blocks until <see cref="Excess"/> is gone, as far as there are any, on the caller's thread. Set by the block store.
    /// </summary>
    public Action PushOut { get; set; } = static () => { };

    /// <summary>What tasks share and nobody can push out, in bytes: decoded broadcasts.</summary>
    public long Shared => Interlocked.Read(ref _shared);

    /// <summary>By how much all together are over the budget; negative when there is room.</summary>
    public long Excess => Blocks + Working + Shared - Limit;

    public void HoldBlocks(long bytes)
    {
        Interlocked.Add(ref _blocks, bytes);
        Note(bytes);
    }

    public void HoldShared(long bytes)
    {
        Interlocked.Add(ref _shared, bytes);
        if (bytes > 0)
        {
            Granted(bytes);
        }
    }

    /// <summary>
    /// From now on the silo has so many bytes. Of a smaller budget blocks are pushed out at once; a task that holds more than its new share
    /// keeps it and is refused more.
    /// </summary>
    public void Resize(long bytes)
    {
        lock (_gate)
        {
            Interlocked.Exchange(ref _limit, bytes);
            _share = bytes / (2 * tasks);
            _beyondShares = 0;
            foreach (var task in _open)
            {
                _beyondShares += BeyondShare(task.Held);
            }
        }

        if (Excess > 0)
        {
            PushOut();
        }
    }

    /// <summary>So many bytes went to disk: what they were made of is garbage now.</summary>
    public void NoteSpilled(long bytes) => Note(bytes);

    public TaskMemory Open(SpillFolder folder, CodeSpace code)
    {
        var task = new TaskMemory(this, folder, code);
        lock (_gate)
        {
            _open.Add(task);
        }

        return task;
    }

    /// <summary>Grants a task <paramref name="bytes"/> more.</summary>
    internal bool TryGrant(TaskMemory task, long bytes)
    {
        lock (_gate)
        {
            var beyond = BeyondShare(task.Held + bytes) - BeyondShare(task.Held);
            if (starved || (beyond > 0 && beyond > _limit - (_share * Math.Max(tasks, _open.Count)) - _beyondShares))
            {
                return false;
            }

            Give(task, bytes, beyond);
        }

        Granted(bytes);
        return true;
    }

    /// <summary>Counts what a task holds in any case.</summary>
    internal void Hold(TaskMemory task, long bytes)
    {
        lock (_gate)
        {
            Give(task, bytes, BeyondShare(task.Held + bytes) - BeyondShare(task.Held));
        }

        Granted(bytes);
    }

    internal void TakeBack(TaskMemory task, long bytes)
    {
        lock (_gate)
        {
            _beyondShares -= BeyondShare(task.Held) - BeyondShare(task.Held - bytes);
            _working -= bytes;
            task.Held -= bytes;
        }

        Note(bytes);
    }

    internal void Close(TaskMemory task)
    {
        lock (_gate)
        {
            _open.Remove(task);
        }
    }

    private void Give(TaskMemory task, long bytes, long beyond)
    {
        _beyondShares += beyond;
        _working += bytes;
        task.Held += bytes;
    }

    private void Granted(long bytes)
    {
        if (Excess > 0)
        {
            PushOut();
        }

        Note(bytes);
    }

    private long BeyondShare(long held) => Math.Max(0, held - _share);

    private void Note(long bytes) => _heap.Note(bytes, Blocks + Working + Shared, Limit);
}
