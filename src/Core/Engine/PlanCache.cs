using System.Collections.Concurrent;
using MicroSpark.Code;
using MicroSpark.Model;
using MicroSpark.Plans;
using MicroSpark.Storage;
using MicroSpark.Tasks;

namespace MicroSpark.Engine;

/// <summary>The plans that a worker has made runnable, by name. The least recently used go first.</summary>
internal sealed class PlanCache(BlobStore blobs, CodeSpace code, IBlockTransport transport)
{
    private const int MostPlans = 128;

    private readonly ConcurrentDictionary<BlobName, Entry> _plans = new();
    private readonly Lock _renewing = new();
    private long _clock;
    private IReadOnlyList<WorkerId> _peers = [];

    public Plan Get(BlobName name)
    {
        var entry = _plans.TryGetValue(name, out var found) && found.Plan.IsCompletedSuccessfully
            ? found
            : throw new InvalidOperationException($"The plan {name} was not prepared on this worker.");
        entry.LastUse = Interlocked.Increment(ref _clock);
        return entry.Plan.Result;
    }

    /// <summary>The plan when it is here.</summary>
    public Plan? Find(BlobName name) =>
        _plans.TryGetValue(name, out var found) && found.Plan.IsCompletedSuccessfully ? found.Plan.Result : null;

    /// <summary>Pulls what is missing and decodes the plan, once for all who ask at the same time.</summary>
    public async Task PrepareAsync(PlanRef plan, IReadOnlyList<WorkerId> liveWorkers, CancellationToken cancellationToken)
    {
        _peers = liveWorkers;
        var entry = _plans.GetOrAdd(plan.Name, static (_, make) => new Entry(make), () => LoadAsync(plan));
        entry.LastUse = Interlocked.Increment(ref _clock);
        try
        {
            await entry.Plan.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch when (entry.Plan.IsFaulted || entry.Plan.IsCanceled)
        {
            _plans.TryRemove(new KeyValuePair<BlobName, Entry>(plan.Name, entry));
            throw;
        }

        Trim();
    }

    private async Task<Plan> LoadAsync(PlanRef reference)
    {
        var bytes = reference.Inline ?? await PullAsync(reference.Name, reference.Holders).ConfigureAwait(false);
        if (reference.Inline is not null && !blobs.Has(reference.Name))
        {
            blobs.Put(reference.Name, reference.Inline);
        }

        foreach (var (assembly, blob) in EncodedPlan.ReadAssemblies(bytes))
        {
            if (!code.Has(assembly))
            {
                code.Load(ShippedAssembly.FromBytes(await PullAsync(blob, reference.Holders).ConfigureAwait(false)));
            }
        }

        return Plan.Decode(bytes, code);
    }

    /// <summary>A blob from this worker, or else from its holders, or from any worker that pulled it before its holders died.</summary>
    public async Task<byte[]> PullAsync(BlobName name, IReadOnlyList<WorkerId> holders)
    {
        if (blobs.TryGet(name, out var held))
        {
            return held;
        }

        Exception? last = null;
        var sources = holders.Concat(_peers).Distinct().ToArray();
        foreach (var source in sources)
        {
            try
            {
                if (await transport.GetBlobAsync(source, name, CancellationToken.None).ConfigureAwait(false) is { } pulled)
                {
                    blobs.Put(name, pulled);
                    return pulled;
                }
            }
            catch (WorkerUnreachableException e)
            {
                last = e;
            }
        }

        throw new BlobMissingException(name, sources, last);
    }

    /// <summary>Whether the plan needs one of the assemblies; false when its bytes are gone from here.</summary>
    public bool Uses(PlanRef plan, IReadOnlySet<AssemblyId> assemblies) =>
        (plan.Inline ?? (blobs.TryGet(plan.Name, out var held) ? held : null)) is { } bytes
            && EncodedPlan.ReadAssemblies(bytes).Any(a => assemblies.Contains(a.Assembly));

    /// <summary>Forgets the plans that need one of the assemblies, and the assemblies' bytes.</summary>
    public void Forget(IReadOnlySet<AssemblyId> assemblies)
    {
        foreach (var (name, _) in _plans)
        {
            var needed = blobs.TryGet(name, out var bytes)
                ? EncodedPlan.ReadAssemblies(bytes).Where(a => assemblies.Contains(a.Assembly)).ToArray()
                : [];
            if (needed.Length > 0)
            {
                _plans.TryRemove(name, out _);
                blobs.Remove(name);
                foreach (var (_, blob) in needed)
                {
                    blobs.Remove(blob);
                }
            }
        }
    }

    /// <summary>
    /// Loads a plan's shipped assemblies once more, and makes all plans anew that need one of them: a type of theirs is broken for good,
    /// because the thread that initialized it was interrupted. Tasks that run go on with what they have. For a slot's thread: it waits.
    /// </summary>
    /// <param name="broken">The plan as the caller knows it: when another one is here already, that has been done.</param>
    /// <returns>False when nothing of it was shipped: code of the process itself cannot be loaded twice.</returns>
    public bool Renew(PlanRef reference, Plan broken)
    {
        lock (_renewing)
        {
            if (Find(reference.Name) is not { } present || !ReferenceEquals(present, broken))
            {
                return true;
            }

            var assemblies = Assemblies(reference.Name, reference.Inline).Where(code.IsShipped).ToHashSet();
            if (assemblies.Count == 0)
            {
                return false;
            }

            code.Forget(assemblies);
            foreach (var (name, entry) in _plans)
            {
                if (entry.Plan.IsCompletedSuccessfully && Assemblies(name, null).Any(assemblies.Contains))
                {
                    var fresh = new Entry(() => LoadAsync(new PlanRef(name, null, reference.Holders))) { LastUse = entry.LastUse };
                    fresh.Plan.GetAwaiter().GetResult();
                    _plans.TryUpdate(name, fresh, entry);
                }
            }

            return true;
        }
    }

    private IEnumerable<AssemblyId> Assemblies(BlobName plan, byte[]? inline) =>
        (inline ?? (blobs.TryGet(plan, out var held) ? held : null)) is { } bytes
            ? EncodedPlan.ReadAssemblies(bytes).Select(static a => a.Assembly)
            : [];

    private void Trim()
    {
        if (_plans.Count <= MostPlans)
        {
            return;
        }

        // The dictionary's own snapshot: LINQ would take its size first and its entries then, while others change it.
        foreach (var (name, entry) in _plans.ToArray().OrderBy(p => p.Value.LastUse).Take(_plans.Count - MostPlans).ToArray())
        {
            _plans.TryRemove(new KeyValuePair<BlobName, Entry>(name, entry));
        }
    }

    private sealed class Entry(Func<Task<Plan>> load)
    {
        private readonly Lazy<Task<Plan>> _plan = new(() => Task.Run(load));

        public Task<Plan> Plan => _plan.Value;

        public long LastUse { get; set; }
    }
}
