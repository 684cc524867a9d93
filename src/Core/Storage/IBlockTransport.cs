using MicroSpark.Model;
using MicroSpark.Tasks;

namespace MicroSpark.Storage;

/// <summary>How a worker (or a client) reads what other workers hold. Over HTTP between processes; by reference within one.</summary>
internal interface IBlockTransport
{
    /// <summary>The stores of a worker of this process whose memory may be read by reference; null for any other.</summary>
    WorkerStores? Neighbour(WorkerId worker) => null;

    /// <summary>The blob's bytes; null when that worker does not have it.</summary>
    /// <exception cref="WorkerUnreachableException">The worker cannot be reached.</exception>
    Task<byte[]?> GetBlobAsync(WorkerId from, BlobName name, CancellationToken cancellationToken);

    /// <summary>For a worker, which others can read from in turn: the blob, or who else has it (<see cref="BlobReaders"/>).</summary>
    /// <param name="owner">Whose plan needs it: see <see cref="BlobStore.MayRead"/>.</param>
    /// <exception cref="WorkerUnreachableException">The worker cannot be reached.</exception>
    async Task<BlobAnswer> AskBlobAsync(
        WorkerId from, BlobName name, WorkerId reader, BlobAsks asks, string? owner, CancellationToken cancellationToken) =>
        new(await GetBlobAsync(from, name, cancellationToken).ConfigureAwait(false), []);

    Task<bool> HasBlobAsync(WorkerId at, BlobName name, CancellationToken cancellationToken);

    Task PutBlobAsync(WorkerId to, BlobName name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken);

    /// <summary>
    /// Asks for one bucket of many blocks of one recipe. The worker starts to send at once, as far as buffers on the way hold it, so that
    /// several streams are in flight while one is read.
    /// </summary>
    BlockStream Open(WorkerId from, BlockRequest request, CancellationToken cancellationToken);
}
