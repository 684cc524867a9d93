using MicroSpark.Closures;
using MicroSpark.Plans;
using MicroSpark.Storage;

namespace MicroSpark.Engine;

/// <summary>
/// One silo's share of the work, without Orleans: slots (one dedicated thread each), block store, blob store and loaded code.
/// </summary>
internal sealed class WorkerEngine : IDisposable
{
    public WorkerEngine(WorkerId id, WorkerEngineOptions options, IBlockTransport transport, ILocationSource locations, TimeProvider time) =>
        throw new NotImplementedException();

    public WorkerId Id { get; } = default;

    public int Slots => throw new NotImplementedException();

    public int SlotsBusy => throw new NotImplementedException();

    public BlockStore Blocks { get; } = null!;

    public BlobStore Blobs { get; } = null!;

    public CodeSpace Code { get; } = null!;

    /// <summary>
    /// Makes a plan runnable here once: pulls the blobs that are missing from <see cref="PlanRef.Holders"/>, then from the other
    /// live workers given, loads the assemblies and decodes the nodes.
    /// </summary>
    public Task PrepareAsync(PlanRef plan, IReadOnlyList<WorkerId> liveWorkers, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>
    /// Queues one task of a prepared plan for a slot. <paramref name="completed"/> is called once, on the slot's thread (or at once
    /// when the token is cancelled before a slot took it); it must not block.
    /// </summary>
    public void Run(PlanRef plan, TaskSpec task, IReadOnlyDictionary<LineageId, long> inputVersions, CancellationToken cancellationToken, Action<TaskOutcome> completed) =>
        throw new NotImplementedException();

    public void Dispose() => throw new NotImplementedException();
}

/// <summary>What a worker engine is told at start.</summary>
internal sealed record WorkerEngineOptions(int Slots, bool Fused, bool SimulatedIsolation, long MemoryBudget);
