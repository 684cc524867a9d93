using MicroSpark.Grains.Contracts;
using MicroSpark.Model;
using MicroSpark.Plans;
using MicroSpark.Tasks;

namespace MicroSpark.Grains.Placement;

/// <summary>
/// Which worker gets what: every rule by which the engine chooses one is here, and nothing else is. Placement follows data, then load.
/// The methods ask nobody and remember nothing: the same workers and the same question give the same choice in every process. What
/// changes from call to call, such as how many tasks a worker has, is a parameter. Lists of workers are of live ones in the order of
/// their ids, as <see cref="WorkerDescription"/>s come.
/// </summary>
internal static partial class PlacementPolicy
{
    private const int FewestPerOwner = 64;
    private const int MostOwners = 64;
    private const int FirstPerSlot = 4;

    /// <summary>
    /// How many neighbouring partitions of one RDD a grain owns: 64, or more where that would take more than 64 grains. Each partition
    /// has one owner, the same for whoever asks, and no job calls more than 64 of them. Tasks that run together have one owner.
    /// </summary>
    public static int PartitionsPerOwner(StageSpec stage) => stage.Barrier
        ? Math.Max(1, stage.NumPartitions)
        : Math.Max(FewestPerOwner, (stage.NumPartitions + MostOwners - 1) / MostOwners);

    /// <summary>How many grains own tasks of a stage. A job owns those that make its results by itself.</summary>
    public static int OwnersOf(StageSpec stage) => stage.Kind == OutputKind.Result
        ? 1
        : (stage.NumPartitions + PartitionsPerOwner(stage) - 1) / PartitionsPerOwner(stage);

    /// <summary>
    /// How many tasks of a stage the stage's one owner sends a worker that has none: enough for the worker to find out how long they take,
    /// and a set of few tasks whole.
    /// </summary>
    public static int FirstWindow(WorkerDescription worker) => FirstWindow(SlotsOf(worker));

    /// <summary>As <see cref="FirstWindow(WorkerDescription)"/>, of a worker with so many slots.</summary>
    public static int FirstWindow(int slots) => FirstPerSlot * Math.Max(1, slots);

    /// <summary>
    /// Where each partition's data is: at the worker that holds the kept partition which it reads through narrow edges. Nowhere in
    /// particular when there is none, or when that one is not computed. Whether the worker is still alive is for <see cref="Spread"/> to
    /// see.
    /// </summary>
    /// <param name="near">Null when all that the stage reads is behind a shuffle.</param>
    /// <param name="map">Of the kept output that <paramref name="near"/> leads to; null with it.</param>
    public static PlacedPartition[] Near(int[] partitions, Locality? near, BlockMap? map)
    {
        var placed = new PlacedPartition[partitions.Length];
        for (var i = 0; i < partitions.Length; i++)
        {
            var parent = near?.ParentOf[i] ?? -1;
            WorkerId? holder = map is not null && parent >= 0 && map.WorkerOf[parent] is >= 0 and var w ? map.Workers[w] : null;
            placed[i] = new PlacedPartition(partitions[i], holder);
        }

        return placed;
    }

    /// <summary>
    /// A worker for each task of a set. A task with a live preferred worker goes there. The other tasks are dealt out by slots in
    /// contiguous ranges, so that neighbours are together: later stages read them together. Of these tasks no worker gets more than its
    /// share by slots, rounded up. A worker with tasks that do not end is dealt none while there is another one.
    /// </summary>
    /// <param name="workers">At least one.</param>
    /// <param name="salt">Where dealing begins: sets smaller than the cluster should not all land on its first worker.</param>
    public static WorkerId[] Spread(IReadOnlyList<PlacedPartition> partitions, IReadOnlyList<WorkerDescription> workers, LineageId salt)
    {
        var placed = new WorkerId[partitions.Count];
        if (workers.Count == 1)
        {
            Array.Fill(placed, workers[0].Id);
            return placed;
        }

        var live = workers.Where(static w => !Refuses(w)).Select(static w => w.Id).ToHashSet();
        var free = new List<int>();
        for (var i = 0; i < placed.Length; i++)
        {
            if (partitions[i].Preferred is { } preferred && live.Contains(preferred))
            {
                placed[i] = preferred;
            }
            else
            {
                free.Add(i);
            }
        }

        workers = Sound(workers);
        var first = (int)(salt.Low % (UInt128)workers.Count);
        var slots = workers.Sum(static w => (long)SlotsOf(w));
        long before = 0;
        var next = 0;
        for (var w = 0; w < workers.Count && next < free.Count; w++)
        {
            var worker = workers[(first + w) % workers.Count];
            before += SlotsOf(worker);
            var end = (int)((free.Count * before + slots - 1) / slots);
            for (; next < end && next < free.Count; next++)
            {
                placed[free[next]] = worker.Id;
            }
        }

        return placed;
    }

