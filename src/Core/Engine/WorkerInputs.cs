using System.Runtime.ExceptionServices;
using MicroSpark.Code;
using MicroSpark.Memory;
using MicroSpark.Model;
using MicroSpark.Plans;
using MicroSpark.Readers;
using MicroSpark.Storage;
using MicroSpark.Tasks;

namespace MicroSpark.Engine;

/// <summary>
/// What one task reads of other tasks' outputs. A block in this worker (or in another of this process, unless they behave as strangers) is
/// read by reference when nobody can change its elements; any other arrives as frames, of which the task holds one per stream.
/// </summary>
internal sealed class WorkerInputs(
    WorkerEngine worker, IBlockTransport transport, ILocationSource locations, PlanRef plan, IReadOnlyDictionary<LineageId, long> versions,
    TaskMemory memory, TaskCounters counters, CancellationToken cancellation) : TaskInputs, IDisposable
{
    /// <summary>What a stream holds: a frame, and the array for its elements when they are no plain memory.</summary>
    private const long StreamBytes = 2 * Frame.TargetBytes;

    private readonly List<IDisposable> _streams = [];
    private ExceptionDispatchInfo? _broken;

    public override CodeSpace Code => worker.Code;

    public TaskCounters Counters => counters;

    public override ReadOnlyMemory<byte> Blob(BlobName name) =>
        worker.Plans.PullAsync(name, plan.Holders).GetAwaiter().GetResult();

    public override ChunkReader<T> Read<T>(PlanNode node, int partition)
    {
        var map = Locate(node.Lineage);
        if (map.WorkerOf[partition] < 0)
        {
            throw new InputLostException(map, [partition], null);
        }

        var at = map.Workers[map.WorkerOf[partition]];
        if (HolderOf(at) is null)
        {
            return new RemoteReader<T>(Open<T>(at, RemotePart.Of(map, [partition], repeats: false), 0, shuffle: false), partition);
        }

        var reader = new BlockReader<T>(this, map, byReference: true, shuffle: false);
        reader.Start(partition, 0);
        return reader;
    }

    public override ChunkReader<T> ReadBucket<T>(PlanNode shuffle, int bucket)
    {
        var map = Locate(shuffle.Lineage);
        var index = worker.IndexOf(map);
        var remote = new RemoteBlocks<T>?[map.Workers.Length];
        for (var w = 0; w < remote.Length; w++)
        {
            if (index.Remote[w] is { } part)
            {
                remote[w] = Open<T>(map.Workers[w], part, bucket, shuffle: true);
            }
        }

        return new BucketReader<T>(map, index, bucket, remote, this);
    }

    /// <summary>
    /// Throws what broke an input, when a function of the user's caught it on the way: a task that has not seen all of its input has
    /// no result.
    /// </summary>
    public void ThrowIfBroken() => _broken?.Throw();

    /// <summary>Whether the output that a task copies is another attempt's by now.</summary>
    public bool HasChanged(TaskSpec copy) => Locate(copy.OutputLineage).AttemptOf[copy.Partition] != copy.Attempt.Value;

    /// <summary>Ends what operators have left open.</summary>
    public void Dispose()
    {
        foreach (var stream in _streams)
        {
            stream.Dispose();
        }
    }

    /// <summary>Notes that an input could not be read to its end.</summary>
    internal Exception Broken(Exception error)
    {
        _broken ??= ExceptionDispatchInfo.Capture(error);
        return error;
    }

    /// <summary>The block that the map places at a worker that was of this process when the index was made.</summary>
    internal Block BlockOf(BlockMap map, int partition)
    {
        var w = map.WorkerOf[partition];
        if (HolderOf(map.Workers[w]) is { } holder)
        {
            return holder.Blocks.TryGet(IdOf(map, partition), out var block) ? block : throw Lost(map, partition, null);
        }

        // It has gone, and all that it held with it.
        var lost = Enumerable.Range(0, map.WorkerOf.Length).Where(p => map.WorkerOf[p] == w);
        throw Broken(new InputLostException(map, lost, map.Workers[w]));
    }

    /// <summary>What to throw when a block of this process is not there, or not to be read, although the map says so. Nobody finds it any more.</summary>
    internal Exception Lost(BlockMap map, int partition, Exception? why)
    {
        var at = map.Workers[map.WorkerOf[partition]];
        HolderOf(at)?.Blocks.Remove(IdOf(map, partition));
        return Broken(new InputLostException(map, [partition], at, why));
    }

    private static BlockId IdOf(BlockMap map, int partition) => new(map.Lineage, partition, new AttemptId(map.AttemptOf[partition]));

    private WorkerStores? HolderOf(WorkerId at) => at == worker.Id ? worker.Stores : transport.Neighbour(at);

    private BlockMap Locate(LineageId lineage) =>
        locations.LocateAsync(lineage, versions.TryGetValue(lineage, out var version) ? version : 0, cancellation).GetAwaiter().GetResult();

    private RemoteBlocks<T> Open<T>(WorkerId at, RemotePart part, int bucket, bool shuffle)
    {
        var stream = transport.Open(at, new BlockRequest(part.List, bucket), cancellation);
        _streams.Add(stream);

        // Never refused: without its frame a task cannot go on at all.
        memory.Hold(StreamBytes);
        return new RemoteBlocks<T>(stream, part, this, shuffle);
    }
}
