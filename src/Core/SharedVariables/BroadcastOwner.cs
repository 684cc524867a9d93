using System.Runtime.InteropServices;
using MicroSpark.Code;
using MicroSpark.Codecs;
using MicroSpark.Model;
using MicroSpark.Plans;
using MicroSpark.Tasks;

namespace MicroSpark.SharedVariables;

/// <summary>The program's side of a broadcast: the encoded pieces, until it is destroyed.</summary>
internal sealed class BroadcastOwner
{
    private readonly JobRunner _runner;
    private byte[][]? _chunks;

    private BroadcastOwner(JobRunner runner, byte[][] chunks, IReadOnlyList<AssemblyId> assemblies)
    {
        (_runner, _chunks, Assemblies) = (runner, chunks, assemblies);
        Content = BroadcastContent.Of(chunks);
        Blobs = [.. Content.Chunks.Select((name, i) => new PlanBlob(name, () => _chunks?[i]))];
    }

    public BroadcastContent Content { get; }

    /// <summary>Without content once the broadcast is destroyed: then there is nothing to ship.</summary>
    public IReadOnlyList<PlanBlob> Blobs { get; }

    /// <summary>User assemblies that the value's types are of.</summary>
    public IReadOnlyList<AssemblyId> Assemblies { get; }

    public bool IsDestroyed => Volatile.Read(ref _chunks) is null;

    /// <exception cref="NotEncodableException">The value cannot travel.</exception>
    public static BroadcastOwner Of<T>(JobRunner runner, T value)
    {
        var output = new ChunkedBytes();
        var writer = new ValueWriter(output, CodeSpace.Process);
        try
        {
            writer.WriteValue(in value);
            writer.Flush();
            var owner = new BroadcastOwner(runner, output.Close(), writer.Assemblies);
            if (owner.Content.Length > Array.MaxLength)
            {
                throw new NotEncodableException(
                    "", $"it takes {owner.Content.Length:N0} bytes and at most {Array.MaxLength:N0} can be broadcast. Make it an Rdd "
                        + $"and join it.", value);
            }

            runner.Broadcasts.Add(owner.Content.Id);
            return owner;
        }
        catch (NotEncodableException error) when (error.Path.Length == 0)
        {
            throw error.Below(TypeNames.Of(typeof(T)), value);
        }
        finally
        {
            writer.Dispose();
        }
    }

    public void ThrowIfDestroyed()
    {
        if (IsDestroyed)
        {
            throw new ObjectDisposedException(
                nameof(Broadcast<>), "The broadcast was destroyed. Broadcast the value again, or destroy it after its last use.");
        }
    }

    public Task UnpersistAsync(CancellationToken cancellationToken)
    {
        ThrowIfDestroyed();
        return _runner.DropBroadcastAsync(Content, destroyed: false, cancellationToken);
    }

    public Task DestroyAsync(CancellationToken cancellationToken)
    {
        _runner.EnsureUsable();
        return Interlocked.Exchange(ref _chunks, null) is not null && _runner.Broadcasts.Remove(Content.Id)
            ? _runner.DropBroadcastAsync(Content, destroyed: true, cancellationToken)
            : Task.CompletedTask;
    }
}
