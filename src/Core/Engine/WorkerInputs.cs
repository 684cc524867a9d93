using MicroSpark.Code;
using MicroSpark.Memory;
using MicroSpark.Model;
using MicroSpark.Plans;
using MicroSpark.Readers;
using MicroSpark.Storage;
using MicroSpark.Tasks;

namespace MicroSpark.Engine;

/// <summary>
/// The outputs of other tasks that one task reads. A block in this worker is read by reference when nobody can change its elements. So is a
/// block in another worker of this process, unless the two behave as strangers. Any other block arrives as frames, of which the task holds
/// one per stream.
/// </summary>
internal sealed class WorkerInputs(
    WorkerEngine worker, IBlockTransport transport, ILocationSource locations, PlanRef plan, IReadOnlyDictionary<LineageId, long> versions,
    TaskMemory memory, TaskCounters counters, CancellationToken cancellation) : TaskInputs, IDisposable
{
    private readonly List<IDisposable> _streams = [];
    private readonly LocalBlocks _local = new(worker.Stores, transport, counters);

    public override CodeSpace Code => worker.Code;

    public override ReadOnlyMemory<byte> Blob(BlobName name) =>
        worker.Plans.PullAsync(name, plan.Holders).WaitAsync(cancellation).GetAwaiter().GetResult();

    public override ChunkReader<T> Read<T>(LineageId output, int partition)
    {
        var map = Locate(output);
        if (map.WorkerOf[partition] < 0)
        {
            throw new InputLostException(map, [partition], null);
        }

        var at = map.Workers[map.WorkerOf[partition]];
        if (_local.HolderOf(at) is null)
        {
            return new RemoteReader<T>(Open<T>(at, RemotePart.Of(map, [partition], repeats: false), 0, shuffle: false), partition);
        }

        var reader = new BlockReader<T>(_local, map, byReference: true, shuffle: false);
        reader.Start(partition, 0);
        return reader;
    }

    public override ChunkReader<T> ReadBucket<T>(LineageId shuffle, int bucket)
    {
        var map = Locate(shuffle);
        var index = worker.IndexOf(map);
        var remote = new RemoteBlocks<T>?[map.Workers.Length];
        for (var w = 0; w < remote.Length; w++)
        {
            if (index.Remote[w] is { } part)
            {
                remote[w] = Open<T>(map.Workers[w], part, bucket, shuffle: true);
            }
        }

        return new BucketReader<T>(map, index, bucket, remote, _local);
    }

    /// <inheritdoc cref="LocalBlocks.ThrowIfBroken"/>
    public void ThrowIfBroken() => _local.ThrowIfBroken();

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

    private BlockMap Locate(LineageId lineage) =>
        locations.LocateAsync(lineage, versions.TryGetValue(lineage, out var version) ? version : 0, cancellation).GetAwaiter().GetResult();

    private RemoteBlocks<T> Open<T>(WorkerId at, RemotePart part, int bucket, bool shuffle)
    {
        var stream = transport.Open(at, new BlockRequest(part.List, bucket), cancellation);
        _streams.Add(stream);
        return new RemoteBlocks<T>(stream, part, _local, memory, shuffle);
    }
}
