using System.Collections.Concurrent;
using MicroSpark.Model;
using MicroSpark.Storage;

namespace MicroSpark.Grains.DataPlane;

/// <summary>The workers of this process, so that silos which share it hand over data by reference instead of through a socket.</summary>
internal static class LocalWorkers
{
    private static readonly ConcurrentDictionary<WorkerId, WorkerStores> s_stores = new();

    public static void Add(WorkerStores stores) => s_stores[stores.Worker] = stores;

    public static void Remove(WorkerId worker) => s_stores.TryRemove(worker, out _);

    /// <summary>The stores when that worker lives in this process, else null.</summary>
    public static WorkerStores? Find(WorkerId worker) => s_stores.GetValueOrDefault(worker);
}
