using MicroSpark.Codecs;
using MicroSpark.Memory;
using MicroSpark.Model;

namespace MicroSpark.Storage;

/// <summary>
/// Past the budget, memory is freed in this order, least recently used first, among <see cref="MostLookedAt"/> recipes at a time so that it
/// takes as long with many of them as with few. First, recipes that nobody holds and no task is at work on are dropped. Then blocks of the
/// others go to disk where they may; so do the elements of results. What may not is dropped, and while tasks are at work on it an
/// <see cref="UnkeptBlock"/> takes its place: else they would have it computed, and dropped, again and again. Last go results that were not
/// asked for during a minute, because a client may be about to fetch one. What is over the part of a name that has only a part of the
/// memory goes in the same order, out of its own blocks alone.
/// </summary>
internal sealed partial class BlockStore
{
    /// <summary>Results stay so long, and so do blocks that nobody holds: the next program may declare the same recipe.</summary>
    private static readonly TimeSpan s_retention = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan s_sweepEvery = TimeSpan.FromSeconds(30);

    /// <summary>Blocks not used for so long may go: results, and on a full disk a shuffle's output, which can be made again.</summary>
    private static readonly TimeSpan s_idle = TimeSpan.FromMinutes(1);

    /// <summary>Recipes that are looked at together: unless there are more, the order is exact.</summary>
    private const int MostLookedAt = 64;

    private readonly Lock _pushing = new();
    private long _swept;

    /// <summary>
    /// Brings blocks and tasks together within a budget, as far as there are blocks. One thread at a time: the others find it done.
    /// </summary>
    /// <param name="by">Of who wants the room; null for no quota.</param>
    private void PushOut(MemoryBudget budget, OwnerQuota? by)
    {
        var order = OrderOf(budget);
        lock (_pushing)
        {
            if (budget.Excess <= 0)
            {
                return;
            }

            var looked = new List<RecipeBlocks>();
            try
            {
                while (budget.Excess > 0 && Look(budget, by, order, looked))
                {
                    // The next are looked at.
                }
            }
            finally
            {
                var now = _time.GetTimestamp();
                foreach (var recipe in looked.Where(static r => r.Bytes > 0))
                {
                    if (recipe.NewestInMemory() is null)
                    {
                        order.AddLast(recipe, now);
                    }
                    else
                    {
                        order.Add(recipe);
                    }
                }
            }
        }
    }

    /// <summary>Frees memory among the least recently used recipes that were not looked at yet.</summary>
    /// <returns>Whether there is reason to look at more.</returns>
    private bool Look(MemoryBudget budget, OwnerQuota? by, EvictionOrder order, List<RecipeBlocks> looked)
    {
        var first = looked.Count;
        while (looked.Count - first < MostLookedAt && order.TryTake(out var next))
        {
            looked.Add(next);
        }

        var excess = budget.Excess;
        var recipes = looked.GetRange(first, looked.Count - first).ConvertAll(r => (Recipe: r, Held: IsHeld(r.Lineage)));
        foreach (var (recipe, held) in recipes)
        {
            if (!held && !recipe.IsPinned && recipe.Keeping != BlockKeeping.Result && IsEnough(budget, () => GiveUp(recipe)))
            {
                return false;
            }
        }

        foreach (var (recipe, held) in recipes)
        {
            while ((held || recipe.IsPinned || recipe.Keeping == BlockKeeping.Result) && recipe.NewestInMemory() is { } key)
            {
                if (IsEnough(budget, () => PushOut(recipe, key, by)))
                {
                    return false;
                }
            }
        }

        foreach (var (recipe, _) in recipes)
        {
            if (recipe.Keeping == BlockKeeping.Result && !recipe.IsPinned && _time.GetElapsedTime(recipe.LastUse) > s_idle
                && IsEnough(budget, () => GiveUp(recipe)))
            {
                return false;
            }
        }

        // Where nothing could be freed, those behind are not asked all at once: the next call begins with them.
        return recipes.Count == MostLookedAt && budget.Excess < excess;
    }

