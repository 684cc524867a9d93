using MicroSpark.Grains.Contracts;
using MicroSpark.Model;

namespace MicroSpark.Grains.Stages;

/// <summary>
/// The tasks of one set that no worker has, by the worker that is nearest to each. A worker takes what is nearest to it first: what was
/// tried before, then the others in the order of the partitions. Then it helps the worker that has the most left, from the end. A state
/// machine without clock and I/O.
/// </summary>
/// <remarks>
/// A task that nobody has tried is a number and a bit here. It becomes a <see cref="TaskWork"/> when a worker takes it: of a million tasks
/// those that wait would be most of what the owner holds.
/// </remarks>
/// <param name="begun">Told of each task that a worker takes for the first time.</param>
/// <param name="leaves">Whether a worker, idle or not, leaves a task to others.</param>
internal sealed class TaskQueue(Action<TaskWork> begun, Func<TaskWork, WorkerId, bool, bool> leaves)
{
    /// <summary>Tasks of one window, and so all that is of interest.</summary>
    private const int MostCounted = 4096;

    private readonly Dictionary<WorkerId, WorkerLine> _lines = [];
    private readonly PartitionSet _untried = new();

    /// <summary>All of them.</summary>
    public int Count { get; private set; }

    /// <summary>Whether tasks may leave the worker that has their data: they waited for it long enough.</summary>
    public bool MayLeaveHome { get; set; }

    /// <summary>Tasks that nobody has tried.</summary>
    public IEnumerable<int> Untried => _untried;

    /// <summary>Tasks that nobody has tried, which wait from now on; none can be taken before it has its place.</summary>
    public void Expect(IReadOnlyList<PlacedPartition> partitions)
    {
        Count += partitions.Count;
        _untried.Add(partitions);
    }

    /// <summary>The worker that is nearest to an expected task. It is nothing when the task was removed.</summary>
    /// <param name="isHome">Whether that worker has the task's data.</param>
    public void Place(int partition, WorkerId at, bool isHome)
    {
        if (_untried.Contains(partition))
        {
            LineOf(at).Untried.Add(new UntriedTask(partition, isHome));
        }
    }

    /// <summary>Puts a task that was tried into a worker's line, before those that were not.</summary>
    public void Add(TaskWork work, WorkerId at)
    {
        if (!work.Waits)
        {
            work.Place = LineOf(at).Tried.AddFirst(work);
            Count++;
        }
    }

    public void Remove(TaskWork work)
    {
        if (work.Waits)
        {
            work.Place!.List!.Remove(work.Place);
            Count--;
        }
    }

    /// <summary>Removes a task that nobody has tried; false when it is none.</summary>
    public bool RemoveUntried(int partition)
    {
        var removed = _untried.Remove(partition);
        Count -= removed ? 1 : 0;
        return removed;
    }

    /// <summary>Whether there are tasks that are nearest to the worker.</summary>
    public bool Has(WorkerId worker) => _lines.TryGetValue(worker, out var line) && LengthOf(line) > 0;

    /// <summary>How many tasks a worker would be given, were there no others; counted up to what one window may hold.</summary>
    /// <param name="isThere">Whether a worker can take its own tasks.</param>
    /// <param name="alone">Whether there is no other: then it takes also what it is to avoid.</param>
    /// <param name="idle">Whether the worker has free slots.</param>
    /// <param name="own">Only those that are nearest to it.</param>
    public int For(WorkerId worker, Func<WorkerId, bool> isThere, bool alone, bool idle, bool own = false)
    {
        var count = 0;
        foreach (var (at, line) in _lines)
        {
            if ((own && at != worker) || LengthOf(line) == 0)
            {
                continue;
            }

            var all = at == worker || MayLeaveHome || !isThere(at);
            for (var i = line.Untried.Count - 1; i >= line.Start && count < MostCounted; i--)
            {
                count += IsFree(line.Untried[i], all) ? 1 : 0;
            }

            for (var node = line.Tried.Last; node is not null && count < MostCounted; node = node.Previous)
            {
                count += (all || node.Value.Home != at) && (alone || !leaves(node.Value, worker, idle)) ? 1 : 0;
            }
        }

        return count;
    }

