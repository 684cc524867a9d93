using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Events;
using MicroSpark.Grains.Placement;
using MicroSpark.Model;

namespace MicroSpark.Grains.Stages;

/// <summary>
/// What one set of tasks knows: its queue, the workers, and what each of them has. Those who run the set share it:
/// <see cref="TaskSetRunner"/> the tasks' ends, <see cref="WorkerLinks"/> the calls, <see cref="TaskSetWatch"/> what time brings.
/// </summary>
internal sealed class TaskBoard(StageSpec stage, IWorkerPool pool, TimeProvider time, SiloEvents? events)
{
    public StageSpec Stage => stage;

    public IWorkerPool Pool => pool;

    public TimeProvider Time => time;

    public OwnerLog Log { get; } = new(stage, events);

    public TaskQueue Queue { get; } = new();

    public Stragglers Stragglers { get; } = new(stage);

    public Dictionary<WorkerId, WorkerLink> Links { get; } = [];

    /// <summary>To workers that have one task, and nothing beside it.</summary>
    public List<WorkerLink> Lone { get; } = [];

    /// <summary>Of both kinds.</summary>
    public IEnumerable<WorkerLink> AllLinks => Links.Values.Concat(Lone);

    /// <summary>Workers that have a task alone, or died of it.</summary>
    public HashSet<WorkerId> HasOneAlone { get; } = [];

    /// <summary>Those that were alive when somebody looked, without those that were lost to the set.</summary>
    public IReadOnlyList<WorkerDescription> Workers { get; set; } = [];

    /// <summary>Tasks that have not ended.</summary>
    public int Open { get; set; }

    /// <summary>Ends when all tasks have.</summary>
    public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool IsAlone => Workers.Count == 1;

    public int OpenAt(WorkerId worker) => Links.TryGetValue(worker, out var link) ? link.Open.Count : 0;

    /// <summary>Whether a worker can take tasks.</summary>
    public bool IsThere(WorkerId worker) =>
        Links.TryGetValue(worker, out var link) ? !link.Doubted : Workers.Any(w => w.Id == worker);

    /// <summary>Whether a second attempt at a task makes sense.</summary>
    public bool CanHaveCopy(TaskWork work) => work.CanHaveCopy(stage.Policy.MostDeaths);

    /// <summary>How many tasks a worker would be given, were there no others.</summary>
    public int PendingFor(WorkerDescription worker) => Queue.Count == 0 ? 0 : Queue.For(worker.Id, IsThere, IsAlone, Spares(worker));

    /// <summary>Whether a worker is to take only what is nearest to it.</summary>
    public bool Spares(WorkerDescription worker) => PlacementPolicy.Spares(
        worker, Workers, w => IsThere(w.Id) && Queue.For(w.Id, IsThere, IsAlone) > 0,
        w => OpenAt(w.Id) < Math.Max(1, w.Slots) && Links.GetValueOrDefault(w.Id)?.IsFull != true);

    /// <summary>Back into the queue, before those that have not been tried.</summary>
    public void Return(TaskWork work)
    {
        var workers = Workers;
        if (work.FullAt is { } full && workers.Any(w => !full.Contains(w.Id)))
        {
            workers = [.. workers.Where(w => !full.Contains(w.Id))];
        }

        // Without any worker it waits in a list from which whoever comes may take.
        Queue.Add(work, workers.Count > 0 ? PlacementPolicy.Again(workers, work.Avoid, OpenAt) : default, first: true);
    }
}
