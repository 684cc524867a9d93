using MicroSpark.Code;
using MicroSpark.Options;

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
    private readonly Dictionary<string, OwnerQuota> _quotas = [];

    /// <summary>The whole.</summary>
    public MemoryBudget Budget { get; } = new(limit, tasks);

    /// <summary>Those who may have only a part of it, or of the disk.</summary>
    public IEnumerable<OwnerLimits> Limits
    {
        init
        {
            foreach (var owner in value)
            {
                if (owner is not { Memory: null, Spill: null })
                {
                    _quotas.Add(owner.Name, new OwnerQuota(owner, tasks));
                }
            }
        }
    }

    /// <summary>
    /// Bytes of the longest line that a task may hold: it is not spilled, and decompressed it may be a thousand times its file.
    /// </summary>
    public long LongestLine { get; init; } = long.MaxValue;

    public long Limit => Budget.Limit;

    /// <summary>What running tasks hold, in bytes.</summary>
    public long Working => Budget.Working;

    /// <summary>What blocks in memory hold, in bytes.</summary>
    public long Blocks => Budget.Blocks;

    /// <summary>
    /// Frees blocks until a budget's excess is gone, as far as it has any, on the caller's thread: for whom is the second. Set by the block
    /// store.
    /// </summary>
    public Action<MemoryBudget, OwnerQuota?> PushOut { get; set; } = static (_, _) => { };

    /// <summary>What tasks share and nobody can push out, in bytes: decoded broadcasts.</summary>
    public long Shared => Budget.Shared;

    /// <summary>By how much all together are over the budget; negative when there is room.</summary>
    public long Excess => Budget.Excess;

    /// <param name="owner">Whose plan it is; null for the cluster's own secret.</param>
    /// <returns>Null for who may have whatever there is.</returns>
    public OwnerQuota? QuotaOf(string? owner) => owner is null ? null : _quotas.GetValueOrDefault(owner);

    public void HoldBlocks(long bytes, OwnerQuota? quota = null)
    {
        Budget.HoldBlocks(bytes);
        quota?.Memory?.HoldBlocks(bytes);
        Note(bytes);
    }

    public void HoldShared(long bytes, OwnerQuota? quota = null)
    {
        Budget.HoldShared(bytes);
        quota?.Memory?.HoldShared(bytes);
        if (bytes > 0)
        {
            Granted(bytes, quota);
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
            Budget.Resize(bytes, _open.Select(static task => task.Held));
        }

        MakeRoom(null);
    }

    /// <summary>So many bytes went to disk: what they were made of is garbage now.</summary>
    public void NoteSpilled(long bytes) => Note(bytes);

    /// <summary>What is over a budget goes out, the name's own first.</summary>
    /// <param name="quota">Of who wants the room.</param>
    public void MakeRoom(OwnerQuota? quota)
    {
        if (quota?.Memory is { Excess: > 0 } own)
        {
            PushOut(own, quota);
        }

        if (Budget.Excess > 0)
        {
            PushOut(Budget, quota);
        }
    }

    public TaskMemory Open(SpillFolder folder, CodeSpace code, OwnerQuota? quota = null)
    {
        var task = new TaskMemory(this, folder, code, quota);
        lock (_gate)
        {
            _open.Add(task);
            Budget.Open(1);
            quota?.Memory?.Open(1);
        }

        return task;
    }

    /// <summary>Grants a task <paramref name="bytes"/> more.</summary>
    internal bool TryGrant(TaskMemory task, long bytes)
    {
        lock (_gate)
        {
            if (starved || !Budget.Has(task.Held, bytes) || task.Quota?.Memory?.Has(task.Held, bytes) == false)
            {
                return false;
            }

            Give(task, bytes);
        }

        Granted(bytes, task.Quota);
        return true;
    }

    /// <summary>Counts what a task holds in any case.</summary>
    internal void Hold(TaskMemory task, long bytes)
    {
        lock (_gate)
        {
            Give(task, bytes);
        }

        Granted(bytes, task.Quota);
    }

    internal void TakeBack(TaskMemory task, long bytes)
    {
        lock (_gate)
        {
            Give(task, -bytes);
        }

        Note(bytes);
    }

    internal void Close(TaskMemory task)
    {
        lock (_gate)
        {
            _open.Remove(task);
            Budget.Open(-1);
            task.Quota?.Memory?.Open(-1);
        }
    }

    private void Give(TaskMemory task, long bytes)
    {
        Budget.Give(task.Held, bytes);
        task.Quota?.Memory?.Give(task.Held, bytes);
        task.Held += bytes;
    }

    private void Granted(long bytes, OwnerQuota? quota)
    {
        MakeRoom(quota);
        Note(bytes);
    }

    private void Note(long bytes) => _heap.Note(bytes, Blocks + Working + Shared, Limit);
}
