using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.Contracts;
using MicroSpark.Plans;

namespace MicroSpark.Grains.Rdds;

// The second copies of a recipe whose level asks for two.
internal sealed partial class RddGrain
{
    /// <summary>Computed, and wished for when its second copy is there.</summary>
    private readonly HashSet<int> _copying = [];

    /// <summary>To be copied next.</summary>
    private readonly SortedSet<int> _single = [];

    /// <summary>Not to be copied: that was tried with the workers that are there now.</summary>
    private readonly HashSet<int> _refused = [];

    private readonly BlockCopier _copier = new(pool);

    /// <summary>What to copy; null when one copy is all that is asked for.</summary>
    private StageSpec? _copied;
    private Task _copies = Task.CompletedTask;

    private bool KeepsTwo(SkeletonNode node) => node.Output == OutputKind.Persisted && StorageLevel.FromCode(node.StorageLevel).Replication > 1;

    /// <summary>Just computed: who waits for it waits for its copy too, so that what an action has kept is safe when the action ends.</summary>
    private void CopyComputed(int partition)
    {
        if (_copied is not null && pool.Known.Count > 1)
        {
            _copying.Add(partition);
            _single.Add(partition);
            Copy();
        }
    }

    /// <summary>Workers came or went, or this activation is new: copies what has none, and nobody waits for that.</summary>
    private void CopySingle()
    {
        if (_copied is not null && pool.Known.Count > 1)
        {
            _single.UnionWith(Enumerable.Range(0, _table!.Count).Where(p => !_refused.Contains(p) && _table.OnlyCopy(p) is not null));
            Copy();
        }
    }

    private void Copy()
    {
        if (_copies.IsCompleted && _single.Count > 0)
        {
            _copies = CopyAllAsync(_copied!);
            _copies.Forget();
        }
    }

    private async Task CopyAllAsync(StageSpec stage)
    {
        // What is computed in the same turn goes together.
        await Task.Yield();
        try
        {
            while (_single.Count > 0)
            {
                var partitions = _single.ToArray();
                _single.Clear();
                var blocks = partitions.Select(p => (Partition: p, Copy: _table!.OnlyCopy(p))).Where(static b => b.Copy is not null)
                    .Select(static b => (b.Partition, b.Copy!.Value.Attempt, b.Copy.Value.At)).ToArray();
                await _copier.CopyAsync(stage, _signal.Version, blocks, report => _table!.PutCopy(report.Partition, report.Worker, report.Attempt));
                _refused.UnionWith(partitions.Where(p => _table!.OnlyCopy(p) is not null));
                _copying.ExceptWith(partitions);
                _signal.Raise();
            }
        }
        finally
        {
            // However it ended: nobody may wait for a copy that nobody makes.
            _single.Clear();
            _copying.Clear();
            _signal.Raise();
        }
    }
}
