using MicroSpark.Driver.Clusters;
using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.Contracts;
using MicroSpark.Model;
using MicroSpark.Plans;

namespace MicroSpark.Driver.Jobs;

/// <summary>
/// The outputs that this context's jobs have left at the workers and that the program can still name: Spark's ContextCleaner. It knows them
/// by weak references, and looks every 20 s which of them the collector has taken. Those are released, and go from the workers unless
/// another context holds them.
/// </summary>
internal sealed class OutputNames : IDisposable
{
    /// <summary>Names since the last collection from which on one is asked for: garbage here may hold much memory elsewhere.</summary>
    internal const int Many = 100;

    /// <summary>Names in one call.</summary>
    private const int Page = 500;

    private static readonly TimeSpan s_lookEvery = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan s_collectEvery = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private readonly Dictionary<LineageId, WeakReference<OutputName>> _names = [];
    private readonly HashSet<LineageId> _releasing = [];
    private readonly Func<LineageId[], Task<LineageId[]>> _release;
    private readonly Action _collect;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private Task _released = Task.CompletedTask;
    private int _fresh;
    private int _collections;
    private long _collected;

    public OutputNames(ICluster cluster, ContextId context, TimeProvider time)
        : this(
            lineages => cluster.Grains.GetGrain<IClusterGrain>(0).ReleaseOutputsAsync(context, lineages),
            static () => GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: false), time)
    {
    }

    /// <param name="release">Releases outputs, and returns those of which that could not be said now.</param>
    /// <param name="collect">Asks for a collection, without waiting for it.</param>
    internal OutputNames(Func<LineageId[], Task<LineageId[]>> release, Action collect, TimeProvider time)
    {
        (_release, _collect, _time, _collected, _collections) = (release, collect, time, time.GetTimestamp(), GC.CollectionCount(2));
        _timer = time.Every(s_lookEvery, LookAsync);
    }

    /// <summary>How many outputs count as nameable.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _names.Count;
            }
        }
    }

    /// <summary>
    /// A job is about to be submitted that may leave these outputs. Ends when none of them is on its way out, because the program has
    /// forgotten the recipe and declared it again.
    /// </summary>
    public Task HoldAsync(IReadOnlyList<PlanNode> outputs)
    {
        var ready = Task.CompletedTask;
        lock (_gate)
        {
            foreach (var node in outputs)
            {
                if (node.OutputName is null)
                {
                    node.OutputName = NameOf(node.Lineage);
                    ready = _releasing.Contains(node.Lineage) ? _released : ready;
                }
            }
        }

        return ready;
    }

    public void Dispose() => _timer.Dispose();

    private OutputName NameOf(LineageId lineage)
    {
        if (!_names.TryGetValue(lineage, out var known))
        {
            _names.Add(lineage, known = new WeakReference<OutputName>(null!));
        }

        if (!known.TryGetTarget(out var name))
        {
            _fresh++;
            known.SetTarget(name = new OutputName());
        }

        return name;
    }

    /// <summary>Ends when what the collector has taken by now is released.</summary>
    internal Task LookAsync()
    {
        lock (_gate)
        {
            Collect();
            if (!_released.IsCompleted)
            {
                return _released;
            }

            foreach (var (lineage, name) in _names)
            {
                if (!name.TryGetTarget(out _))
                {
                    _names.Remove(lineage);
                    _releasing.Add(lineage);
                }
            }

            if (_releasing.Count > 0)
            {
                _released = ReleaseAsync([.. _releasing]);
            }

            return _released;
        }
    }

    /// <summary>The collector knows what garbage weighs here, and not what it keeps at the workers.</summary>
    private void Collect()
    {
        if (GC.CollectionCount(2) is var collections && collections != _collections)
        {
            (_collections, _collected, _fresh) = (collections, _time.GetTimestamp(), 0);
        }
        else if (_fresh >= Many && _time.GetElapsedTime(_collected) >= s_collectEvery)
        {
            (_collected, _fresh) = (_time.GetTimestamp(), 0);
            _collect();
        }
    }

    private async Task ReleaseAsync(LineageId[] lineages)
    {
        // Not under the lock.
        await Task.Yield();
        foreach (var page in lineages.Chunk(Page))
        {
            var left = page;
            try
            {
                left = await _release(page).ConfigureAwait(false);
            }
            catch (Exception e) when (e is ObjectDisposedException || CallErrors.IsTransient(e, CancellationToken.None))
            {
                // The next look tries them again, if there is a cluster then.
                _ = e;
            }

            lock (_gate)
            {
                _releasing.ExceptWith(page);
                foreach (var lineage in left)
                {
                    _names.TryAdd(lineage, new WeakReference<OutputName>(null!));
                }
            }
        }
    }
}
