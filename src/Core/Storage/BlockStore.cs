using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using MicroSpark.Engine;

namespace MicroSpark.Storage;

/// <summary>
/// The blocks that one silo holds. Grains are thin: this is where the data is. Results stay for ten minutes, for clients that come back.
/// Past the budget the recipes that were used least recently go, those that nobody holds first and never one that a task is at work
/// on; whoever still wants an evicted block has it computed again.
/// </summary>
internal sealed class BlockStore(TimeProvider? time = null, long budget = long.MaxValue)
{
    private static readonly TimeSpan s_resultRetention = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan s_sweepEvery = TimeSpan.FromSeconds(30);

    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly ConcurrentDictionary<LineageId, Outputs> _byLineage = new();
    private readonly Lock _evicting = new();
    private long _bytes;
    private long _swept;

    /// <summary>Memory held by all blocks, in bytes.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Whether some context holds a recipe's blocks. Set by whoever knows the leases.</summary>
    public Func<LineageId, bool> IsHeld { get; set; } = static _ => false;

    public void Put(BlockId id, Block block, bool isResult = false)
    {
        while (true)
        {
            var outputs = _byLineage.GetOrAdd(id.Lineage, static _ => new Outputs());
            lock (outputs)
            {
                if (outputs.Removed)
                {
                    continue;
                }

                outputs.IsResult = isResult;
                outputs.LastUse = _time.GetTimestamp();
                Interlocked.Add(ref _bytes, outputs.Put((id.Partition, id.Attempt), block));
            }

            break;
        }

        SweepResults();
        if (Bytes > budget)
        {
            Evict();
        }
    }

    public bool TryGet(BlockId id, [NotNullWhen(true)] out Block? block)
    {
        block = null;
        if (!_byLineage.TryGetValue(id.Lineage, out var outputs) || !outputs.TryGet((id.Partition, id.Attempt), out block))
        {
            return false;
        }

        outputs.LastUse = _time.GetTimestamp();
        return true;
    }

    /// <summary>One look for all of a reader's blocks: fills in those that the map places at its worker <paramref name="worker"/>.</summary>
    public void Find(BlockMap map, int worker, Span<Block?> found)
    {
        if (_byLineage.TryGetValue(map.Lineage, out var outputs))
        {
            outputs.LastUse = _time.GetTimestamp();
            outputs.Find(map, worker, found);
        }
    }

    /// <summary>What this silo holds of one recipe: how an RddGrain that activates anew learns what is computed.</summary>
    public IReadOnlyList<(BlockPart Part, Block Block)> Of(LineageId lineage) =>
        _byLineage.TryGetValue(lineage, out var outputs) ? outputs.All() : [];

    public bool Remove(BlockId id)
    {
        if (!_byLineage.TryGetValue(id.Lineage, out var outputs) || outputs.Remove((id.Partition, id.Attempt)) is not { } bytes)
        {
            return false;
        }

        Interlocked.Add(ref _bytes, -bytes);
        return true;
    }

    /// <summary>Drops everything of one recipe.</summary>
    public void RemoveAll(LineageId lineage)
    {
        if (_byLineage.TryRemove(lineage, out var outputs))
        {
            Interlocked.Add(ref _bytes, -outputs.Close());
        }
    }

    /// <summary>Keeps a recipe's blocks while a task is at work on them.</summary>
    public void Pin(LineageId lineage) => Interlocked.Increment(ref _byLineage.GetOrAdd(lineage, static _ => new Outputs()).Pins);

    public void Unpin(LineageId lineage)
    {
        if (_byLineage.TryGetValue(lineage, out var outputs))
        {
            Interlocked.Decrement(ref outputs.Pins);
        }
    }

    private void SweepResults()
    {
        var swept = Interlocked.Read(ref _swept);
        if (_time.GetElapsedTime(swept) < s_sweepEvery || Interlocked.CompareExchange(ref _swept, _time.GetTimestamp(), swept) != swept)
        {
            return;
        }

        foreach (var (lineage, outputs) in _byLineage)
        {
            if (outputs.IsResult && _time.GetElapsedTime(outputs.LastUse) > s_resultRetention)
            {
                RemoveAll(lineage);
            }
        }
    }

    private void Evict()
    {
        lock (_evicting)
        {
            var candidates = _byLineage.Where(o => Volatile.Read(ref o.Value.Pins) <= 0)
                .Select(o => (Lineage: o.Key, o.Value.LastUse, Held: IsHeld(o.Key)))
                .OrderBy(o => o.Held).ThenBy(o => o.LastUse).ToArray();
            foreach (var (lineage, _, _) in candidates)
            {
                if (Bytes <= budget)
                {
                    return;
                }

                RemoveAll(lineage);
            }
        }
    }

    /// <summary>One recipe's blocks.</summary>
    private sealed class Outputs
    {
        private readonly Dictionary<(int Partition, AttemptId Attempt), Block> _blocks = [];
        private long _bytes;

        public int Pins;

        public bool Removed { get; private set; }

        public bool IsResult { get; set; }

        public long LastUse { get; set; }

        /// <returns>By how much the memory held grew.</returns>
        public long Put((int Partition, AttemptId Attempt) key, Block block)
        {
            lock (this)
            {
                var before = _bytes;
                _bytes -= _blocks.GetValueOrDefault(key)?.Bytes ?? 0;
                _blocks[key] = block;
                _bytes += block.Bytes;
                return _bytes - before;
            }
        }

        public bool TryGet((int Partition, AttemptId Attempt) key, [NotNullWhen(true)] out Block? block)
        {
            lock (this)
            {
                return _blocks.TryGetValue(key, out block);
            }
        }

        public void Find(BlockMap map, int worker, Span<Block?> found)
        {
            lock (this)
            {
                for (var p = 0; p < map.WorkerOf.Length; p++)
                {
                    if (map.WorkerOf[p] == worker)
                    {
                        found[p] = _blocks.GetValueOrDefault((p, new AttemptId(map.AttemptOf[p])));
                    }
                }
            }
        }

        public IReadOnlyList<(BlockPart Part, Block Block)> All()
        {
            lock (this)
            {
                return _blocks.Select(b => (new BlockPart(b.Key.Partition, b.Key.Attempt), b.Value)).ToArray();
            }
        }

        public long? Remove((int Partition, AttemptId Attempt) key)
        {
            lock (this)
            {
                if (!_blocks.Remove(key, out var block))
                {
                    return null;
                }

                _bytes -= block.Bytes;
                return block.Bytes;
            }
        }

        /// <returns>The memory let go.</returns>
        public long Close()
        {
            lock (this)
            {
                Removed = true;
                _blocks.Clear();
                var bytes = _bytes;
                _bytes = 0;
                return bytes;
            }
        }
    }
}
