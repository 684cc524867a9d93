using MicroSpark.Engine;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Events;
using MicroSpark.Slots;
using MicroSpark.Stopping;

namespace MicroSpark.Grains.Workers;

/// <summary>The tasks of one batch that have not ended, in the order in which they came. Its owner locks.</summary>
internal sealed class OrderedTasks
{
    private readonly LinkedList<RunningTask> _order = new();
    private readonly Dictionary<int, RunningTask> _byPartition = [];
    private readonly List<RunningTask> _running = [];

    /// <summary>Those whose plan is not here yet: they can be cancelled too.</summary>
    private readonly Dictionary<int, TaskItem> _expected = [];

    public IEnumerable<RunningTask> All => _order;

    /// <summary>How many no slot has taken.</summary>
    public int Queued => _order.Count - _running.Count;

    public void Add(RunningTask task)
    {
        task.Place = _order.AddLast(task);
        _byPartition[task.Item.Partition] = task;
    }

    /// <summary>They will be added when their plan is here, those aside that are taken before.</summary>
    public void Expect(TaskItem[] items)
    {
        foreach (var item in items)
        {
            _expected[item.Partition] = item;
        }
    }

    /// <returns>Those of the items that are still expected, and now are not.</returns>
    public TaskItem[] TakeExpected(TaskItem[] items) => Array.FindAll(
        items, item => _expected.TryGetValue(item.Partition, out var latest) && latest.Attempt == item.Attempt
            && _expected.Remove(item.Partition));

    /// <summary>The same by partition; all when null.</summary>
    public TaskItem[] TakeExpected(int[]? partitions) => TakeExpected([.. partitions is null
        ? _expected.Values
        : partitions.Where(_expected.ContainsKey).Select(partition => _expected[partition])]);

    public void Begin(RunningTask task) => _running.Add(task);

    public RunningTask? Find(int partition) => _byPartition.GetValueOrDefault(partition);

    public void Remove(RunningTask task)
    {
        _order.Remove(task.Place!);
        _running.Remove(task);
        if (Find(task.Item.Partition) == task)
        {
            _byPartition.Remove(task.Item.Partition);
        }
    }

    /// <summary>How far those are that have a slot; null when none has.</summary>
    public TaskSoFar[]? Running(TimeProvider time)
    {
        if (_running.Count == 0)
        {
            return null;
        }

        var progress = new TaskSoFar[_running.Count];
        for (var i = 0; i < progress.Length; i++)
        {
            var task = _running[i];
            progress[i] = new TaskSoFar(
                task.Item.Partition, (long)time.GetElapsedTime(task.Clock!.Value.Timestamp).TotalMilliseconds, task.Progress!.Elements);
        }

        return progress;
    }
}

/// <summary>One task of a batch.</summary>
internal sealed class RunningTask(TaskItem item, HeldPlan plan)
{
    public TaskItem Item => item;

    /// <summary>
    /// Not disposed of at the task's end: whoever cancels may have found the task just before, and must come to those that have not ended.
    /// It has no timer, and what listens to it lets go by itself.
    /// </summary>
    public CancellationTokenSource Stop { get; } = new();

    public SlotTask? Work { get; set; }

    /// <summary>Since when it has a slot; null before.</summary>
    public TaskClock? Clock { get; set; }

    /// <summary>How far it is; null before a slot took it.</summary>
    public TaskProgress? Progress { get; set; }

    public LinkedListNode<RunningTask>? Place { get; set; }

    /// <summary>It has ended, and needs its plan no more. It may be cancelled all the same.</summary>
    public void End() => plan.EndOne();
}

/// <summary>A plan that stays prepared here until the last of so many tasks has ended, however long they queue.</summary>
internal sealed class HeldPlan(PlanLease lease, int tasks)
{
    private int _left = tasks;

    public PlanLease Lease => lease;

    public void EndOne()
    {
        if (Interlocked.Decrement(ref _left) == 0)
        {
            lease.Dispose();
        }
    }
}
