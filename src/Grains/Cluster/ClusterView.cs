using System.Collections.Concurrent;
using MicroSpark.Grains.Contracts;
using MicroSpark.Model;
using MicroSpark.Slots;
using Microsoft.Extensions.Logging;

namespace MicroSpark.Grains.Cluster;

/// <summary>
/// Follows Orleans' membership. A silo counts as a worker while it is active and has described itself: silos of the same cluster that
/// do not host MicroSpark never do.
/// </summary>
internal sealed partial class ClusterView(
    IClusterMembershipService membership, IGrainFactory grains, TimeProvider time, BackgroundWork background, ILogger<ClusterView> logger,
    ILocalSiloDetails? local = null)
    : IWorkerPool, ILifecycleParticipant<ISiloLifecycle>
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<WorkerId, Lazy<Task<WorkerDescription?>>> _descriptions = new();
    private readonly ConcurrentDictionary<WorkerId, IWorkerGrain> _grains = new();

    /// <summary>Told in the order in which they came.</summary>
    private readonly LinkedList<Action> _listeners = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private TaskCompletionSource _changed = new();
    private Snapshot _snapshot = new(-1, [], [], [], null);
    private long _version;

    public long Version
    {
        get
        {
            _ = Current();
            return Interlocked.Read(ref _version);
        }
    }

    public bool Leaving { get; private set; }

    public WorkerId? Own { get; } = local is null ? null : new WorkerId(local.SiloAddress.ToParsableString());

    public IReadOnlyList<WorkerId> Known => Current().Active;

    public bool IsLive(WorkerId worker) => Current().Set.Contains(worker);

    public bool IsDead(WorkerId worker) => Current().Dead.Contains(worker);

    public IWorkerGrain Get(WorkerId worker) =>
        _grains.GetOrAdd(worker, static (w, factory) => factory.GetGrain<IWorkerGrain>(w.Value), grains);

    public void Meet(WorkerDescription worker)
    {
        TaskCompletionSource changed;
        lock (_lock)
        {
            if (!_snapshot.Set.Contains(worker.Id))
            {
                return;
            }

            _descriptions[worker.Id] = new Lazy<Task<WorkerDescription?>>(Task.FromResult<WorkerDescription?>(worker));
            Volatile.Write(ref _snapshot, _snapshot.Undescribed());
            changed = Renew();
        }

        Tell(changed);
    }

    public ValueTask<IReadOnlyList<WorkerDescription>> LiveAsync()
    {
        var snapshot = Current();
        return snapshot.Described is { } described ? new(described) : new(DescribeAllAsync(snapshot));
    }

    public async Task ChangedAsync(long seen, TimeSpan slice)
    {
        Task changed;
        lock (_lock)
        {
            changed = _changed.Task;
        }

        if (Version <= seen)
        {
            await changed.WithinAsync(slice, time);
        }
    }

    public IDisposable OnChanged(Action changed)
    {
        lock (_lock)
        {
            var place = _listeners.AddLast(changed);
            return new Subscription(() => Leave(place));
        }
    }

    public void Participate(ISiloLifecycle lifecycle)
    {
        // The last stage to start is the first to stop.
        lifecycle.Subscribe(
            nameof(Leaving),
            ServiceLifecycleStage.Last,
            static _ => Task.CompletedTask,
            _ =>
            {
                Leaving = true;
                return Task.CompletedTask;
            });
        var follow = Task.CompletedTask;
        lifecycle.Subscribe(
            nameof(ClusterView),
            ServiceLifecycleStage.Active,
            _ =>
            {
                follow = background.Run(() => FollowAsync(_stop.Token));
                return Task.CompletedTask;
            },
            _ =>
            {
                _stop.Cancel();
                return follow;
            });
    }

    private void Leave(LinkedListNode<Action> place)
    {
        lock (_lock)
        {
            place.List?.Remove(place);
        }
    }

    private async Task FollowAsync(CancellationToken stop)
    {
        try
        {
            await foreach (var _ in membership.MembershipUpdates.WithCancellation(stop))
            {
                var snapshot = Current();
                await DescribeAllAsync(snapshot);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
    }

    /// <summary>Reads the membership that Orleans has now; whoever sees a new set first tells the others.</summary>
    private Snapshot Current()
    {
        var now = membership.CurrentSnapshot;
        var seen = Volatile.Read(ref _snapshot);
        if (seen.Membership == now.Version.Value)
        {
            return seen;
        }

        TaskCompletionSource changed;
        Snapshot next;
        lock (_lock)
        {
            if (_snapshot.Membership >= now.Version.Value)
            {
                return _snapshot;
            }

            var active = Those(now, SiloStatus.Active).OrderBy(static w => w.Value, StringComparer.Ordinal).ToArray();
            var same = active.AsSpan().SequenceEqual(_snapshot.Active);
            var dead = Those(now, SiloStatus.Dead).ToHashSet();

            // A silo that leaves is no worker any more before it has ended. What waits for its end is told of that too.
            var nobodyDied = dead.IsSubsetOf(_snapshot.Dead);
            next = new Snapshot(now.Version.Value, active, active.ToHashSet(), dead, same ? _snapshot.Described : null);
            Volatile.Write(ref _snapshot, next);
            if (same && nobodyDied)
            {
                return next;
            }

            // Here, so that nobody who has seen a newer set loses what it has learnt of it.
            foreach (var gone in _descriptions.Keys.Where(w => !next.Set.Contains(w)))
            {
                _descriptions.TryRemove(gone, out _);
                _grains.TryRemove(gone, out _);
            }

            changed = Renew();
        }

        Tell(changed);
        return next;
    }

    private static IEnumerable<WorkerId> Those(ClusterMembershipSnapshot membership, SiloStatus status) =>
        membership.Members.Values.Where(m => m.Status == status).Select(static m => new WorkerId(m.SiloAddress.ToParsableString()));

    /// <summary>Under the lock: those who wait for a change after this one wait for another task.</summary>
    private TaskCompletionSource Renew()
    {
        Interlocked.Increment(ref _version);
        var changed = _changed;
        _changed = new TaskCompletionSource();
        return changed;
    }

    private void Tell(TaskCompletionSource changed)
    {
        changed.TrySetResult();
        Action[] listeners;
        lock (_lock)
        {
            listeners = [.. _listeners];
        }

        foreach (var listener in listeners)
        {
            listener();
        }
    }

    private async Task<IReadOnlyList<WorkerDescription>> DescribeAllAsync(Snapshot snapshot)
    {
        var asked = Task.WhenAll(
            snapshot.Active.Select(
                w => _descriptions.GetOrAdd(w, one => new Lazy<Task<WorkerDescription?>>(() => DescribeAsync(one))).Value));
        await asked.WithinAsync(s_patience, time);
        var described = snapshot.Active.Select(w => _descriptions.GetValueOrDefault(w)?.Value).OfType<Task<WorkerDescription?>>()
            .Where(t => t.IsCompletedSuccessfully).Select(t => t.Result).OfType<WorkerDescription>().ToArray();
        if (asked.IsCompleted)
        {
            snapshot.Described = described;
        }

        return described;
    }

    /// <summary>Null when it has not described itself in time.</summary>
    private Task<WorkerDescription?> DescribeAsync(WorkerId worker)
    {
        var first = new TaskCompletionSource<WorkerDescription?>();
        background.Run(() => DescribeAsync(worker, first)).Forget();
        return first.Task;
    }

    /// <summary>
    /// A silo that has just joined may not be in everybody's manifest yet, so it is asked a few times. After that it is asked less and less
    /// often: it may only be slow, and is a worker from the moment of its answer.
    /// </summary>
    private async Task DescribeAsync(WorkerId worker, TaskCompletionSource<WorkerDescription?> first)
    {
        var started = time.GetTimestamp();
        var pause = s_pause;
        try
        {
            while (true)
            {
                try
                {
                    var description = await Get(worker).DescribeAsync();
                    first.TrySetResult(description);
                    if (time.GetElapsedTime(started) > s_patience / 2)
                    {
                        // Perhaps somebody has gone on without it.
                        Meet(description);
                    }

                    return;
                }
                catch (Exception e)
                {
                    if (!IsLive(worker))
                    {
                        return;
                    }

                    if (time.GetElapsedTime(started) > s_patience)
                    {
                        if (first.TrySetResult(null))
                        {
                            LogNoWorker(logger, worker, e);
                        }

                        pause = pause * 2 < s_longestPause ? pause * 2 : s_longestPause;
                    }
                }

                await Task.Delay(pause, time, _stop.Token);
            }
        }
        finally
        {
            first.TrySetResult(null);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Silo {Worker} does not describe itself. It counts as a MicroSpark worker "
        + "once it does.")]
    private static partial void LogNoWorker(ILogger logger, WorkerId worker, Exception exception);

    private sealed class Snapshot(
        long membership, WorkerId[] active, HashSet<WorkerId> set, HashSet<WorkerId> dead, WorkerDescription[]? described)
    {
        private volatile WorkerDescription[]? _described = described;

        /// <summary>The same silos, of which more can be told now.</summary>
        public Snapshot Undescribed() => new(Membership, Active, Set, Dead, null);

        public long Membership { get; } = membership;

        public WorkerId[] Active { get; } = active;

        public HashSet<WorkerId> Set { get; } = set;

        public HashSet<WorkerId> Dead { get; } = dead;

        public WorkerDescription[]? Described
        {
            get => _described;
            set => _described = value;
        }
    }

    private sealed class Subscription(Action end) : IDisposable
    {
        public void Dispose() => end();
    }
}
