using MicroSpark.Model;

namespace MicroSpark.Grains.Stages;

/// <summary>
/// The tasks of one set that no worker has, by the worker that is nearest to each. A worker takes what is nearest to it first, in the
/// order of the partitions; then it helps the worker that has the most left, from the end. A state machine without clock and I/O.
/// </summary>
internal sealed class TaskQueue
{
    /// <summary>Tasks of one window, and so all that is of interest.</summary>
    private const int MostCounted = 4096;

    private readonly Dictionary<WorkerId, LinkedList<TaskWork>> _lists = [];

    /// <summary>All of them.</summary>
    public int Count { get; private set; }

    /// <summary>Whether tasks may leave the worker that has their data: they waited for it long enough.</summary>
    public bool MayLeaveHome { get; set; }

    /// <summary>Puts a task into a worker's list.</summary>
    /// <param name="first">Before the others: it has waited before.</param>
    public void Add(TaskWork work, WorkerId at, bool first = false)
    {
        if (work.Waits)
        {
            return;
        }

        if (!_lists.TryGetValue(at, out var list))
        {
            _lists.Add(at, list = new LinkedList<TaskWork>());
        }

        work.Place = first ? list.AddFirst(work) : list.AddLast(work);
        Count++;
    }

    public void Remove(TaskWork work)
    {
        if (work.Waits)
        {
            work.Place!.List!.Remove(work.Place);
            Count--;
        }
    }

    /// <summary>Whether there are tasks that are nearest to the worker.</summary>
    public bool Has(WorkerId worker) => _lists.TryGetValue(worker, out var list) && list.Count > 0;

    /// <summary>How many tasks a worker would be given, were there no others; counted up to what one window may hold.</summary>
    /// <param name="isThere">Whether a worker can take its own tasks.</param>
    /// <param name="alone">Whether there is no other: then it takes also what it is to avoid.</param>
    /// <param name="idle">Whether the worker has free slots.</param>
    /// <param name="own">Only those that are nearest to it.</param>
    public int For(WorkerId worker, Func<WorkerId, bool> isThere, bool alone, bool idle, bool own = false)
    {
        var count = 0;
        foreach (var (at, list) in _lists)
        {
            if (own && at != worker)
            {
                continue;
            }

            var all = at == worker || MayLeaveHome || !isThere(at);
            for (var node = list.Last; node is not null && count < MostCounted; node = node.Previous)
            {
                if (!all && node.Value.Home == at)
                {
                    continue;
                }

                count += alone || !node.Value.Avoids(worker, idle) ? 1 : 0;
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
        if (_lists.TryGetValue(worker, out var nearest))
        {
            for (var node = nearest.First; node is not null && taken.Count < most;)
            {
                var next = node.Next;
                TakeIf(node, worker, alone, idle, taken);
                node = next;
            }
        }

        if (own || taken.Count == most || Count == 0)
        {
            return taken;
        }

        foreach (var (at, list) in _lists.Where(l => l.Key != worker && l.Value.Count > 0).OrderByDescending(static l => l.Value.Count))
        {
            var all = MayLeaveHome || !isThere(at);
            for (var node = list.Last; node is not null && taken.Count < most;)
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
        if (alone || !node.Value.Avoids(worker, idle))
        {
            Remove(node.Value);
            taken.Add(node.Value);
        }
    }
}
