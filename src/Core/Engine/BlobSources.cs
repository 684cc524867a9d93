using MicroSpark.Model;
using MicroSpark.Storage;
using MicroSpark.Tasks;

namespace MicroSpark.Engine;

/// <summary>
/// Where one worker pulls a blob from. It asks the holders in an order drawn anew each time, and then those whom they name: workers that
/// have pulled it before, or are about to (<see cref="BlobReaders"/>). When none of them gives it, it insists: with the holders, and then
/// with any other worker, which may have pulled it before its holders died.
/// </summary>
internal sealed class BlobSources(WorkerId here, IBlockTransport transport)
{
    /// <summary>A blob from this worker, or else from others that have it, checked against its name.</summary>
    /// <param name="owner">Whose plan needs it: see <see cref="BlobStore.MayRead"/>.</param>
    /// <param name="holders">Where it was put.</param>
    /// <param name="peers">Other live workers.</param>
    /// <exception cref="BlobMissingException">None of them has it.</exception>
    public async Task<byte[]> PullAsync(
        BlobName name, string? owner, IReadOnlyList<WorkerId> holders, IReadOnlyList<WorkerId> peers)
    {
        Exception? last = null;
        var asked = new HashSet<WorkerId> { here };
        var next = new Stack<(WorkerId Source, BlobAsks Asks)>(Drawn(holders).Select(static holder => (holder, BlobAsks.Holder)));
        while (next.TryPop(out var one))
        {
            if (!asked.Add(one.Source))
            {
                continue;
            }

            var answer = await AskAsync(one.Source, one.Asks).ConfigureAwait(false);
            if (answer.Content is { } content)
            {
                return content;
            }

            foreach (var other in Drawn(answer.Others))
            {
                next.Push((other, BlobAsks.Named));
            }
        }

        WorkerId[] sources = [.. Drawn(holders).Concat(Drawn(peers)).Distinct()];
        foreach (var source in sources)
        {
            if (source != here && await AskAsync(source, BlobAsks.Insisting).ConfigureAwait(false) is { Content: { } content })
            {
                return content;
            }
        }

        throw new BlobMissingException(name, sources, last);

        async Task<BlobAnswer> AskAsync(WorkerId source, BlobAsks asks)
        {
            try
            {
                return await transport.AskBlobAsync(source, name, here, asks, owner, CancellationToken.None).ConfigureAwait(false);
            }
            catch (WorkerUnreachableException e)
            {
                last = e;
                return new BlobAnswer(null, []);
            }
        }
    }

    private static WorkerId[] Drawn(IReadOnlyList<WorkerId> workers)
    {
        WorkerId[] drawn = [.. workers];
        Chance.Source.Shuffle(drawn);
        return drawn;
    }
}
