using System.Buffers;
using MicroSpark.Driver.Clusters;
using MicroSpark.Engine;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.DataPlane;
using MicroSpark.Grains.Jobs;
using MicroSpark.Model;
using MicroSpark.Plans;
using MicroSpark.Storage;
using MicroSpark.Tasks;

namespace MicroSpark.Driver.Jobs;

/// <summary>
/// Gets committed results: by reference from silos of this process, from the reply when they are small, else from their workers.
/// </summary>
internal sealed class ResultReader(ICluster cluster)
{
    /// <summary>Hands over what can be read, and returns what cannot.</summary>
    public async Task<List<CommittedResult>> ReadAsync(
        JobId job, IReadOnlyList<CommittedResult> results, Action<TaskResult> onResult, CancellationToken cancellationToken)
    {
        var remote = new List<CommittedResult>();
        var lost = new List<CommittedResult>();
        var output = default(LineageId);
        foreach (var result in results)
        {
            output = output == default ? JobOutput.LineageOf(job) : output;
            if (result.Inline is { } inline)
            {
                onResult(new TaskResult(result.Partition, ByReference: false, null, inline));
            }
            else if (!cluster.SharesMemory)
            {
                remote.Add(result);
            }
            else if (LocalWorkers.Find(result.Worker) is { } stores &&
                stores.Blocks.TryGet(new BlockId(output, result.Partition, result.Attempt), out var block))
            {
                onResult(block.CanShare
                    ? new TaskResult(result.Partition, ByReference: true, block.SharedValue, default)
                    : new TaskResult(result.Partition, ByReference: false, null, Encode(block, stores)));
            }
            else
            {
                lost.Add(result);
            }
        }

        foreach (var share in remote.GroupBy(r => r.Worker))
        {
            await FetchAsync(job, output, share.Key, [.. share], onResult, lost, cancellationToken).ConfigureAwait(false);
        }

        return lost;
    }

    /// <summary>Opens a result that is kept as frames, without reading it.</summary>
    /// <exception cref="BlocksMissingException">Its worker, of this process, does not have it any more.</exception>
    public BlockStream Open(JobId job, CommittedResult result, CancellationToken cancellationToken)
    {
        if (result.Inline is { } inline)
        {
            return HeldBlockStream.Of(inline);
        }

        var output = JobOutput.LineageOf(job);
        if (!cluster.SharesMemory)
        {
            return cluster.Transport.Open(
                result.Worker, new BlockRequest(output, 0, [new BlockPart(result.Partition, result.Attempt)]) { Job = job },
                cancellationToken);
        }

        return LocalWorkers.Find(result.Worker) is { } stores
            && stores.Blocks.TryGet(new BlockId(output, result.Partition, result.Attempt), out var block)
            ? new HeldBlockStream(block.Frames(0, stores.Code))
            : throw new BlocksMissingException(result.Worker, output, [result.Partition]);
    }

    private async Task FetchAsync(
        JobId job, LineageId output, WorkerId worker, CommittedResult[] results, Action<TaskResult> onResult, List<CommittedResult> lost,
        CancellationToken cancellationToken)
    {
        var request = new BlockRequest(output, 0, Array.ConvertAll(results, r => new BlockPart(r.Partition, r.Attempt)))
        { Job = job };
        var next = 0;
        using var stream = cluster.Transport.Open(worker, request, cancellationToken);
        try
        {
            while (await stream.NextAsync().ConfigureAwait(false))
            {
                // A result is one frame of one value.
                onResult(new TaskResult(results[stream.Position].Partition, ByReference: false, null, stream.Payload));
                next = stream.Position + 1;
            }
        }
        catch (Exception e) when (e is WorkerUnreachableException or BlocksMissingException)
        {
            // The job computes them again.
            lost.AddRange(results[next..]);
        }
    }

    /// <summary>A value that someone could change is copied for the client.</summary>
    private static ReadOnlyMemory<byte> Encode(Block block, WorkerStores stores)
    {
        var encoded = new ArrayBufferWriter<byte>();
        block.EncodeResult(encoded, stores.Code);
        return encoded.WrittenMemory;
    }
}
