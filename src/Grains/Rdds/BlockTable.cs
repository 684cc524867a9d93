using System.Numerics;
using MicroSpark.Engine;

namespace MicroSpark.Rdds;

/// <summary>What is computed of one RDD, and where. One entry per partition; the former fingerprint stays when a block is lost.</summary>
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

    /// <summary>Notes that a block is gone, if it was there. True when something changed.</summary>
    public bool Lose(int partition, WorkerId? at)
    {
        ref var entry = ref _entries[partition];
        if (entry.Worker == 0 || (at is { } worker && _workers[entry.Worker - 1] != worker))
        {
            return false;
        }

        entry = entry with { Worker = 0 };
        Computed--;
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
            changed |= _entries[i].Worker > 0 && dead[_entries[i].Worker - 1] && Lose(i, null);
        }

        return changed;
    }

    /// <summary>The blocks were made from inputs that have changed: another fingerprint is no surprise.</summary>
    public void Forget()
    {
        Array.Clear(_entries);
        Computed = 0;
        _map = null;
    }

    public IEnumerable<WorkerId> Holders() => _entries.Where(e => e.Worker > 0).Select(e => e.Worker).Distinct().Select(w => _workers[w - 1]);

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
    private readonly record struct Entry(int Worker, AttemptId Attempt, ulong Fingerprint, bool Known);
}
