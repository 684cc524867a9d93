using MicroSpark.Model;

namespace MicroSpark.Grains.Stages;

/// <summary>
/// The tasks of one set that no worker has, by the worker that is nearest to each. A worker takes what is nearest to it first, in the
/// order of the partitions; then it helps the worker that has the most left, from the end. A state machine without clock and I/O.
/// </summary>
internal sealed class TaskQueue
{
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

    /// <summary>How many tasks a worker would be given, were there no others.</summary>
    /// <param name="isThere">Whether a worker can take its own tasks.</param>
    public int For(WorkerId worker, Func<WorkerId, bool> isThere)
    {
        var count = 0;
        foreach (var (at, list) in _lists)
        {
            if (at == worker || MayLeaveHome || !isThere(at))
            {
                count += list.Count;
            }
            else
            {
                // Those that are at home there come first.
                for (var node = list.Last; node is not null && node.Value.Home != at; node = node.Previous)
                {
                    count++;
                }
            }
        }

        return count;
    }

    /// <summary>The next tasks for a worker, at most so many.</summary>
    /// <param name="isThere">Whether a worker can take its own tasks.</param>
    /// <param name="alone">Whether there is no other: then it takes also what it is to avoid.</param>
    public List<TaskWork> Take(WorkerId worker, int most, Func<WorkerId, bool> isThere, bool alone)
    {
        var taken = new List<TaskWork>(Math.Min(most, Count));
        if (_lists.TryGetValue(worker, out var own))
        {
            for (var node = own.First; node is not null && taken.Count < most;)
            {
                var next = node.Next;
                TakeIf(node, worker, alone, taken);
                node = next;
            }
        }

        while (taken.Count < most && Largest(worker, isThere) is { } list)
        {
            var before = taken.Count;
            for (var node = list.Value.Last; node is not null && taken.Count < most;)
            {
                var previous = node.Previous;
                if (MayLeaveHome || node.Value.Home != list.Key || !isThere(list.Key))
                {
                    TakeIf(node, worker, alone, taken);
                }

                node = previous;
            }

            if (taken.Count == before)
            {
                break;
            }
        }

        return taken;
    }

    private void TakeIf(LinkedListNode<TaskWork> node, WorkerId worker, bool alone, List<TaskWork> taken)
    {
        if (alone || node.Value.Avoid != worker)
        {
            Remove(node.Value);
            taken.Add(node.Value);
        }
    }

    /// <summary>The list of another worker with the most tasks that may leave it.</summary>
    private KeyValuePair<WorkerId, LinkedList<TaskWork>>? Largest(WorkerId worker, Func<WorkerId, bool> isThere)
    {
        KeyValuePair<WorkerId, LinkedList<TaskWork>>? largest = null;
        foreach (var pair in _lists)
        {
            if (pair.Key != worker && pair.Value.Count > (largest?.Value.Count ?? 0) &&
                (MayLeaveHome || pair.Value.Last!.Value.Home != pair.Key || !isThere(pair.Key)))
            {
                largest = pair;
            }
        }

        return largest;
    }
}
