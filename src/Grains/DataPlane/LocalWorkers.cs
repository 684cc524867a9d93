using System.Collections.Concurrent;
using MicroSpark.Engine;
using MicroSpark.Model;

namespace MicroSpark.Grains.DataPlane;

/// <summary>The workers of this process, so that silos which share it hand over data by reference instead of through a socket.</summary>
internal static class LocalWorkers
{
    private static readonly ConcurrentDictionary<WorkerId, WorkerEngine> Engines = new();

    public static void Add(WorkerEngine engine) => Engines[engine.Id] = engine;

    public static void Remove(WorkerId worker) => Engines.TryRemove(worker, out _);

    /// <summary>The engine when that worker lives in this process, else null.</summary>
    public static WorkerEngine? Find(WorkerId worker) => Engines.GetValueOrDefault(worker);
}
