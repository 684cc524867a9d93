using System.Diagnostics.CodeAnalysis;
using MicroSpark.Model;
using MicroSpark.Tasks;

namespace MicroSpark.Storage;

/// <summary>What may happen to a block when memory is short.</summary>
internal enum BlockKeeping
{
    /// <summary>Recomputed when it is wanted again: a partition persisted without disk.</summary>
    MemoryOnly,

    /// <summary>Goes to disk: a shuffle's output, because losing one costs its whole map side; a partition persisted with disk.</summary>
    MayGoToDisk,

    /// <summary>Belongs to a client that may still fetch it: goes last.</summary>
    Result,
}

/// <summary>One recipe's blocks on one silo. Every member that is a method locks.</summary>
internal sealed class RecipeBlocks(BlockKeeping keeping)
{
    private readonly Dictionary<(int Partition, AttemptId Attempt), Entry> _entries = [];
    private long _order;

    /// <summary>Tasks at work on the recipe.</summary>
    public int Pins;

    /// <summary>The last to put a block decides: two programs may persist one recipe at two levels.</summary>
    public BlockKeeping Keeping { get; private set; } = keeping;

    public bool Removed { get; private set; }

    public long LastUse { get; set; }

    public long Bytes { get; private set; }

    public long DiskBytes { get; private set; }

    public bool IsPinned => Volatile.Read(ref Pins) > 0;

    /// <returns>Whether the block is in; false when the recipe was removed meanwhile.</returns>
    public bool TryPut((int Partition, AttemptId Attempt) key, Block block, BlockKeeping keeping, out Block? replaced)
    {
        lock (this)
        {
            replaced = null;
            if (Removed)
            {
                return false;
            }

            Keeping = keeping;
            if (_entries.Remove(key, out var before))
            {
                Count(before.Block, -1);
                replaced = before.Block;
            }

            _entries.Add(key, new Entry(block, _order++));
            Count(block, 1);
            return true;
        }
    }

    public bool TryGet((int Partition, AttemptId Attempt) key, [NotNullWhen(true)] out Block? block)
    {
        lock (this)
        {
            block = null;
            if (_entries.TryGetValue(key, out var entry))
            {
                entry.WasRead = true;
                block = entry.Block;
            }

            return block is not null;
        }
    }

    public void Find(BlockMap map, int worker, Span<Block?> found)
    {
        lock (this)
        {
            for (var p = 0; p < map.WorkerOf.Length; p++)
            {
                if (map.WorkerOf[p] == worker && _entries.TryGetValue((p, new AttemptId(map.AttemptOf[p])), out var entry))
                {
                    entry.WasRead = true;
                    found[p] = entry.Block;
                }
            }
        }
    }

    public IReadOnlyList<HeldPart> All()
    {
        lock (this)
        {
            return _entries.Select(
                static e => new HeldPart(new BlockPart(e.Key.Partition, e.Key.Attempt), e.Value.Block, e.Value.Borrowed)).ToArray();
        }
    }

    /// <inheritdoc cref="BlockStore.Of(LineageId, int, int)" />
    public (IReadOnlyList<HeldPart> Held, int? Next) Within(int from, int count)
    {
        var held = new List<HeldPart>();
        int? next = null;
        lock (this)
        {
            foreach (var (key, entry) in _entries)
            {
                if (key.Partition - (long)from >= count)
                {
                    next = key.Partition < (next ?? int.MaxValue) ? key.Partition : next;
                }
                else if (key.Partition >= from)
                {
                    held.Add(new HeldPart(new BlockPart(key.Partition, key.Attempt), entry.Block, entry.Borrowed));
                }
            }
        }

        held.Sort(static (a, b) => a.Part.Partition.CompareTo(b.Part.Partition));
        return (held, next);
    }

    /// <summary>
    /// The blocks in memory that may leave it, the newest first. The newest go first because a scan over more than fits comes back to the
    /// older ones.
    /// </summary>
    public (int Partition, AttemptId Attempt)[] InMemory()
    {
        lock (this)
        {
            return [
                .. _entries.Where(static e => !e.Value.Stays && e.Value.Block.DiskBytes == 0)
                    .OrderByDescending(static e => e.Value.Order).Select(static e => e.Key)];
        }
    }

    /// <summary>A block that is to be moved; null when it is gone.</summary>
    public Block? Peek((int Partition, AttemptId Attempt) key)
    {
        lock (this)
        {
            return _entries.GetValueOrDefault(key)?.Block;
        }
    }

    /// <summary>Puts what holds the same elements elsewhere in a block's place.</summary>
    /// <param name="to">Null when there is no other place: the block stays.</param>
    /// <param name="borrowed">Whether the level has no disk: the block is there only until it is read.</param>
    /// <returns>Whether it is in; false when the block is gone.</returns>
    public bool Move((int Partition, AttemptId Attempt) key, Block from, Block? to, bool borrowed)
    {
        lock (this)
        {
            if (!_entries.TryGetValue(key, out var entry) || entry.Block != from)
            {
                return false;
            }

            if (to is null)
            {
                entry.Stays = true;
                return true;
            }

            Count(from, -1);
            Count(to, 1);
            entry.Block = to;
            entry.Borrowed = borrowed;
            entry.WasRead = false;
            return true;
        }
    }

    public Block? Remove((int Partition, AttemptId Attempt) key)
    {
        lock (this)
        {
            if (!_entries.Remove(key, out var entry))
            {
                return null;
            }

            Count(entry.Block, -1);
            return entry.Block;
        }
    }

    /// <summary>The blocks that were on disk for their readers only, and were read.</summary>
    public Block[] RemoveReturned()
    {
        lock (this)
        {
            var returned = _entries.Where(static e => e.Value.Borrowed && e.Value.WasRead).ToArray();
            foreach (var (key, entry) in returned)
            {
                _entries.Remove(key);
                Count(entry.Block, -1);
            }

            return Array.ConvertAll(returned, static e => e.Value.Block);
        }
    }

    public Block[] Close()
    {
        lock (this)
        {
            Removed = true;
            var blocks = _entries.Values.Select(static e => e.Block).ToArray();
            _entries.Clear();
            (Bytes, DiskBytes) = (0, 0);
            return blocks;
        }
    }

    private void Count(Block block, int sign)
    {
        Bytes += sign * block.Bytes;
        DiskBytes += sign * block.DiskBytes;
    }

    private sealed class Entry(Block block, long order)
    {
        public Block Block { get; set; } = block;

        public long Order => order;

        /// <summary>Cannot be moved.</summary>
        public bool Stays { get; set; }

        public bool Borrowed { get; set; }

        public bool WasRead { get; set; }
    }
}

/// <summary>A block as a silo holds it.</summary>
/// <param name="Borrowed">It did not fit, its level has no disk, and it is there until its readers have read it: it counts as not
/// kept.</param>
internal readonly record struct HeldPart(BlockPart Part, Block Block, bool Borrowed);
