using System.Numerics;
using MicroSpark.Model;
using MicroSpark.Tasks;

namespace MicroSpark.Grains.Rdds;

/// <summary>
/// What is computed of one RDD, and where. One entry per partition; the former fingerprint stays when a block is lost. A block may have a second copy, which
/// takes its place when it is lost.
/// </summary>
internal sealed class BlockTable(int count)
{
    private readonly Entry[] _entries = new Entry[count];
    private readonly List<WorkerId> _workers = [];
    private BlockMap? _map;

    public int Count => _entries.Length;

    public int Computed { get; private set; }

    public bool Has(int partition) => _entries[partition].Worker > 0;

    /// <summary>A mix of all fingerprints, also of lost blocks; null when some were never known here.</summary>
    public ulong? Content
    {
        get
        {
            ulong mix = 0;
            for (var i = 0; i < _entries.Length; i++)
            {
                if (!_entries[i].Known)
                {
                    return null;
                }

                mix = (BitOperations.RotateLeft(mix, 5) ^ _entries[i].Fingerprint) * 0x9E3779B97F4A7C15;
            }

            return mix;
        }
    }

    /// <summary>Notes a block.</summary>
    public void Put(int partition, WorkerId worker, AttemptId attempt, ulong fingerprint)
    {
        ref var entry = ref _entries[partition];
        if (entry.Worker == 0)
        {
            Computed++;
        }

        entry = new Entry(IndexOf(worker) + 1, attempt, fingerprint, Known: true);
        _map = null;
    }

    /// <summary>Notes what a worker says it has. False when the partition's block is another attempt's.</summary>
    public bool Find(int partition, WorkerId worker, AttemptId attempt, ulong fingerprint)
    {
        if (Has(partition))
        {
            return PutCopy(partition, worker, attempt);
        }

        Put(partition, worker, attempt, fingerprint);
        return true;
    }

    /// <summary>Notes a second copy. False when it is one of a block that is not there any more.</summary>
    public bool PutCopy(int partition, WorkerId worker, AttemptId attempt)
    {
        ref var entry = ref _entries[partition];
        if (entry.Worker == 0 || entry.Attempt != attempt || _workers[entry.Worker - 1] == worker)
        {
            return false;
        }

        entry = entry with { Copy = IndexOf(worker) + 1 };
        return true;
    }

    /// <summary>Where the partition's only copy is; null when there is none, or two.</summary>
    public (AttemptId Attempt, WorkerId At)? OnlyCopy(int partition) =>
        _entries[partition] is { Worker: > 0, Copy: 0 } entry ? (entry.Attempt, _workers[entry.Worker - 1]) : null;

    /// <summary>
    /// Notes that a block is gone from a worker, or from wherever it is (null), if it was there and no other attempt has taken its place. True when the map changed:
    /// the second copy, if there is one, is what readers find now.
    /// </summary>
    public bool Lose(BlockPart block, WorkerId? at) => _entries[block.Partition].Attempt == block.Attempt && Lose(block.Partition, at);

    private bool Lose(int partition, WorkerId? at)
    {
        ref var entry = ref _entries[partition];
        if (entry.Copy > 0 && (at is null || _workers[entry.Copy - 1] == at))
        {
            entry = entry with { Copy = 0 };
        }

        if (entry.Worker == 0 || (at is { } worker && _workers[entry.Worker - 1] != worker))
        {
            return false;
        }

        entry = entry with { Worker = entry.Copy, Copy = 0, LostAt = entry.Copy == 0 ? entry.Worker : 0 };
        Computed -= entry.Worker == 0 ? 1 : 0;
        _map = null;
        return true;
    }

    /// <summary>Everything that other workers than the live ones hold is gone, at once. True when something changed.</summary>
    public bool LoseAllBut(Func<WorkerId, bool> isLive)
    {
        var dead = _workers.Select(w => !isLive(w)).ToArray();
        if (!dead.Contains(true))
        {
            return false;
        }

        var changed = false;
        for (var i = 0; i < _entries.Length; i++)
        {
            var entry = _entries[i];
            if (entry.Copy > 0 && dead[entry.Copy - 1])
            {
                Lose(i, _workers[entry.Copy - 1]);
            }

            changed |= entry.Worker > 0 && dead[entry.Worker - 1] && Lose(i, _workers[entry.Worker - 1]);
        }

        return changed;
    }

    /// <summary>Nobody wants the blocks any more: they are gone, and nothing is lost. True when there were any.</summary>
    public bool Drop()
    {
        var had = LoseAllBut(static _ => false);
        for (var i = 0; i < _entries.Length; i++)
        {
            _entries[i] = _entries[i] with { LostAt = 0 };
        }

        return had;
    }

    /// <summary>Which of the partitions were computed and lost, and who had the last copy.</summary>
    public IEnumerable<(int Partition, WorkerId At)> LossesOf(IEnumerable<int> partitions) =>
        from p in partitions where _entries[p].LostAt > 0 select (p, _workers[_entries[p].LostAt - 1]);

    /// <summary>Notes that what the worker had by an earlier map, and does not have now, is gone. What was noted since then stays.</summary>
    public void LoseUnconfirmed(BlockMap earlier, WorkerId worker, HashSet<(int Partition, AttemptId Attempt)> held)
    {
        for (var p = 0; p < earlier.WorkerOf.Length; p++)
        {
            var attempt = new AttemptId(earlier.AttemptOf[p]);
            if (earlier.WorkerOf[p] is >= 0 and var w && earlier.Workers[w] == worker && !held.Contains((p, attempt)))
            {
                Lose(new BlockPart(p, attempt), worker);
            }
        }
    }

    /// <summary>The blocks were made from inputs that have changed: another fingerprint is no surprise.</summary>
    public void Forget()
    {
        Array.Clear(_entries);
        Computed = 0;
        _map = null;
    }

    public IEnumerable<WorkerId> Holders() =>
        _entries.Select(static e => e.Worker).Concat(_entries.Select(static e => e.Copy)).Distinct().Where(static w => w > 0).Select(w => _workers[w - 1]);

    public BlockMap Map(LineageId lineage, long version) => _map is { } map && map.Version == version ? map : _map = new BlockMap(
        lineage, version, [.. _workers], Array.ConvertAll(_entries, e => (short)(e.Worker - 1)), Array.ConvertAll(_entries, e => e.Attempt.Value));

    private int IndexOf(WorkerId worker)
    {
        var index = _workers.IndexOf(worker);
        if (index < 0)
        {
            index = _workers.Count;
            _workers.Add(worker);
        }

        return index;
    }

    /// <param name="Worker">1 + the worker's index; 0 when not computed.</param>
    /// <param name="Copy">1 + the index of the worker that has the second copy; 0 when none has.</param>
    /// <param name="LostAt">1 + the index of the worker that had the last copy; 0 when none is lost.</param>
    private readonly record struct Entry(int Worker, AttemptId Attempt, ulong Fingerprint, bool Known, int Copy = 0, int LostAt = 0);
}
