using MicroSpark.Memory;
using MicroSpark.Model;
using MicroSpark.Simulation.Loop;
using MicroSpark.Storage;
using MicroSpark.Tasks;

namespace MicroSpark.Simulation.Fabric;

/// <summary>
/// How one process reads what silos hold. Blocks travel as frames, each of which takes a while, and stop coming when the silo dies. A
/// slot's thread waits; who has none, the client, gets all at once.
/// </summary>
internal sealed class DataPlane(Cluster cluster) : IBlockTransport
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(3);

    public Task<byte[]?> GetBlobAsync(WorkerId from, BlobName name, CancellationToken cancellationToken) =>
        OfStores(from, stores => stores.Blobs.TryGet(name, out var content) ? content : null);

    public Task<bool> HasBlobAsync(WorkerId at, BlobName name, CancellationToken cancellationToken) =>
        OfStores(at, stores => stores.Blobs.Has(name));

    public Task PutBlobAsync(WorkerId to, BlobName name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        OfStores(to, stores =>
        {
            stores.Blobs.Put(name, content.ToArray());
            cluster.Given.Add(cluster.Find(to)!);
            return true;
        });

    public BlockStream Open(WorkerId from, BlockRequest request, CancellationToken cancellationToken) => new Stream(this, from, request);

    private Task<R> OfStores<R>(WorkerId worker, Func<WorkerStores, R> ask)
    {
        try
        {
            return Task.FromResult(ask(Reach(worker)));
        }
        catch (WorkerUnreachableException e)
        {
            return Task.FromException<R>(e);
        }
    }

    /// <exception cref="WorkerUnreachableException">Its process has ended, or says nothing for too long.</exception>
    private WorkerStores Reach(WorkerId worker)
    {
        if (Fibers.Current is { } fiber)
        {
            fiber.Wait(cluster.Latency());
            for (var waited = TimeSpan.Zero; cluster.Find(worker) is { Frozen: true } && waited < s_patience; waited += s_patience / 6)
            {
                fiber.Wait(s_patience / 6);
            }
        }

        return cluster.Find(worker) is { Runs: true } silo ? silo.Engine.Stores : throw new WorkerUnreachableException(worker);
    }

    private sealed class Stream(DataPlane owner, WorkerId from, BlockRequest request) : BlockStream
    {
        private int _block = -1;
        private IEnumerator<byte[]>? _frames;

        public override ValueTask<bool> NextAsync()
        {
            var stores = owner.Reach(from);
            while (_frames is null || !_frames.MoveNext())
            {
                _frames?.Dispose();
                _frames = null;
                if (++_block == request.Blocks.Count)
                {
                    return new ValueTask<bool>(false);
                }

                _frames = FramesOf(stores, request.Blocks[_block]).GetEnumerator();
            }

            var frame = _frames.Current;
            (Position, Header, Payload) = (_block, FrameHeader.Read(frame), frame.AsMemory(Frame.HeaderLength));
            return new ValueTask<bool>(true);
        }

        public override void Dispose() => _frames?.Dispose();

        private IEnumerable<byte[]> FramesOf(WorkerStores stores, BlockPart part)
        {
            if (!stores.Blocks.TryGet(new BlockId(request.Lineage, part.Partition, part.Attempt), out var block))
            {
                throw new BlocksMissingException(from, request.Lineage, [part.Partition]);
            }

            if (block is UnkeptBlock)
            {
                throw new BlockUnkeptException(from, request.Lineage);
            }

            foreach (var frame in block.Frames(request.Bucket, stores.Code))
            {
                yield return frame.ToArray();
            }
        }
    }
}
