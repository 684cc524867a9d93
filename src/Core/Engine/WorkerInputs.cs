using System.Buffers;
using MicroSpark.Closures;
using MicroSpark.Codecs;
using MicroSpark.Plans;
using MicroSpark.Stages;
using MicroSpark.Storage;

namespace MicroSpark.Engine;

/// <summary>
/// What one task reads of other tasks' outputs. A block in this worker (or in another of this process, unless they behave as strangers) is
/// read by reference when nobody can change its elements; else the task gets a copy of its own through the codec.
/// </summary>
internal sealed class WorkerInputs(
    WorkerEngine worker, IBlockTransport transport, ILocationSource locations, PlanRef plan, IReadOnlyDictionary<LineageId, long> versions,
    CancellationToken cancellation) : TaskInputs
{
    public override CodeSpace Code => worker.Code;

    public override ReadOnlyMemory<byte> Blob(BlobName name) =>
        worker.Plans.PullAsync(name, plan.Holders).GetAwaiter().GetResult();

    public override ChunkReader<T> Read<T>(PlanNode node, int partition)
    {
        var map = Locate(node.Lineage);
        var (at, attempt) = Where(map, partition);
        var id = new BlockId(node.Lineage, partition, attempt);
        if (Find(at, id) is { } block)
        {
            return block is DiskBlock<T> onDisk ? onDisk.Read(0) : new MemoryReader<T>(block is BucketBlock<T> typed ? typed.Bucket(0) : Copy<T>(block, 0));
        }

        var runs = new ReadOnlyMemory<T>[1];
        Fetch(at, new BlockRequest(node.Lineage, 0, [new BlockPart(partition, attempt)]), (_, bytes) => runs[0] = ValueCodec.DecodeMany<T>(bytes.Span, Code))
            .GetAwaiter().GetResult();
        return new MemoryReader<T>(runs[0]);
    }

    public override ChunkReader<T> ReadBucket<T>(PlanNode shuffle, int bucket)
    {
        var map = Locate(shuffle.Lineage);
        var count = map.WorkerOf.Length;
        var rented = ArrayPool<Block?>.Shared.Rent(count);
        var blocks = rented.AsSpan(0, count);
        blocks.Clear();
        try
        {
            var near = new bool[map.Workers.Length];
            for (var w = 0; w < near.Length; w++)
            {
                var holder = map.Workers[w] == worker.Id ? worker : transport.Neighbour(map.Workers[w]);
                near[w] = holder is not null;
                holder?.Blocks.Find(map, w, blocks);
            }

            ThrowIfLost(map, blocks, near);
            var allNear = Array.TrueForAll(near, static n => n);
            return allNear && AnyOnDisk<T>(blocks)
                ? Streams<T>(blocks, bucket)
                : new MemoryReader<T>(allNear ? LocalRuns<T>(blocks, bucket) : AllRuns<T>(map, blocks, bucket));
        }
        finally
        {
            ArrayPool<Block?>.Shared.Return(rented, clearArray: true);
        }
    }

    private static void ThrowIfLost(BlockMap map, ReadOnlySpan<Block?> blocks, bool[] near)
    {
        List<int>? lost = null;
        for (var p = 0; p < blocks.Length; p++)
        {
            if (map.WorkerOf[p] < 0 || (near[map.WorkerOf[p]] && blocks[p] is null))
            {
                (lost ??= []).Add(p);
            }
        }

        if (lost is not null)
        {
            throw new InputLostException(map.Lineage, lost, null);
        }
    }

    private static bool AnyOnDisk<T>(ReadOnlySpan<Block?> blocks)
    {
        foreach (var block in blocks)
        {
            if (block is DiskBlock<T>)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Blocks of which some are on disk: one after the other, each opened when it is reached.</summary>
    private ConcatReader<T> Streams<T>(ReadOnlySpan<Block?> blocks, int bucket)
    {
        var shareable = ValueCodec.IsShareable(typeof(T));
        return new ConcatReader<T>(blocks.ToArray().Select(block =>
            block is DiskBlock<T> onDisk ? onDisk.Read(bucket) : (ChunkReader<T>)new MemoryReader<T>(RunOf<T>(block!, bucket, shareable))));
    }

    /// <summary>Only the runs that have elements: with many maps and reducers most have none.</summary>
    private List<ReadOnlyMemory<T>> LocalRuns<T>(ReadOnlySpan<Block?> blocks, int bucket)
    {
        var shareable = ValueCodec.IsShareable(typeof(T));
        var runs = new List<ReadOnlyMemory<T>>();
        foreach (var block in blocks)
        {
            var run = RunOf<T>(block!, bucket, shareable);
            if (!run.IsEmpty)
            {
                runs.Add(run);
            }
        }

        return runs;
    }

    private ReadOnlyMemory<T>[] AllRuns<T>(BlockMap map, ReadOnlySpan<Block?> blocks, int bucket)
    {
        var shareable = ValueCodec.IsShareable(typeof(T));
        var runs = new ReadOnlyMemory<T>[blocks.Length];
        var remote = new Dictionary<WorkerId, List<int>>();
        for (var p = 0; p < runs.Length; p++)
        {
            if (blocks[p] is { } block)
            {
                runs[p] = RunOf<T>(block, bucket, shareable);
            }
            else
            {
                var at = map.Workers[map.WorkerOf[p]];
                System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(remote, at, out _) ??= [];
                remote[at].Add(p);
            }
        }

        var streams = remote.Select(r => Fetch(
            r.Key,
            new BlockRequest(map.Lineage, bucket, r.Value.ConvertAll(p => new BlockPart(p, new AttemptId(map.AttemptOf[p])))),
            (i, bytes) => runs[r.Value[i]] = ValueCodec.DecodeMany<T>(bytes.Span, Code)));
        Task.WhenAll(streams.ToArray()).GetAwaiter().GetResult();
        return runs;
    }

    /// <summary>By reference when nobody can change the elements; else a copy of the task's own.</summary>
    private ReadOnlyMemory<T> RunOf<T>(Block block, int bucket, bool shareable)
    {
        if (block is not BucketBlock<T> typed)
        {
            return Copy<T>(block, bucket);
        }

        var run = typed.Bucket(bucket);
        return shareable || run.IsEmpty ? run : Copy<T>(block, bucket);
    }

    private BlockMap Locate(LineageId lineage) =>
        locations.LocateAsync(lineage, versions.TryGetValue(lineage, out var version) ? version : 0, cancellation).GetAwaiter().GetResult();

    private static (WorkerId Worker, AttemptId Attempt) Where(BlockMap map, int partition) =>
        map.WorkerOf[partition] >= 0
            ? (map.Workers[map.WorkerOf[partition]], new AttemptId(map.AttemptOf[partition]))
            : throw new InputLostException(map.Lineage, [partition], null);

    private Block? Find(WorkerId at, BlockId id)
    {
        var holder = at == worker.Id ? worker : transport.Neighbour(at);
        if (holder is null)
        {
            return null;
        }

        return holder.Blocks.TryGet(id, out var block) ? block : throw new InputLostException(id.Lineage, [id.Partition], at);
    }

    private ReadOnlyMemory<T> Copy<T>(Block block, int bucket)
    {
        var encoded = new ArrayBufferWriter<byte>();
        block.EncodeBucket(bucket, encoded, Code);
        return ValueCodec.DecodeMany<T>(encoded.WrittenSpan, Code);
    }

    private async Task Fetch(WorkerId from, BlockRequest request, Action<int, ReadOnlyMemory<byte>> onBlock)
    {
        try
        {
            var i = 0;
            await foreach (var bytes in transport.FetchAsync(from, request, cancellation).ConfigureAwait(false))
            {
                onBlock(i++, bytes);
            }
        }
        catch (BlocksMissingException e)
        {
            throw new InputLostException(e.Lineage, e.Partitions, e.Worker, e);
        }
        catch (WorkerUnreachableException e)
        {
            throw new InputLostException(request.Lineage, request.Blocks.Select(b => b.Partition).ToArray(), e.Worker, e);
        }
    }
}