    /// <summary>
    /// The places of a stage whose tasks run together: each slot of the cluster once, a worker's slots side by side. Task i takes the
    /// i-th; tasks for which there is none cannot run together. Slots beside tasks that do not end come last.
    /// </summary>
    public static WorkerId[] Together(IReadOnlyList<WorkerDescription> workers) =>
        [.. workers.OrderBy(static w => w.Strained).SelectMany(static w => Enumerable.Repeat(w.Id, SlotsOf(w)))];

    /// <summary>
    /// The next worker for a task that came back. It is the worker with the least of the set to do, by its slots, among those without
    /// tasks that do not end, if there are any. The task returns to its former worker only when there is no other.
    /// </summary>
    /// <param name="workers">At least one.</param>
    /// <param name="avoid">Where it failed, or was dropped or lost.</param>
    /// <param name="open">How many of the set's tasks a worker has.</param>
    public static WorkerId Again(IReadOnlyList<WorkerDescription> workers, WorkerId? avoid, Func<WorkerId, int> open)
    {
        var others = workers.Where(w => w.Id != avoid).ToArray();
        return Sound(others.Length > 0 ? others : workers).MinBy(w => (double)open(w.Id) / SlotsOf(w))!.Id;
    }

    /// <summary>
    /// The worker for a task that may end its worker's process. As <see cref="Again"/>, but not that of the task's owner where there is
    /// another one: with it the owner would die, and what it knows of the task.
    /// </summary>
    /// <param name="workers">At least one.</param>
    /// <param name="owner">The worker on the owner's silo; null when there is none.</param>
    /// <param name="avoid">Where it failed, or was dropped or lost.</param>
    /// <param name="open">How many of the set's tasks a worker has.</param>
    public static WorkerId Alone(
        IReadOnlyList<WorkerDescription> workers, WorkerId? owner, WorkerId? avoid, Func<WorkerId, int> open)
    {
        WorkerDescription[] elsewhere = [.. workers.Where(w => w.Id != owner)];
        return Again(elsewhere.Length > 0 ? elsewhere : workers, avoid, open);
    }

    /// <summary>
    /// Whether a worker is to take only what is nearest to it: it has tasks that do not end, and another one that has none has free slots
    /// for what waits. One that has as many of them as slots refuses tasks, and so is spared as long as another one may take what waits.
    /// </summary>
    /// <param name="workers">All that are there.</param>
    /// <param name="mayTake">Whether a worker may have anything of what waits.</param>
    /// <param name="hasRoom">Whether it would take more now.</param>
    public static bool Spares(
        WorkerDescription worker, IReadOnlyList<WorkerDescription> workers, Func<WorkerDescription, bool> mayTake,
        Func<WorkerDescription, bool> hasRoom) =>
        worker.Strained && workers.Any(w => !w.Strained && (Refuses(worker) || hasRoom(w)) && mayTake(w));

    /// <summary>
    /// The slow tasks that a worker tries a second time: as many as it has free slots, the first ones first; none beside tasks that do not
    /// end. A task that runs there already is left out, since the worker may be the reason.
    /// </summary>
    /// <param name="worker">As it describes itself now.</param>
    /// <param name="slow">Each with where it runs.</param>
    public static IEnumerable<T> SecondAttempts<T>(WorkerDescription worker, IEnumerable<(T Task, WorkerId At)> slow) =>
        slow.Where(s => s.At != worker.Id).Select(static s => s.Task).Take(worker.Strained ? 0 : worker.Slots - worker.SlotsBusy);

    private static bool Refuses(WorkerDescription worker) => worker.GivenUp >= SlotsOf(worker);

    /// <summary>Those without tasks that do not end; all when there are none.</summary>
    private static IReadOnlyList<WorkerDescription> Sound(IReadOnlyList<WorkerDescription> workers) =>
        workers.Any(static w => w.Strained) && workers.Any(static w => !w.Strained) ? [.. workers.Where(static w => !w.Strained)] : workers;

    /// <summary>
    /// A worker that reports no slots counts as a worker with one. No rule may divide by zero, or leave a cluster of such workers without
    /// work.
    /// </summary>
    private static int SlotsOf(WorkerDescription worker) => Math.Max(1, worker.Slots);
}
