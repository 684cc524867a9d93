using System.Collections.Concurrent;
using MicroSpark.Model;
using MicroSpark.Tasks;

namespace MicroSpark.Storage;

/// <summary>
/// Plans, assemblies, captured data and job inputs of one silo, by content. What is put is checked against its name. Past the budget the
/// blobs go that were not used for ten minutes, unless somebody has leased them: whoever needs one again pulls or pushes it.
/// </summary>
internal sealed class BlobStore(TimeProvider? time = null)
{
    private static readonly TimeSpan s_retention = TimeSpan.FromMinutes(10);

    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly ConcurrentDictionary<BlobName, Held> _blobs = new();
    private readonly ConcurrentDictionary<(BlobName Name, string? For), Pull> _pulls = new();
    private readonly Dictionary<BlobName, int> _leases = [];
    private long _bytes;

    /// <summary>In bytes.</summary>
    public long Budget { get; set; } = long.MaxValue;

    public UploadQuotas Quotas { get; init; } = UploadQuotas.None;

    public bool Has(BlobName name) => TryGet(name, out _);

    public bool TryGet(BlobName name, out byte[] content)
    {
        if (_blobs.TryGetValue(name, out var held))
        {
            held.LastUse = _time.GetTimestamp();
            content = held.Content;
            return true;
        }

        content = [];
        return false;
    }

    /// <summary>The blob for another worker that asks: also one that is being pulled, for which that worker can wait.</summary>
    /// <param name="reader">See <see cref="MayRead"/>.</param>
    public bool TryFind(BlobName name, string? reader, out ServedBlob blob)
    {
        if (MayRead(name, reader) && TryGet(name, out var content))
        {
            // Removed in between: a list of readers that is forgotten costs a copy more.
            blob = new ServedBlob(
                Task.FromResult(content), _blobs.TryGetValue(name, out var held) ? held.Readers : new BlobReaders());
            return true;
        }

        var coming = _pulls.TryGetValue((name, reader), out var pull);
        blob = coming ? new ServedBlob(pull!.Content, pull.Readers) : default;
        return coming;
    }

    /// <summary>
    /// Whether somebody's plans may have the blob, should it be here: he has brought it, or it was pulled for him, from where he had
    /// brought it. Who knows a hash, and has never had what hashes to it, gets nothing by it.
    /// </summary>
    /// <param name="reader">See <see cref="PlanRef.Owner"/>; null for the cluster's own secret, which reads all.</param>
    public bool MayRead(BlobName name, string? reader) =>
        reader is null || (_blobs.TryGetValue(name, out var held) && (held.Owners.Has(reader) || held.IsFor(reader)));

    /// <summary>The blob, from elsewhere when it is not here for him: once for all who ask for the same at the same time.</summary>
    /// <param name="reader">See <see cref="MayRead"/>.</param>
    /// <param name="fromOthers">Gets it for him; each caller's may know other places.</param>
    public async Task<byte[]> PullAsync(BlobName name, string? reader, Func<Task<byte[]>> fromOthers)
    {
        if (MayRead(name, reader) && TryGet(name, out var content))
        {
            return content;
        }

        var mine = new Pull(async readers =>
        {
            var pulled = await fromOthers().ConfigureAwait(false);
            Put(name, pulled, readers);
            if (reader is not null && _blobs.TryGetValue(name, out var held))
            {
                held.PullFor(reader);
            }

            return pulled;
        });
        var pull = _pulls.GetOrAdd((name, reader), mine);
        try
        {
            return await pull.Content.ConfigureAwait(false);
        }
        catch (BlobMissingException) when (pull != mine)
        {
            // Whoever came first may not have known where it is.
            return await mine.Content.ConfigureAwait(false);
        }
        finally
        {
            _pulls.TryRemove(new KeyValuePair<(BlobName, string?), Pull>((name, reader), pull));
        }
    }

    /// <exception cref="InvalidDataException">The content does not hash to the name.</exception>
    public void Put(BlobName name, byte[] content) => Put(name, content, new BlobReaders());

    /// <summary>The same for somebody who has brought it: he alone finds it again, with who administers.</summary>
    /// <param name="owner">Null for whoever has the cluster's own secret.</param>
    /// <returns>False when he may not have so much here (<see cref="Quotas"/>): it is not kept for him then.</returns>
    public bool Bring(BlobName name, byte[] content, string? owner)
    {
        var counted = !WasBroughtBy(name, owner);
        if (counted && !Quotas.TryAdd(owner, content.Length))
        {
            // What he has not used for long makes room, as it does when there is too much of all.
            Trim(held => held.Owners.Has(owner), (blob, held) => Leave(blob, held, owner));
            if (!Quotas.TryAdd(owner, content.Length))
            {
                return false;
            }
        }

        do
        {
            Put(name, content);
        }
        while (!TryJoin(name, owner, counted));
        return true;
    }

