using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Events;
using MicroSpark.Grains.Stages;
using MicroSpark.Model;
using MicroSpark.Plans;
using MicroSpark.Tasks;
using Orleans.Concurrency;

namespace MicroSpark.Grains.Rdds;

/// <inheritdoc />
/// <remarks>
/// Life: the first wish (or question) makes it ask the live workers what they hold; each wish then starts what is missing and in nobody's
/// hands; a computation tells its wishes when it has ended. Its table is a memory of what workers hold, so losing it loses no data.
/// </remarks>
[Reentrant, Orleans.Placement.HashBasedPlacement]
internal sealed partial class RddGrain(
    IWorkerPool pool, PlanLibrary plans, ILocationSource locations, SiloEvents events, TimeProvider time) : Grain, IRddGrain
{
    private static readonly TimeSpan s_silence = TimeSpan.FromSeconds(30);

    private readonly Dictionary<RequesterId, Wish> _wishes = [];
    private readonly Dictionary<int, Computation> _inFlight = [];
    private readonly Dictionary<LineageId, StageState> _stages = [];
    private readonly HashSet<ContextId> _holding = [];
    private readonly SortedDictionary<int, TaskUpdates> _updates = [];
    private LineageId _lineage;
    private BlockTable? _table;
    private Task? _asking;
    private Signal _signal = null!;
    private IDisposable? _watch;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _lineage = LineageId.Parse(this.GetPrimaryKeyString());

        // Versions of a later activation are greater than those of an earlier one, on another silo too.
        _signal = new Signal(time, time.GetUtcNow().UtcTicks);
        var scheduler = TaskScheduler.Current;
        _watch = pool.OnChanged(() => Task.Factory.StartNew(OnClusterChanged, CancellationToken.None, TaskCreationOptions.None, scheduler).Forget());
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        _watch?.Dispose();
        foreach (var computation in _inFlight.Values.Distinct().ToArray())
        {
            computation.Run?.Stop();
        }

        return Task.CompletedTask;
    }

    public async Task<RddStatus> EnsureAsync(EnsureRequest request)
    {
        var skeleton = await plans.SkeletonAsync(request.Plan);
        await AskWorkersAsync(skeleton.Nodes[request.Node].NumPartitions);
        _wishes[request.Requester] = new Wish(request, time.GetTimestamp());
        HoldFor(request.Context, skeleton.Nodes[request.Node].Output);
        Start(skeleton, request);
        CopySingle();
        return StatusOf(request.Requester);
    }

    public async Task<RddStatus> WaitAsync(RequesterId requester)
    {
        var started = time.GetTimestamp();
        while (_wishes.TryGetValue(requester, out var wish) && PhaseOf(wish) == RddPhase.Pending)
        {
            wish.Asked = time.GetTimestamp();
            var left = s_progressEvery - time.GetElapsedTime(started);
            if (left <= TimeSpan.Zero)
            {
                StopSilentWishes();
                break;
            }

            await _signal.WaitAsync(_signal.Version, left);
        }

        return StatusOf(requester);
    }

    public async Task<BlockMap?> LocateAsync(long minVersion)
    {
        // A reader knows the version from a wish that was granted; a later activation, which knows of no wish, starts higher.
        await AskWorkersAsync(null);
        if (_signal.Version < minVersion)
        {
            // While the directory settles after a death there can be two activations, and the other one granted the wish.
            await (_asking is { IsCompleted: false } ? _asking : _asking = AskAllAsync(_table?.Count));
            _signal.RaiseTo(minVersion);
        }

        return _table?.Map(_lineage, _signal.Version);
    }

    public async Task<UpdatePage> UpdatesAsync(int from)
    {
        await AskWorkersAsync(null);
        return UpdatePage.Of(_updates.Values, from);
    }

    public async Task<ulong?> ContentAsync()
    {
        await AskWorkersAsync(null);
        return _table?.Content;
    }

    public Task ReportLostAsync(BlockPart[] blocks, WorkerId? at)
    {
        var changed = false;
        foreach (var block in blocks)
        {
            changed |= block.Partition < _table?.Count && _table.Lose(block, at);
        }

        if (changed)
        {
            _signal.Raise();
        }

        return Task.CompletedTask;
    }

    public Task ReleaseAsync(RequesterId requester)
    {
        if (_wishes.Remove(requester))
        {
            StopUnwanted();
        }

        return Task.CompletedTask;
    }

    public async Task UnpersistAsync(ContextId context)
    {
        _holding.Remove(context);
        var workers = pool.Known;
        var held = await Task.WhenAll(workers.Select(w => pool.Get(w).ReleaseAsync(_lineage, context)));
        if (held.Contains(true))
        {
            return;
        }

        _copier.Stop();
        _copied = null;
        await Task.WhenAll(workers.Select(w => pool.Get(w).DropAsync(_lineage)));
        if (_table is not null && _table.Drop())
        {
            _signal.Raise();
        }
    }

    /// <summary>A grain that is activated anew learns here what its predecessor, or another client's job, has left.</summary>
    /// <param name="partitions">Null when the caller does not know; then the workers may.</param>
    private async Task AskWorkersAsync(int? partitions)
    {
        if (_table is null)
        {
            await (_asking ??= AskAllAsync(partitions));
            if (_table is null)
            {
                _asking = null;
                if (partitions is { } count)
                {
                    _table = new BlockTable(count);
                }
            }
        }
    }

    /// <summary>What the workers hold is the truth: it also replaces what this grain remembers of them, but not what it learns meanwhile.</summary>
    private async Task AskAllAsync(int? partitions)
    {
        var remembered = _table?.Map(_lineage, _signal.Version);
        var answers = await pool.AskAllAsync(w => w.BlocksOfAsync(_lineage), time);
        if ((partitions ?? answers.Max(static a => a.Answer.NumPartitions)) is not { } count)
        {
            return;
        }

        _table ??= new BlockTable(count);
        foreach (var (worker, held) in answers)
        {
            if (remembered is not null)
            {
                _table.LoseUnconfirmed(remembered, worker, held.Blocks.Select(static b => (b.Partition, b.Attempt)).ToHashSet());
            }
        }

        foreach (var (worker, held) in answers)
        {
            foreach (var block in held.Blocks)
            {
                if (block.Partition < count && pool.IsLive(worker) && _table.Find(block.Partition, worker, block.Attempt, block.Fingerprint))
                {
                    NoteUpdates(block.Partition, block.Attempt, block.Updates);
                }
            }
        }

        _signal.Raise();
    }

    private void NoteUpdates(int partition, AttemptId attempt, byte[]? updates)
    {
        if (updates is not null)
        {
            _updates[partition] = new TaskUpdates(_lineage, partition, attempt, updates);
        }
    }

    /// <summary>All blocks of a dead silo are invalid at once; what pending wishes had there is computed again.</summary>
    private void OnClusterChanged()
    {
        if (_table is not null && _table.LoseAllBut(pool.IsLive))
        {
            _signal.Raise();
            StartMissing();
        }

        _refused.Clear();
        CopySingle();
    }

    private void HoldFor(ContextId context, OutputKind kind)
    {
        if (kind == OutputKind.Persisted && _holding.Add(context))
        {
            foreach (var worker in _table!.Holders())
            {
                pool.Get(worker).HoldAsync(_lineage, context).Forget();
            }
        }
    }
}
