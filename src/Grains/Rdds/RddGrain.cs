using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Events;
using MicroSpark.Grains.Security;
using MicroSpark.Grains.Stages;
using MicroSpark.Model;
using MicroSpark.Plans;
using MicroSpark.Tasks;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;

namespace MicroSpark.Grains.Rdds;

/// <inheritdoc />
/// <remarks>
/// Life: at the first wish (or question) it asks the live workers for the blocks that they hold. Each wish then starts the partitions that
/// are missing and that no computation has in hand. A computation tells its wishes when it has ended. The states of partitions and wishes,
/// and their order, are in <see cref="PartitionState"/> and <see cref="WishState"/>. Here are the demands of each call on them.
/// </remarks>
[Reentrant, Orleans.Placement.HashBasedPlacement]
internal sealed partial class RddGrain(
    IWorkerPool pool, PlanLibrary plans, ILocationSource locations, SiloEvents events, TransitionCounts counts, AuditLog audit,
    ILogger<RddGrain> logger, TimeProvider time)
    : Grain, IRddGrain
{
    private static readonly TimeSpan s_silence = TimeSpan.FromSeconds(30);

    /// <summary>How often to look whether all who wish for something are still there.</summary>
    private static readonly TimeSpan s_lookEvery = TimeSpan.FromSeconds(10);

    /// <summary>How often a waiting requester hears of progress.</summary>
    private static readonly TimeSpan s_progressEvery = TimeSpan.FromMilliseconds(500);

    private readonly HashSet<ContextId> _holding = [];
    private readonly MapPages _pages = new();
    private LineageId _lineage;
    private WishList _wishes = null!;
    private RddDrive _drive = null!;

    /// <summary>Null until a wish or a worker has told how many partitions there are.</summary>
    private RddBook? _book;
    private Task? _asking;
    private Signal _signal = null!;
    private IDisposable? _watch;
    private IGrainTimer? _looks;

    /// <summary>What it knows of its blocks, for laws that the simulation holds; null while it knows of none.</summary>
    internal BlockTable? Table => _book?.Table;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _lineage = LineageId.Parse(this.GetPrimaryKeyString());

        // Versions of a later activation are greater than those of an earlier one, on another silo too.
        _signal = new Signal(time, time.GetUtcNow().UtcTicks);
        _wishes = new WishList(time, s_silence, OnWishMoved);
        _drive = new RddDrive(_lineage, _wishes, _signal, pool, plans, locations, GrainFactory, events, time);
        var scheduler = TaskScheduler.Current;
        _watch = pool.OnChanged(
            () => Task.Factory.StartNew(OnClusterChanged, CancellationToken.None, TaskCreationOptions.None, scheduler).Forget());
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        _watch?.Dispose();
        _drive.End(_book);
        return Task.CompletedTask;
    }

    public async Task<RddStatus> EnsureAsync(EnsureRequest request)
    {
        var skeleton = await plans.SkeletonForCallAsync(request.Plan);
        var node = skeleton.Nodes[request.Node];
        var book = await AskWorkersAsync(node.NumPartitions) ?? (_book ??= Open(node.NumPartitions));
        _wishes.Ensure(request);
        WatchRequesters(book);
        HoldFor(book, request.Context, node.Output);
        _drive.Start(book, skeleton, request);
        _drive.ShareOut(book);
        book.Copies.CopySingles();
        return StatusOf(book, request.Requester);
    }

    public async Task<RddStatus> WaitAsync(RequesterId requester)
    {
        if (_book is not { } book)
        {
            return RddStatus.Unknown;
        }

        var started = time.GetTimestamp();
        while (_wishes.Wait(requester, book.Table))
        {
            var left = s_progressEvery - time.GetElapsedTime(started);
            if (left <= TimeSpan.Zero)
            {
                _wishes.Silence();
                _drive.StopUnwanted(book);
                break;
            }

            await _signal.WaitAsync(_signal.Version, left);
        }

        return StatusOf(book, requester);
    }

    public async Task<BlockMapPage?> LocateAsync(long minVersion)
    {
        // A reader knows the version from a wish that was granted; a later activation, which knows of no wish, starts higher.
        await AskWorkersAsync(null);
        if (_signal.Version < minVersion)
        {
            // While the directory settles after a death there can be two activations, and the other one granted the wish.
            await (_asking is { IsCompleted: false } ? _asking : _asking = AskAllAsync(_book?.Table.Count));
            _signal.RaiseTo(minVersion);
        }

        return _book is { } book ? _pages.First(book.Table.Map(_lineage, _signal.Version)) : null;
    }

    public Task<BlockMapPage?> LocateRestAsync(long version, int from) => Task.FromResult(_pages.Rest(version, from));

    public async Task<UpdatePage> UpdatesAsync(int from) => (await AskWorkersAsync(null))?.Updates(from) ?? UpdatePage.Of([], from);

    public async Task<ulong?> ContentAsync() => (await AskWorkersAsync(null))?.Table.Content;

    public Task ReportLostAsync(BlockPart[] blocks, WorkerId? at)
    {
        var changed = false;
        foreach (var block in blocks)
        {
            changed |= block.Partition < _book?.Table.Count && _book.Table.Lose(block, at);
        }

        if (changed)
        {
            _signal.Raise();
        }

        return Task.CompletedTask;
    }

    public Task ReleaseAsync(RequesterId requester)
    {
        if (_wishes.Withdraw(requester))
        {
            _drive.StopUnwanted(_book!);
        }

        return Task.CompletedTask;
    }

    public Task UnpersistAsync(ContextId context)
    {
        audit.Dropped("recipe", this.GetPrimaryKeyString());
        return UnholdAsync(context);
    }

    public async Task UnholdAsync(ContextId context)
    {
        if (!await ReleaseAsync(context, pool.Known))
        {
            await DropAsync(pool.Known);
        }
    }

    public async Task<bool> LeaveAsync(ContextId context)
    {
        var book = await AskWorkersAsync(null);
        WorkerId[] holders = book is null ? [] : [.. book.Table.Holders()];
        var held = await ReleaseAsync(context, holders);
        _wishes.Silence();
        if (_wishes.Requests.Count > 0)
        {
            return false;
        }

        if (!held)
        {
            // Nothing is left to remember.
            await DropAsync(holders);
            DeactivateOnIdle();
        }

        return true;
    }

    /// <summary>Drops a context's hold. True when another one holds the recipe.</summary>
    private async Task<bool> ReleaseAsync(ContextId context, IReadOnlyList<WorkerId> workers)
    {
        _holding.Remove(context);

        // A worker knows who had it compute something; who has only asked for what was there is known here.
        var others = _holding.ToArray();
        var held = await Task.WhenAll(workers.Select(w => pool.Get(w).ReleaseAsync(_lineage, context, others).ThatTravels()));
        return held.Contains(true);
    }

    private async Task DropAsync(IReadOnlyList<WorkerId> workers)
    {
        _book?.Copies.Stop();
        await Task.WhenAll(workers.Select(w => pool.Get(w).DropAsync(_lineage).ThatTravels()));
        if (_book is not null && _book.Table.DropAll())
        {
            _signal.Raise();
        }
    }

    /// <summary>
    /// A requester that has died withdraws nothing, and nobody else may ever ask: what only it wanted is stopped all the same.
    /// </summary>
    private void WatchRequesters(RddBook book) => _looks ??= this.RegisterGrainTimer(
        () =>
        {
            _wishes.Silence();
            _drive.StopUnwanted(book);
            if (_wishes.Requests.Count == 0)
            {
                _looks?.Dispose();
                _looks = null;
            }

            return Task.CompletedTask;
        },
        new GrainTimerCreationOptions(s_lookEvery, s_lookEvery) { Interleave = true });

    private RddBook Open(int partitions)
    {
        var table = new BlockTable(partitions, OnMoved);
        return new RddBook(_lineage, table, new SecondCopies(pool, table, _signal));
    }

    /// <summary>A grain that is activated anew learns here what its predecessor, or another client's job, has left.</summary>
    /// <param name="partitions">Null when the caller does not know; then the workers may.</param>
    private async Task<RddBook?> AskWorkersAsync(int? partitions)
    {
        if (_book is null)
        {
            await (_asking ??= AskAllAsync(partitions));
            if (_book is null)
            {
                _asking = null;
            }
        }

        return _book;
    }

    private async Task AskAllAsync(int? partitions)
    {
        var remembered = _book?.Table.Map(_lineage, _signal.Version);
        var answers = await pool.AskAllAsync(w => HeldPages.ReadAsync(w.BlocksOfAsync, _lineage), time);
        if ((partitions ?? answers.Max(static a => a.Answer.NumPartitions)) is { } count)
        {
            _book ??= Open(count);
            _book.Learn(remembered, answers, pool.IsLive);
            _signal.Raise();
        }
    }

    /// <summary>All blocks of a dead silo are invalid at once; what pending wishes had there is computed again.</summary>
    private void OnClusterChanged()
    {
        if (_book is not { } book)
        {
            return;
        }

        if (book.Table.LoseAllBut(pool.IsLive))
        {
            LogLost(logger, _lineage, book.Table.Computed, book.Table.Count);
            _signal.Raise();
            _drive.StartMissing(book);
        }

        book.Copies.WorkersChanged();
    }

    /// <summary>A granted or failed wish ends with the reply that says so.</summary>
    private RddStatus StatusOf(RddBook book, RequesterId requester) => _wishes.Tell(requester, book.Table) switch
    {
        WishState.Unknown => RddStatus.Unknown,
        WishState.Granted granted => new RddStatus(
            RddPhase.Ready, _signal.Version, granted.All ? book.Table.Content : null, null, book.Progress.Stages),
        WishState.Failed failed => new RddStatus(RddPhase.Failed, _signal.Version, null, failed.Failure, book.Progress.Stages),
        _ => new RddStatus(RddPhase.Pending, _signal.Version, null, null, book.Progress.Stages),
    };

    private void HoldFor(RddBook book, ContextId context, OutputKind kind)
    {
        if (kind != OutputKind.Result && _holding.Add(context))
        {
            foreach (var worker in book.Table.Holders())
            {
                pool.Get(worker).HoldAsync(_lineage, context).Forget();
            }
        }
    }
}
