using System.Numerics;
using MicroSpark.Model;
using MicroSpark.Tasks;

namespace MicroSpark.Grains.Rdds;

/// <summary>
/// The partitions of one RDD: the state of each, and where its block is. This is the one place where a <see cref="PartitionState"/>
/// changes. For one thread at a time: the turns of the RddGrain.
/// </summary>
/// <param name="moved">Called after each change, with the partition, the transition, the former state and the new one.</param>
internal sealed class BlockTable(int count, Action<int, string, PartitionState, PartitionState>? moved = null)
{
    private readonly PartitionState[] _states = MissingAll(count);
    private readonly List<WorkerId> _workers = [];
    private BlockMap? _map;

    public int Count => _states.Length;

    /// <summary>How many are there.</summary>
    public int Computed { get; private set; }

    /// <summary>How many of them wait for a second copy.</summary>
    public int Copying { get; private set; }

    /// <summary>Whether all are there, and none waits for a second copy.</summary>
    public bool IsComplete => Computed == Count && Copying == 0;

    /// <summary>The computations that are under way.</summary>
    public IReadOnlyCollection<Computation> Computations =>
        [.. _states.OfType<PartitionState.InFlight>().Select(static s => s.By).Distinct()];

    /// <summary>A mix of all fingerprints, also of lost blocks; null when some were never known here.</summary>
    public ulong? Content
    {
        get
        {
            ulong mix = 0;
            foreach (var state in _states)
            {
                if (state.Fingerprint is not { } fingerprint)
                {
                    return null;
                }

                mix = (BitOperations.RotateLeft(mix, 5) ^ fingerprint) * 0x9E3779B97F4A7C15;
            }

            return mix;
        }
    }

    public PartitionState this[int partition] => _states[partition];

    public bool Has(int partition) => _states[partition] is PartitionState.Held;

    /// <summary>Whether who wishes for the partition has waited for all that it waits for.</summary>
    public bool IsSettled(int partition) => _states[partition] is PartitionState.Computed;

    /// <summary>Notes who computes partitions that are missing.</summary>
    public void Start(Computation computation)
    {
        foreach (var partition in computation.Partitions)
        {
            Move(partition, nameof(Start), _states[partition].Start(computation));
        }
    }

    /// <summary>A computation has ended, however: what it did not compute is missing.</summary>
    public void Drop(Computation computation)
    {
        foreach (var partition in computation.Partitions)
        {
            Move(partition, nameof(Drop), _states[partition].Drop(computation));
        }
    }

    /// <summary>Notes a block that was computed.</summary>
    public void Put(int partition, WorkerId worker, AttemptId attempt, ulong fingerprint)
    {
        Move(partition, nameof(PartitionState.Compute), _states[partition].Compute(new Block(IndexOf(worker), attempt, fingerprint)));
        _map = null;
    }

    /// <summary>Notes what a worker says it has. False when the partition's block is another attempt's.</summary>
    public bool Find(int partition, WorkerId worker, AttemptId attempt, ulong fingerprint)
    {
        var news = !Has(partition);
        if (!Move(partition, nameof(Find), _states[partition].Find(new Block(IndexOf(worker), attempt, fingerprint))))
        {
            return false;
        }

        _map = news ? null : _map;
        return true;
    }

    /// <summary>A second copy of what is there only once will be made, for which wishes wait.</summary>
    public void Copy(int partition) => Move(partition, nameof(Copy), _states[partition].Copy());

    /// <summary>Notes a second copy. False when it is one of a block that is not there any more.</summary>
    public bool PutCopy(int partition, WorkerId worker, AttemptId attempt) =>
        Move(partition, nameof(PutCopy), _states[partition].PutCopy(IndexOf(worker), attempt));

    /// <summary>No wish waits for a second copy any more.</summary>
    public void Settle(int partition) => Move(partition, nameof(Settle), _states[partition].Settle());

    /// <summary>Where the partition's only copy is; null when there is none, or two.</summary>
    public (AttemptId Attempt, WorkerId At)? OnlyCopy(int partition) =>
        _states[partition] is PartitionState.Held { Block: { Copy: null } block } ? (block.Attempt, _workers[block.Worker]) : null;

    /// <summary>
    /// Notes that a block is gone from a worker, or from wherever it is (null), if it was there and no other attempt has taken its place.
    /// True when the map changed: the second copy, if there is one, is what readers find now.
    /// </summary>
    public bool Lose(BlockPart block, WorkerId? at)
    {
        if (_states[block.Partition] is not PartitionState.Held held || held.Block.Attempt != block.Attempt)
        {
            return false;
        }

        // A worker that is not in the list holds nothing of it.
        return LoseAt(block.Partition, at is { } worker ? _workers.IndexOf(worker) : null);
    }

    /// <summary>Everything that other workers than the live ones hold is gone, at once. True when the map changed.</summary>
    public bool LoseAllBut(Func<WorkerId, bool> isLive)
    {
        var dead = _workers.Select(w => !isLive(w)).ToArray();
        if (!dead.Contains(true))
        {
            return false;
        }

        var changed = false;
        for (var p = 0; p < _states.Length; p++)
        {
            if (_states[p] is PartitionState.Held { Block.Copy: { } copy } && dead[copy])
            {
                LoseAt(p, copy);
            }

            changed |= _states[p] is PartitionState.Held held && dead[held.Block.Worker] && LoseAt(p, held.Block.Worker);
        }

        return changed;
    }

    /// <summary>
    /// Notes that what the worker had by an earlier map, and does not have now, is gone. What was noted since then stays.
    /// </summary>
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
        for (var p = 0; p < _states.Length; p++)
        {
            Move(p, nameof(Forget), _states[p].Forget());
        }

        _map = null;
    }

    public IEnumerable<WorkerId> Holders()
    {
        var held = _states.OfType<PartitionState.Held>().ToArray();
        return held.Select(static s => s.Block.Worker).Concat(held.Select(static s => s.Block.Copy).OfType<int>())
            .Distinct().Select(w => _workers[w]);
    }

    public BlockMap Map(LineageId lineage, long version) => _map is { } map && map.Version == version ? map : _map = new BlockMap(
        lineage,
        version,
        [.. _workers],
        Array.ConvertAll(_states, static s => (short)(s is PartitionState.Held held ? held.Block.Worker : -1)),
        Array.ConvertAll(_states, static s => s is PartitionState.Held held ? held.Block.Attempt.Value : 0));

    private static PartitionState[] MissingAll(int count)
    {
        var states = new PartitionState[count];
        Array.Fill(states, PartitionState.Missing.Never);
        return states;
    }

    /// <summary>True when the map changed: a second copy is not in it.</summary>
    private bool LoseAt(int partition, int? at)
    {
        if (_states[partition] is not PartitionState.Held held || !Move(partition, nameof(Lose), held.Lose(at)))
        {
            return false;
        }

        if (_states[partition] is PartitionState.Held left && left.Block.Worker == held.Block.Worker)
        {
            return false;
        }

        _map = null;
        return true;
    }

    private bool Move(int partition, string transition, PartitionState? next)
    {
        if (next is null)
        {
            return false;
        }

        var from = _states[partition];
        _states[partition] = next;
        Computed += (next is PartitionState.Held ? 1 : 0) - (from is PartitionState.Held ? 1 : 0);
        Copying += (next is PartitionState.Copying ? 1 : 0) - (from is PartitionState.Copying ? 1 : 0);
        moved?.Invoke(partition, transition, from, next);
        return true;
    }

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
}
