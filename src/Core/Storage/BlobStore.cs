using System.Collections.Concurrent;
using MicroSpark.Model;

namespace MicroSpark.Storage;

/// <summary>
/// Plans, assemblies, captured data and job inputs of one silo, by content. What is put is checked against its name. Past the budget the
/// blobs go that were not used for ten minutes: whoever needs one again pulls or pushes it.
/// </summary>
internal sealed class BlobStore(TimeProvider? time = null)
{
    private static readonly TimeSpan s_retention = TimeSpan.FromMinutes(10);

    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly ConcurrentDictionary<BlobName, Held> _blobs = new();
    private long _bytes;

    /// <summary>In bytes.</summary>
    public long Budget { get; set; } = long.MaxValue;

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

    /// <exception cref="InvalidDataException">The content does not hash to the name.</exception>
    public void Put(BlobName name, byte[] content)
    {
        var found = BlobName.Of(content);
        if (found != name)
        {
            throw new InvalidDataException($"Blob {name} was sent with {content.Length} bytes that hash to {found}. Send it again.");
        }

        if (_blobs.TryAdd(name, new Held(content) { LastUse = _time.GetTimestamp() })
            && Interlocked.Add(ref _bytes, content.Length) > Budget)
        {
            Trim();
        }
    }

    public void Remove(BlobName name)
    {
        if (_blobs.TryRemove(name, out var held))
        {
            Interlocked.Add(ref _bytes, -held.Content.Length);
        }
    }

    private void Trim()
    {
        foreach (var (name, held) in _blobs)
        {
            if (_time.GetElapsedTime(held.LastUse) > s_retention)
            {
                Remove(name);
            }
        }
    }

    private sealed class Held(byte[] content)
    {
        public byte[] Content => content;

        public long LastUse { get; set; }
    }
}