    /// <summary>The next tasks for a worker, at most so many.</summary>
    /// <param name="isThere">Whether a worker can take its own tasks.</param>
    /// <param name="alone">Whether there is no other: then it takes also what it is to avoid.</param>
    /// <param name="idle">Whether the worker has free slots.</param>
    /// <param name="own">Only those that are nearest to it.</param>
    public List<TaskWork> Take(WorkerId worker, int most, Func<WorkerId, bool> isThere, bool alone, bool idle, bool own = false)
    {
        var taken = new List<TaskWork>(Math.Min(most, Count));
        if (_lines.TryGetValue(worker, out var nearest))
        {
            for (var node = nearest.Tried.First; node is not null && taken.Count < most;)
            {
                var next = node.Next;
                TakeIf(node, worker, alone, idle, taken);
                node = next;
            }

            for (; nearest.Start < nearest.Untried.Count && taken.Count < most; nearest.Start++)
            {
                TakeIf(nearest.Untried[nearest.Start], worker, all: true, taken);
            }
        }

        if (own || taken.Count == most || Count == 0)
        {
            return taken;
        }

        foreach (var (at, line) in _lines.Where(l => l.Key != worker && LengthOf(l.Value) > 0).OrderByDescending(l => LengthOf(l.Value)))
        {
            var all = MayLeaveHome || !isThere(at);
            for (var i = line.Untried.Count - 1; i >= line.Start && taken.Count < most; i--)
            {
                TakeIf(line.Untried[i], at, all, taken);
            }

            for (var node = line.Tried.Last; node is not null && taken.Count < most;)
            {
                var previous = node.Previous;
                if (all || node.Value.Home != at)
                {
                    TakeIf(node, worker, alone, idle, taken);
                }

                node = previous;
            }
        }

        return taken;
    }

    private void TakeIf(LinkedListNode<TaskWork> node, WorkerId worker, bool alone, bool idle, List<TaskWork> taken)
    {
        if (alone || !leaves(node.Value, worker, idle))
        {
            Remove(node.Value);
            taken.Add(node.Value);
        }
    }

    /// <param name="at">Whose line the task is in.</param>
    private void TakeIf(UntriedTask task, WorkerId at, bool all, List<TaskWork> taken)
    {
        if (IsFree(task, all))
        {
            RemoveUntried(task.Partition);
            var work = new TaskWork(task.Partition) { Home = task.IsHome ? at : null };
            begun(work);
            taken.Add(work);
        }
    }

    /// <summary>Whether a task of a line still waits, and may be taken.</summary>
    private bool IsFree(UntriedTask task, bool all) => (all || !task.IsHome) && _untried.Contains(task.Partition);

    private WorkerLine LineOf(WorkerId at)
    {
        if (!_lines.TryGetValue(at, out var line))
        {
            _lines.Add(at, line = new WorkerLine());
        }

        return line;
    }

    /// <summary>How long a line is, once what was taken or removed at both of its ends is out of it.</summary>
    private int LengthOf(WorkerLine line)
    {
        var untried = line.Untried;
        var end = untried.Count;
        while (end > line.Start && !_untried.Contains(untried[end - 1].Partition))
        {
            end--;
        }

        untried.RemoveRange(end, untried.Count - end);
        while (line.Start < end && !_untried.Contains(untried[line.Start].Partition))
        {
            line.Start++;
        }

        return line.Tried.Count + end - line.Start;
    }

    /// <param name="IsHome">Whether the worker whose line it is in has its data.</param>
    private readonly record struct UntriedTask(int Partition, bool IsHome);

    /// <summary>The tasks that are nearest to one worker.</summary>
    private sealed class WorkerLine
    {
        public LinkedList<TaskWork> Tried { get; } = [];

        /// <summary>From <see cref="Start"/> on; those that <see cref="_untried"/> does not have any more are gone.</summary>
        public List<UntriedTask> Untried { get; } = [];

        public int Start { get; set; }
    }
}