    /// <summary>Somebody has shown otherwise that he has the blob, which is here: it is as if he had brought it.</summary>
    /// <returns>False when it is here no more.</returns>
    public bool TryJoin(BlobName name, string? owner) => TryJoin(name, owner, counted: false);

    /// <param name="counted">Whether its bytes were counted as his before.</param>
    private bool TryJoin(BlobName name, string? owner, bool counted)
    {
        if (!_blobs.TryGetValue(name, out var held))
        {
            return false;
        }

        held.LastUse = _time.GetTimestamp();
        if (held.Owners.Add(owner, out var isNew))
        {
            if (isNew != counted)
            {
                Quotas.Count(owner, isNew ? held.Content.Length : -held.Content.Length);
            }

            return true;
        }

        // The last one has just left, and takes it away.
        Remove(name, held);
        return false;
    }

    /// <summary>Whether he has brought it. Several may have, each of whom has proved so that he has it.</summary>
    public bool WasBroughtBy(BlobName name, string? owner) => _blobs.TryGetValue(name, out var held) && held.Owners.Has(owner);

    /// <summary>Somebody needs it no more: it goes, unless others have brought it too.</summary>
    public void Drop(BlobName name, string? owner)
    {
        if (_blobs.TryGetValue(name, out var held))
        {
            Leave(name, held, owner);
        }
    }

    private void Leave(BlobName name, Held held, string? owner)
    {
        var isLast = held.Owners.Leave(owner, out var had);
        if (had)
        {
            Quotas.Count(owner, -held.Content.Length);
        }

        if (isLast)
        {
            Remove(name, held);
        }
    }

    private void Put(BlobName name, byte[] content, BlobReaders readers)
    {
        var found = BlobName.Of(content);
        if (found != name)
        {
            throw new InvalidDataException($"Blob {name} was sent with {content.Length} bytes that hash to {found}. Send it again.");
        }

        if (_blobs.TryAdd(name, new Held(content, readers) { LastUse = _time.GetTimestamp() })
            && Interlocked.Add(ref _bytes, content.Length) > Budget)
        {
            Trim(static _ => true, Remove);
        }
    }

    /// <summary>Keeps these, here or still to come, until they are given back as often.</summary>
    public void Lease(IReadOnlyList<BlobName> names)
    {
        lock (_leases)
        {
            foreach (var name in names)
            {
                _leases[name] = _leases.GetValueOrDefault(name) + 1;
            }
        }
    }

    /// <summary>Gives back a lease. That was a use of the blobs.</summary>
    public void EndLease(IReadOnlyList<BlobName> names)
    {
        lock (_leases)
        {
            foreach (var name in names)
            {
                Has(name);
                if (--_leases[name] == 0)
                {
                    _leases.Remove(name);
                }
            }
        }
    }

    private void Remove(BlobName name, Held held)
    {
        if (_blobs.TryRemove(new KeyValuePair<BlobName, Held>(name, held)))
        {
            Interlocked.Add(ref _bytes, -held.Content.Length);
            foreach (var owner in held.Owners.LeaveAll())
            {
                Quotas.Count(owner, -held.Content.Length);
            }
        }
    }

    /// <summary>Lets go of what was not used for long.</summary>
    private void Trim(Func<Held, bool> which, Action<BlobName, Held> letGo)
    {
        foreach (var (name, held) in _blobs)
        {
            if (_time.GetElapsedTime(held.LastUse) > s_retention && !IsLeased(name) && which(held))
            {
                letGo(name, held);
            }
        }
    }

    private bool IsLeased(BlobName name)
    {
        lock (_leases)
        {
            return _leases.ContainsKey(name);
        }
    }

    private sealed class Pull
    {
        private readonly Lazy<Task<byte[]>> _content;

        public Pull(Func<BlobReaders, Task<byte[]>> start) => _content = new Lazy<Task<byte[]>>(() => start(Readers));

        public BlobReaders Readers { get; } = new();

        public Task<byte[]> Content => _content.Value;
    }

    private sealed class Held(byte[] content, BlobReaders readers)
    {
        public byte[] Content => content;

        public BlobReaders Readers => readers;

        public BlobOwners Owners { get; } = new();

        /// <summary>For whom it was pulled; null for nobody by name, as mostly.</summary>
        private HashSet<string>? _for;

        public bool IsFor(string reader)
        {
            lock (Owners)
            {
                return _for?.Contains(reader) == true;
            }
        }

        public void PullFor(string reader)
        {
            lock (Owners)
            {
                (_for ??= []).Add(reader);
            }
        }

        public long LastUse { get; set; }
    }
}
