using System.Diagnostics.CodeAnalysis;
using MicroSpark.Memory;
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

/// <summary>
/// One recipe's blocks on one silo. Every member that is a method locks, and takes the same time however many blocks there are, unless it
/// is about all of them.
/// </summary>
/// <param name="quota">Of whose recipe it is; null for who may have whatever there is.</param>
internal sealed class RecipeBlocks(LineageId lineage, BlockKeeping keeping, OwnerQuota? quota = null)
{
    private readonly Dictionary<(int Partition, AttemptId Attempt), BlockPlace> _entries = [];

    /// <summary>
    /// The newest of the blocks in memory that may leave it. The places are their own list: a recipe may have a million blocks.
    /// </summary>
    private BlockPlace? _newest;

    private int _pins;

    public LineageId Lineage => lineage;

    public OwnerQuota? Quota => quota;

    /// <summary>The last to put a block decides: two programs may persist one recipe at two levels.</summary>
    public BlockKeeping Keeping { get; private set; } = keeping;

    public bool Removed { get; private set; }

    public long LastUse { get; set; }

    public long Bytes { get; private set; }

    public long DiskBytes { get; private set; }

    /// <summary>Whether tasks are at work on the recipe.</summary>
    public bool IsPinned => Volatile.Read(ref _pins) > 0;

    /// <returns>Whether it is pinned; false when the recipe was removed meanwhile.</returns>
    public bool TryPin()
    {
        lock (this)
        {
            _pins += Removed ? 0 : 1;
            return !Removed;
        }
    }

    /// <param name="isEmpty">Whether nothing is left, not even a task: then the recipe is removed.</param>
    public void Unpin(out bool isEmpty)
    {
        lock (this)
        {
            _pins--;
            isEmpty = _pins == 0 && _entries.Count == 0;
            Removed |= isEmpty;
        }
    }

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
            replaced = TakeOut(key);
            var entry = new BlockPlace(key, block);
            _entries.Add(key, entry);
            Count(block, 1);
            if (block.DiskBytes == 0 && block is not UnkeptBlock)
            {
                (entry.IsMovable, entry.Older) = (true, _newest);
                _newest?.Newer = entry;
                _newest = entry;
            }

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
                block = entry.Block!;
            }

            return block is not null;
        }
    }

    public void Find(BlockMap map, int worker, Span<BlockPlace?> found)
    {
        lock (this)
        {
            for (var p = 0; p < map.WorkerOf.Length; p++)
            {
                if (map.WorkerOf[p] == worker && _entries.TryGetValue((p, new AttemptId(map.AttemptOf[p])), out var entry))
                {
                    found[p] = entry;
                }
            }
        }
    }

    public IReadOnlyList<HeldPart> All()
    {
        lock (this)
        {
            return _entries.Select(static e => new HeldPart(new BlockPart(e.Key.Partition, e.Key.Attempt), e.Value.Block!)).ToArray();
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
                    held.Add(new HeldPart(new BlockPart(key.Partition, key.Attempt), entry.Block!));
                }
            }
        }

        held.Sort(static (a, b) => a.Part.Partition.CompareTo(b.Part.Partition));
        return (held, next);
    }

    /// <summary>
    /// The newest block in memory that may leave it; null when there is none. The newest go first because a scan over more than fits comes
    /// back to the older ones.
    /// </summary>
    public (int Partition, AttemptId Attempt)? NewestInMemory()
    {
        lock (this)
        {
            return _newest?.Key;
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

    /// <summary>Puts what holds the same elements elsewhere, or stands for them, in a block's place.</summary>
    /// <param name="to">Null when there is no other place: the block stays.</param>
    /// <returns>Whether it is in; false when the block is gone.</returns>
    public bool Move((int Partition, AttemptId Attempt) key, Block from, Block? to)
    {
        lock (this)
        {
            if (!_entries.TryGetValue(key, out var entry) || entry.Block != from)
            {
                return false;
            }

            Settle(entry);
            if (to is not null)
            {
                Count(from, -1);
                Count(to, 1);
                entry.Block = to;
            }

            return true;
        }
    }

    public Block? Remove((int Partition, AttemptId Attempt) key)
    {
        lock (this)
        {
            return TakeOut(key);
        }
    }

    public Block[] Close()
    {
        lock (this)
        {
            Removed = true;
            var blocks = _entries.Values.Select(static e => e.Leave()).ToArray();
            _entries.Clear();
            _newest = null;
            (Bytes, DiskBytes) = (0, 0);
            return blocks;
        }
    }

    private Block? TakeOut((int Partition, AttemptId Attempt) key)
    {
        if (!_entries.Remove(key, out var entry))
        {
            return null;
        }

        Settle(entry);
        var block = entry.Leave();
        Count(block, -1);
        return block;
    }

    /// <summary>The entry's block is not one that may leave memory.</summary>
    private void Settle(BlockPlace entry)
    {
        if (entry.IsMovable)
        {
            entry.Older?.Newer = entry.Newer;
            entry.Newer?.Older = entry.Older;
            _newest = _newest == entry ? entry.Older : _newest;
            (entry.IsMovable, entry.Older, entry.Newer) = (false, null, null);
        }
    }

    private void Count(Block block, int sign)
    {
        Bytes += sign * block.Bytes;
        DiskBytes += sign * block.DiskBytes;
    }
}

/// <summary>
/// The place of one block in a store. Whoever looks there again and again keeps the place, and not the block, which may go to disk or away.
/// </summary>
internal sealed class BlockPlace((int Partition, AttemptId Attempt) key, Block block)
{
    private volatile Block? _block = block;

    public (int Partition, AttemptId Attempt) Key { get; } = key;

    /// <summary>What is here now; null when the block has left the store.</summary>
    public Block? Block
    {
        get => _block;
        set => _block = value;
    }

    /// <summary>Whether the block is in memory and may leave it: then it is in the recipe's list, between its neighbours in age.</summary>
    public bool IsMovable { get; set; }

    public BlockPlace? Older { get; set; }

    public BlockPlace? Newer { get; set; }

    /// <summary>The block leaves the store. Called once.</summary>
    public Block Leave()
    {
        var block = _block!;
        _block = null;
        return block;
    }
}

/// <summary>A block as a silo holds it.</summary>
internal readonly record struct HeldPart(BlockPart Part, Block Block);
