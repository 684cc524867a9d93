using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.Contracts;

namespace MicroSpark.Grains.Rdds;

/// <summary>
/// Has second copies made of a recipe whose level asks for two. For partitions just computed the wishes wait; all others are copied in the
/// background. For one thread at a time: the turns of the RddGrain.
/// </summary>
internal sealed class SecondCopies(IWorkerPool pool, BlockTable table, Signal signal)
{
    private readonly CopyPlan _plan = new(table);
    private readonly BlockCopier _copier = new(pool);
    private Task _copies = Task.CompletedTask;

    /// <summary>What to copy; null when one copy is all that is asked for.</summary>
    private StageSpec? _stage;

    private bool AreWanted => _stage is not null && pool.Known.Count > 1;

    /// <summary>From now on each block gets one.</summary>
    public void Want(StageSpec stage) => _stage ??= stage;

    public void Computed(int partition)
    {
        if (AreWanted)
        {
            _plan.AddAwaited(partition);
            Copy();
        }
    }

    /// <summary>The activation is new, or a wish came: copies what has none.</summary>
    public void CopySingles()
    {
        if (AreWanted)
        {
            _plan.AddSingles();
            Copy();
        }
    }

    public void WorkersChanged()
    {
        _plan.WorkersChanged();
        CopySingles();
    }

    /// <summary>None are wanted any more.</summary>
    public void Stop()
    {
        _copier.Stop();
        _stage = null;
    }

    private void Copy()
    {
        if (_copies.IsCompleted && !_plan.IsEmpty)
        {
            _copies = CopyAllAsync(_stage!);
            _copies.Forget();
        }
    }

    /// <summary>What a worker says that is dead by now is none: what it held was lost when that became known.</summary>
    private void Note(TaskReport copy)
    {
        if (!pool.IsDead(copy.Worker))
        {
            table.PutCopy(copy.Partition, copy.Worker, copy.Attempt);
        }
    }

    private async Task CopyAllAsync(StageSpec stage)
    {
        // What is computed in the same turn goes together.
        await Task.Yield();
        try
        {
            while (!_plan.IsEmpty)
            {
                var partitions = _plan.Take();
                var blocks = partitions.Select(p => (Partition: p, Copy: table.OnlyCopy(p))).Where(static b => b.Copy is not null)
                    .Select(static b => (b.Partition, b.Copy!.Value.Attempt, b.Copy.Value.At)).ToArray();
                await _copier.CopyAsync(stage, signal.Version, blocks, Note);
                _plan.Tried(partitions);
                signal.Raise();
            }
        }
        finally
        {
            _plan.GiveUp();
            signal.Raise();
        }
    }
}