    private static bool IsEnough(MemoryBudget budget, Action freeing)
    {
        freeing();
        return budget.Excess <= 0;
    }

    private void GiveUp(RecipeBlocks recipe)
    {
        var bytes = recipe.Bytes;
        RemoveAll(recipe.Lineage);
        Moved?.Invoke(recipe.Lineage, null, bytes, false);
    }

    private void PushOut(RecipeBlocks recipe, (int Partition, AttemptId Attempt) key, OwnerQuota? by)
    {
        if (recipe.Keeping == BlockKeeping.MemoryOnly)
        {
            LetGo(recipe, key);
            return;
        }


        if (recipe.Peek(key) is not { } block)
        {
            return;
        }

        var file = new SpillFile(_spill, _code, recipe.Quota);
        try
        {
            var moved = block.MoveTo(file);
            if (recipe.Move(key, block, moved))
            {
                _pool.HoldBlocks((moved?.Bytes ?? block.Bytes) - block.Bytes, recipe.Quota);
                if (moved is not null)
                {
                    Moved?.Invoke(recipe.Lineage, key.Partition, block.Bytes - moved.Bytes, true);
                }
            }
            else
            {
                moved?.Dispose();
            }
        }
        catch (NotEncodableException)
        {
            // Only elements that never leave their process can be such: they stay.
            recipe.Move(key, block, null);
        }
        catch (SpillException) when (file.IsOverQuota && recipe.Quota != by)
        {
            // Its owner may have no more on disk, and another's task needs the memory: that one is not to fail for it. It is lost, as with
            // its worker, and computed again when it is wanted.
            var lost = recipe.Remove(key);
            Drop(recipe, lost);
            Moved?.Invoke(recipe.Lineage, key.Partition, lost?.Bytes ?? 0, false);
        }
    }

    /// <summary>Drops a block that may not go to disk.</summary>
    private void LetGo(RecipeBlocks recipe, (int Partition, AttemptId Attempt) key)
    {
        Block? dropped;
        if (!recipe.IsPinned)
        {
            dropped = recipe.Remove(key);
        }
        else if (recipe.Peek(key) is { } block
            && recipe.Move(key, block, new UnkeptBlock(block.Count, block.Fingerprint) { Updates = block.Updates }))
        {
            dropped = block;
        }
        else
        {
            return;
        }

        Drop(recipe, dropped);
        Moved?.Invoke(recipe.Lineage, key.Partition, dropped?.Bytes ?? 0, false);
    }

    /// <summary>The disk is full: drops one recipe that is on it and that nobody needs now.</summary>
    /// <param name="quota">Only of this owner, who may have no more on it; null for all.</param>
    /// <returns>Whether there was one.</returns>
    private bool MakeDiskRoom(OwnerQuota? quota)
    {
        foreach (var (lineage, recipe) in _recipes.ToArray().OrderBy(r => IsHeld(r.Key)).ThenBy(static r => r.Value.LastUse))
        {
            if (recipe.DiskBytes > 0 && !recipe.IsPinned && (quota is null || recipe.Quota == quota)
                && (!IsHeld(lineage) || (recipe.Keeping == BlockKeeping.MayGoToDisk && _time.GetElapsedTime(recipe.LastUse) > s_idle)))
            {
                RemoveAll(lineage);
                return true;
            }
        }

        return false;
    }

    private void Sweep()
    {
        var swept = Interlocked.Read(ref _swept);
        if (_time.GetElapsedTime(swept) < s_sweepEvery || Interlocked.CompareExchange(ref _swept, _time.GetTimestamp(), swept) != swept)
        {
            return;
        }

        foreach (var (lineage, recipe) in _recipes)
        {
            if (_time.GetElapsedTime(recipe.LastUse) > s_retention && !recipe.IsPinned
                && (recipe.Keeping == BlockKeeping.Result || !IsHeld(lineage)))
            {
                RemoveAll(lineage);
            }
        }
    }
}
