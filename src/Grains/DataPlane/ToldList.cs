using MicroSpark.Model;
using MicroSpark.Tasks;

namespace MicroSpark.Grains.DataPlane;

/// <summary>
/// A list of blocks that its worker is told once, as a blob; requests then only name it. Whoever comes first tells, all others wait for
/// that.
/// </summary>
internal sealed class ToldList(BlockList list)
{
    private readonly Lock _gate = new();
    private readonly byte[] _content = BlockWire.EncodeList(list);
    private BlobName? _name;
    private Task<bool>? _told;

    public BlobName Name
    {
        get
        {
            lock (_gate)
            {
                return _name ??= BlobName.Of(_content);
            }
        }
    }

    /// <param name="put">Brings the blob to the worker. For all who wait, so no single one's token ends it.</param>
    public Task<bool> TellAsync(Func<BlobName, byte[], Task> put)
    {
        var name = Name;
        lock (_gate)
        {
            return _told is null or { IsFaulted: true } or { IsCanceled: true } ? _told = PutAsync(put, name) : _told;
        }
    }

    /// <summary>The worker no longer has what it was told then.</summary>
    public void Forget(Task<bool> told)
    {
        lock (_gate)
        {
            _told = _told == told ? null : _told;
        }
    }

    private async Task<bool> PutAsync(Func<BlobName, byte[], Task> put, BlobName name)
    {
        await put(name, _content).ConfigureAwait(false);
        return true;
    }
}
