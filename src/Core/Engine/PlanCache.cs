using MicroSpark.Code;
using MicroSpark.Model;
using MicroSpark.Plans;
using MicroSpark.Slots;
using MicroSpark.Storage;
using MicroSpark.Tasks;

namespace MicroSpark.Engine;

/// <summary>
/// The plans that a worker has made runnable, by name and by whose they are. A plan stays while somebody holds a lease on it, however
/// many there are. Of those that nobody holds, the last to be given back stay for the next job; so each call takes the same time with
/// thousands of plans. A lease is one on the plan's blobs here too: a queued task may ask for them late.
/// </summary>
internal sealed class PlanCache(BlobStore blobs, CodeSpace code, BlobSources sources, BackgroundWork background)
{
    /// <summary>Plans that nobody holds.</summary>
    internal const int MostIdle = 128;

    private readonly Lock _gate = new();
    private readonly Lock _renewing = new();
    private readonly Dictionary<PlanKey, Entry> _plans = [];

    /// <summary>Those that nobody holds, the longest idle first.</summary>
    private readonly LinkedList<Entry> _idle = [];
    private IReadOnlyList<WorkerId> _peers = [];

    /// <summary>How many are here, held or not.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _plans.Count;
            }
        }
    }

    /// <summary>Pulls what is missing and decodes the plan, once for all who ask at the same time.</summary>
    /// <returns>Keeps the plan prepared until it is disposed.</returns>
    public async Task<PlanLease> PrepareAsync(PlanRef plan, IReadOnlyList<WorkerId> liveWorkers, CancellationToken cancellationToken)
    {
        _peers = liveWorkers;
        var entry = Hold(plan);
        try
        {
            var loaded = await entry.Loaded.WaitAsync(cancellationToken).ConfigureAwait(false);
            LeaseBlobs(entry, loaded);
            return new PlanLease(plan, () => entry.Loaded.Result.Plan, () => Release(entry));
        }
        catch
        {
            if (entry.Loaded.IsFaulted || entry.Loaded.IsCanceled)
            {
                // Who asks next tries again.
                Forget(entry);
            }

            Release(entry);
            throw;
        }
    }

    /// <summary>A plan that travels in its reference is not kept as a blob too: each job has one of its own.</summary>
    private async Task<LoadedPlan> LoadAsync(PlanRef reference)
    {
        var bytes = reference.Inline ?? await PullAsync(reference.Name, reference.Owner, reference.Holders).ConfigureAwait(false);
        var assemblies = EncodedPlan.ReadAssemblies(bytes);
        var missing = new List<ShippedAssembly>();
        foreach (var (assembly, blob) in assemblies)
        {
            if (!code.Has(assembly))
            {
                missing.Add(ShippedAssembly.FromBytes(await PullAsync(blob, reference.Owner, reference.Holders).ConfigureAwait(false)));
            }
        }

        code.LoadAll(missing);
        var blobNames = EncodedPlan.ReadBlobs(bytes);
        var own = code.Of(assemblies.Select(static a => a.Assembly));
        return new LoadedPlan(
            Plan.Decode(bytes, own, reference.Owner), assemblies, reference.Inline is null ? [.. blobNames, reference.Name] : blobNames);
    }

    /// <inheritdoc cref="BlobSources.PullAsync"/>
    public Task<byte[]> PullAsync(BlobName name, string? owner, IReadOnlyList<WorkerId> holders) =>
        PullAsync(name, owner, holders, _peers);

    /// <inheritdoc cref="BlobSources.PullAsync"/>
    public Task<byte[]> PullAsync(
        BlobName name, string? owner, IReadOnlyList<WorkerId> holders, IReadOnlyList<WorkerId> peers) =>
        blobs.PullAsync(name, owner, () => sources.PullAsync(name, owner, holders, peers));

    /// <summary>Whether the plan needs one of the assemblies; false when its bytes are gone from here.</summary>
    public bool Uses(PlanRef plan, IReadOnlySet<AssemblyId> assemblies) =>
        (plan.Inline ?? (blobs.TryGet(plan.Name, out var held) ? held : null)) is { } bytes
            && EncodedPlan.ReadAssemblies(bytes).Any(a => assemblies.Contains(a.Assembly));

    /// <summary>
    /// Forgets somebody's plans that need one of the assemblies, and the assemblies' bytes. A task that has one ends with it.
    /// </summary>
    /// <param name="owner">See <see cref="PlanRef.Owner"/>.</param>
    /// <returns>Those of the assemblies that no plan of anybody else needs.</returns>
    public HashSet<AssemblyId> Forget(IReadOnlySet<AssemblyId> assemblies, string? owner)
    {
        Entry[] entries;
        lock (_gate)
        {
            entries = [.. _plans.Values];
        }

        var gone = assemblies.ToHashSet();
        foreach (var entry in entries)
        {
            if (entry.Key.Owner != owner && !entry.Loaded.IsCompleted)
            {
                // It is about to be decoded, and nobody knows yet what it needs.
                gone.Clear();
            }

            var needed = entry.Loaded.IsCompletedSuccessfully
                ? entry.Loaded.Result.Assemblies.Where(a => assemblies.Contains(a.Assembly)).ToArray()
                : [];
            if (entry.Key.Owner != owner)
            {
                gone.ExceptWith(needed.Select(static a => a.Assembly));
            }
            else if (needed.Length > 0)
            {
                Forget(entry);
                blobs.Drop(entry.Key.Name, owner);
                foreach (var (_, blob) in needed)
                {
                    blobs.Drop(blob, owner);
                }
            }
        }

        return gone;
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
            Entry[] entries;
            HashSet<AssemblyId> assemblies;
            lock (_gate)
            {
                if (!_plans.TryGetValue(PlanKey.Of(reference), out var present) || !ReferenceEquals(present.Loaded.Result.Plan, broken))
                {
                    return true;
                }

                assemblies = present.Loaded.Result.Assemblies.Select(static a => a.Assembly).Where(code.IsShipped).ToHashSet();
                entries = [.. _plans.Values];
            }

            if (assemblies.Count == 0)
            {
                return false;
            }

            code.Forget(assemblies);
            foreach (var entry in entries)
            {
                if (entry.Loaded.IsCompletedSuccessfully && entry.Loaded.Result.Assemblies.Any(a => assemblies.Contains(a.Assembly)))
                {
                    entry.Renew();
                }
            }

            return true;
        }
    }

    private Entry Hold(PlanRef plan)
    {
        lock (_gate)
        {
            var key = PlanKey.Of(plan);
            if (!_plans.TryGetValue(key, out var entry))
            {
                entry = new Entry(key, background, () => LoadAsync(plan));
                _plans.Add(key, entry);
            }

            if (entry.Holders++ == 0 && entry.Idle.List is not null)
            {
                _idle.Remove(entry.Idle);
            }

            return entry;
        }
    }

    private void LeaseBlobs(Entry entry, LoadedPlan loaded)
    {
        lock (_gate)
        {
            if (entry.Leased is null)
            {
                blobs.Lease(entry.Leased = loaded.Blobs);
            }
        }
    }

    private void Release(Entry entry)
    {
        lock (_gate)
        {
            if (--entry.Holders > 0)
            {
                return;
            }

            if (entry.Leased is { } leased)
            {
                blobs.EndLease(leased);
                entry.Leased = null;
            }

            if (!IsHere(entry))
            {
                return;
            }

            _idle.AddLast(entry.Idle);
            if (_idle.Count > MostIdle)
            {
                Forget(_idle.First!.Value);
            }
        }
    }

    private void Forget(Entry entry)
    {
        lock (_gate)
        {
            if (IsHere(entry))
            {
                _plans.Remove(entry.Key);
                if (entry.Idle.List is not null)
                {
                    _idle.Remove(entry.Idle);
                }
            }
        }
    }

    /// <summary>Another one may have taken the place of a plan that was forgotten.</summary>
    private bool IsHere(Entry entry) => _plans.TryGetValue(entry.Key, out var here) && here == entry;

    private sealed record LoadedPlan(Plan Plan, IReadOnlyList<(AssemblyId Assembly, BlobName Blob)> Assemblies, BlobName[] Blobs);

    private sealed class Entry
    {
        private readonly BackgroundWork _background;
        private readonly Func<Task<LoadedPlan>> _load;
        private volatile Lazy<Task<LoadedPlan>> _loaded;

        public Entry(PlanKey key, BackgroundWork background, Func<Task<LoadedPlan>> load)
        {
            (Key, _background, _load, Idle) = (key, background, load, new LinkedListNode<Entry>(this));
            _loaded = New();
        }

        public PlanKey Key { get; }

        public Task<LoadedPlan> Loaded => _loaded.Value;

        public int Holders { get; set; }

        /// <summary>The blobs that are kept as long as the plan is held; null when they are not.</summary>
        public BlobName[]? Leased { get; set; }

        /// <summary>Loads it once more, while those who have it use what is here.</summary>
        public void Renew()
        {
            var fresh = New();
            fresh.Value.GetAwaiter().GetResult();
            _loaded = fresh;
        }

        private Lazy<Task<LoadedPlan>> New() => new(() => _background.Run(_load));

        /// <summary>In the list while nobody holds the plan.</summary>
        public LinkedListNode<Entry> Idle { get; }
    }
}
