using System.Collections.Concurrent;

namespace MicroSpark.Storage;

/// <summary>Plans, assemblies, captured data and job inputs of one silo, by content. What is put is checked against its name.</summary>
internal sealed class BlobStore
{
    private readonly ConcurrentDictionary<BlobName, byte[]> _blobs = new();

    public bool Has(BlobName name) => _blobs.ContainsKey(name);

    public bool TryGet(BlobName name, out byte[] content) => _blobs.TryGetValue(name, out content!);

    /// <exception cref="InvalidDataException">The content does not hash to the name.</exception>
    public void Put(BlobName name, byte[] content)
    {
        var found = BlobName.Of(content);
        if (found != name)
        {
            throw new InvalidDataException($"Blob {name} was sent with {content.Length} bytes that hash to {found}. Send it again.");
        }

        _blobs.TryAdd(name, content);
    }

    public void Remove(BlobName name) => _blobs.TryRemove(name, out _);
}
