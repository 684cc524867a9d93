using MicroSpark.Codecs;
using MicroSpark.Memory;
using MicroSpark.Model;

namespace MicroSpark.Storage;

/// <summary>
/// Past the budget, memory is freed in this order, least recently used first. First, recipes that nobody holds and no task is at work on
/// are dropped. Then blocks of the others go to disk where they may, or are dropped where no task is at work on them; so do the elements of
/// results. Last go results that were not asked for during a minute, because a client may be about to fetch one. A block at which tasks are
/// at work goes to disk even when its level forbids it, until it has been read. Otherwise a block that does not fit could never be read at
/// all.
/// </summary>
internal sealed partial class BlockStore
{
    /// <summary>Results stay so long, and so do blocks on disk that nobody holds.</summary>
    private static readonly TimeSpan s_retention = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan s_sweepEvery = TimeSpan.FromSeconds(30);

    /// <summary>Blocks not used for so long may go: results, and on a full disk a shuffle's output, which can be made again.</summary>
    private static readonly TimeSpan s_idle = TimeSpan.FromMinutes(1);

    private readonly Lock _pushing = new();
    private long _swept;

    /// <summary>
    /// Brings blocks and tasks together within the budget, as far as there are blocks. One thread at a time: the others find it done.
    /// </summary>
    private void PushOut()
    {
        lock (_pushing)
        {
            if (_pool.Excess <= 0)
            {
                return;
            }

            var recipes = _recipes.Where(static r => r.Value.Bytes > 0).Select(
                r => (r.Key, Recipe: r.Value, r.Value.LastUse, Held: IsHeld(r.Key)))
                .OrderBy(static r => r.LastUse).ToArray();
            foreach (var (lineage, recipe, _, held) in recipes)
            {
                if (!held && !recipe.IsPinned && recipe.Keeping != BlockKeeping.Result && IsEnough(() => GiveUp(lineage, recipe)))
                {
                    return;
                }
            }

            foreach (var (lineage, recipe, _, held) in recipes)
            {
                if ((held || recipe.IsPinned || recipe.Keeping == BlockKeeping.Result)
                    && recipe.InMemory().Any(key => IsEnough(() => PushOut(lineage, recipe, key))))
                {
                    return;
                }
            }

            foreach (var (lineage, recipe, _, _) in recipes)
            {
                if (recipe.Keeping == BlockKeeping.Result && !recipe.IsPinned && _time.GetElapsedTime(recipe.LastUse) > s_idle
                    && IsEnough(() => GiveUp(lineage, recipe)))
                {
                    return;
                }
            }
        }
    }

    private bool IsEnough(Action freeing)
    {
        freeing();
        return _pool.Excess <= 0;
    }

    private void GiveUp(LineageId lineage, RecipeBlocks recipe)
    {
        var bytes = recipe.Bytes;
        RemoveAll(lineage);
        Moved?.Invoke(lineage, null, bytes, false);
    }

    private void PushOut(LineageId lineage, RecipeBlocks recipe, (int Partition, AttemptId Attempt) key)
    {
        var borrowed = recipe.Keeping == BlockKeeping.MemoryOnly;
        if (borrowed && !recipe.IsPinned)
        {
            var dropped = recipe.Remove(key);
            Drop(dropped);
            Moved?.Invoke(lineage, key.Partition, dropped?.Bytes ?? 0, false);
            return;
        }

        if (recipe.Peek(key) is not { } block)
        {
            return;
        }

        try
        {
            var moved = ToDisk(block);
            if (recipe.Move(key, block, moved, borrowed))
            {
                _pool.HoldBlocks((moved?.Bytes ?? block.Bytes) - block.Bytes);
                if (moved is not null)
                {
                    Moved?.Invoke(lineage, key.Partition, block.Bytes - moved.Bytes, true);
                }
            }
            else
            {
                moved?.Dispose();
            }
        }
        catch (SpillException) when (borrowed)
        {
            Drop(recipe.Remove(key));
        }
        catch (NotEncodableException)
        {
            // Only elements that never leave their process can be such: they stay.
            recipe.Move(key, block, null, borrowed);
        }
    }

    private Block? ToDisk(Block block)
    {
        var file = new SpillFile(_spill, _code);
        Block? moved = null;
        try
        {
            moved = block.ToDisk(file);
            moved?.Updates = block.Updates;
            return moved;
        }
        finally
        {
            if (moved is null)
            {
                file.Dispose();
            }
        }
    }

    /// <summary>The disk is full: drops one recipe that is on it and that nobody needs now.</summary>
    /// <returns>Whether there was one.</returns>
    private bool MakeDiskRoom()
    {
        foreach (var (lineage, recipe) in _recipes.ToArray().OrderBy(r => IsHeld(r.Key)).ThenBy(static r => r.Value.LastUse))
        {
            if (recipe.DiskBytes > 0 && !recipe.IsPinned
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
                && (recipe.Keeping == BlockKeeping.Result || (recipe.DiskBytes > 0 && !IsHeld(lineage))))
            {
                RemoveAll(lineage);
            }
        }
    }
}
