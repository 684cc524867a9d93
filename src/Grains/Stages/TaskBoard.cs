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
internal sealed class TaskBoard
{
    /// <summary>So long a worker gets nothing again that was taken back from it, while others are there.</summary>
    private static readonly TimeSpan s_rest = TimeSpan.FromMilliseconds(250);

    public TaskBoard(StageSpec stage, IWorkerPool pool, TimeProvider time, SiloEvents? events)
    {
        (Stage, Pool, Time) = (stage, pool, time);
        (Log, Stragglers) = (new OwnerLog(stage, events), new Stragglers(stage));
        Queue = new TaskQueue(work => Works.Add(work.Partition, work), Leaves);
    }

    public StageSpec Stage { get; }

    public IWorkerPool Pool { get; }

    public TimeProvider Time { get; }

    public OwnerLog Log { get; }

    /// <summary>
    /// Tasks that were tried and have not ended: of a million tasks nothing must be there before a worker takes them, and nothing stay but
    /// what they came to.
    /// </summary>
    public Dictionary<int, TaskWork> Works { get; } = [];

    public TaskQueue Queue { get; }

    public Stragglers Stragglers { get; }

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

    /// <summary>When tasks were last taken back from a worker.</summary>
    public Dictionary<WorkerId, long> TakenBack { get; } = [];

    /// <summary>
    /// Whether a worker has fewer of the set's tasks than slots, and so for a while: right after tasks were taken back from it, others are
    /// there for them, and its slots may be held by tasks of other sets.
    /// </summary>
    public bool IsIdle(WorkerDescription worker) => HasFreeSlot(worker)
        && !(TakenBack.TryGetValue(worker.Id, out var at) && Time.GetElapsedTime(at) < s_rest);

    private bool HasFreeSlot(WorkerDescription worker) => OpenAt(worker.Id) < Math.Max(1, worker.Slots);

    /// <summary>Whether a worker can take tasks.</summary>
    public bool IsThere(WorkerId worker) =>
        Links.TryGetValue(worker, out var link) ? !link.Doubted : Workers.Any(w => w.Id == worker);

    /// <summary>Whether a second attempt at a task makes sense.</summary>
    public bool CanHaveCopy(TaskWork work) => work.CanHaveCopy(Stage.Policy.MostDeaths);

    /// <summary>How many tasks a worker would be given, were there no others.</summary>
    public int PendingFor(WorkerDescription worker) =>
        Queue.Count == 0 ? 0 : Queue.For(worker.Id, IsThere, IsAlone, IsIdle(worker), Spares(worker));

    /// <summary>Whether there are tasks that are nearest to the worker, and that it does not leave to others.</summary>
    public bool HasNearest(WorkerDescription worker) =>
        Queue.Has(worker.Id) && Queue.For(worker.Id, IsThere, IsAlone, IsIdle(worker), own: true) > 0;

    /// <summary>Whether a worker is to take only what is nearest to it.</summary>
    public bool Spares(WorkerDescription worker) => PlacementPolicy.Spares(
        worker, Workers, w => IsThere(w.Id) && Queue.For(w.Id, IsThere, IsAlone, IsIdle(w)) > 0,
        w => HasFreeSlot(w) && Links.GetValueOrDefault(w.Id)?.IsFull != true);

    /// <summary>Back into the queue, before those that have not been tried.</summary>
    public void Return(TaskWork work)
    {
        var open = Workers.Where(w => !Leaves(work, w.Id, idle: true)).ToArray();
        var workers = open.Length > 0 ? open : Workers;

        // Without any worker it waits in a list from which whoever comes may take.
        Queue.Add(work, workers.Count > 0 ? PlacementPolicy.Again(workers, work.Avoid ?? work.TakenFrom, OpenAt) : default);
    }

    /// <summary>A worker died under the task, or may have: from now on the one on its owner's silo leaves it to others.</summary>
    public void Suspect(TaskWork work) => work.Spared = Pool.Own;

    /// <summary>
    /// Whether a worker leaves a task to others. One that has a reason does so only while there is another one, not in doubt, that has
    /// none: what all leave to each other nobody would run. (What failed where it was taken to has only the one that it was taken from.)
    /// One whose disk is full comes last.
    /// </summary>
    private bool Leaves(TaskWork work, WorkerId worker, bool idle) => work.Avoids(worker, idle)
        && (Workers.Any(w => w.Id != worker && IsThere(w.Id) && !work.Avoids(w.Id, idle: true))
            || (work.IsFull(worker) && Workers.Any(w => !work.IsFull(w.Id))));
}
