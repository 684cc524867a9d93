using System.Runtime.ExceptionServices;
using MicroSpark.Code;
using MicroSpark.Model;
using MicroSpark.Plans;
using MicroSpark.Storage;
using MicroSpark.Tasks;

namespace MicroSpark.Engine;

/// <summary>The blocks of this process that one task reads, and what broke while it read any input, here or elsewhere.</summary>
internal sealed class LocalBlocks(WorkerStores here, CodeSpace code, IBlockTransport transport, TaskCounters counters)
{
    private ExceptionDispatchInfo? _broken;

    /// <summary>The assemblies of the task's plan.</summary>
    public CodeSpace Code => code;

    /// <summary>What the task has read.</summary>
    public TaskCounters Counters => counters;

    /// <summary>
    /// Throws the error that broke an input, also when the user's function caught it on the way. A task that has not seen all of its input
    /// has no result.
    /// </summary>
    public void ThrowIfBroken() => _broken?.Throw();

    /// <summary>Notes that an input could not be read to its end.</summary>
    public Exception Broken(Exception error)
    {
        _broken ??= ExceptionDispatchInfo.Capture(error);
        return error;
    }

    /// <summary>The block that the map places at a worker that was of this process when the index was made.</summary>
    public Block BlockOf(BlockMap map, int partition)
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

    /// <summary>
    /// What to throw when a block of this process is not there, or not to be read, although the map says so. Nobody finds it any more.
    /// </summary>
    public Exception Lost(BlockMap map, int partition, Exception? why)
    {
        var at = map.Workers[map.WorkerOf[partition]];
        HolderOf(at)?.Blocks.Remove(IdOf(map, partition));
        return Broken(new InputLostException(map, [partition], at, why));
    }

    /// <summary>A worker's blocks of an output are read, without looking each of them up.</summary>
    public void Touch(BlockMap map, int worker) => HolderOf(map.Workers[worker])?.Blocks.Touch(map.Lineage);

    private static BlockId IdOf(BlockMap map, int partition) => new(map.Lineage, partition, new AttemptId(map.AttemptOf[partition]));

    /// <summary>The stores of a worker of this process; null for others.</summary>
    public WorkerStores? HolderOf(WorkerId at) => at == here.Worker ? here : transport.Neighbour(at);
}
