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
    WorkerEngine worker, CodeSpace code, IBlockTransport transport, ILocationSource locations, PlanRef plan,
    IReadOnlyDictionary<LineageId, long> versions, TaskMemory memory, TaskCounters counters, CancellationToken cancellation)
    : TaskInputs, IDisposable
{
    private readonly List<IDisposable> _streams = [];
    private readonly LocalBlocks _local = new(worker.Stores, code, transport, counters);

    public override CodeSpace Code => code;

    public override ReadOnlyMemory<byte> Blob(BlobName name) =>
        worker.Plans.PullAsync(name, plan.Owner, plan.Holders).WaitAsync(cancellation).GetAwaiter().GetResult();

    public override ChunkReader<T> Read<T>(LineageId output, int partition, Func<ChunkReader<T>> compute)
    {
        var map = Locate(output);
        if (map.WorkerOf[partition] < 0)
        {
            throw new InputLostException(map, [partition], null);
        }

        var at = map.Workers[map.WorkerOf[partition]];
        if (_local.HolderOf(at) is null)
        {
            var remote = Open<T>(at, RemotePart.Of(map, [partition], repeats: false), 0, shuffle: false);
            return new RemoteReader<T>(remote, partition, () => Computed(map, partition, compute));
        }

        var reader = new BlockReader<T>(_local, map, byReference: true, shuffle: false);
        return reader.TryStart(partition, 0) ? reader : Computed(map, partition, compute);
    }

    /// <summary>
    /// A partition that was not kept, computed here. What it is made from may be gone: nobody has asked for it on behalf of this task. Then
    /// it is the partition that is lost, and whoever has it computed again sees to what that needs.
    /// </summary>
    private UnkeptReader<T> Computed<T>(BlockMap map, int partition, Func<ChunkReader<T>> compute) =>
        new(compute, e => versions.ContainsKey(e.Lineage) ? e : _local.Lost(map, partition, e));

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
