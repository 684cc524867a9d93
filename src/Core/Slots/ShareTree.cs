namespace MicroSpark.Slots;

/// <summary>
/// Which task is next on one silo: principals share its slots, then a principal's contexts, then a context's groups, then the jobs of a
/// group. A share is of slot time, and not of tasks. Whoever uses less leaves the rest to the others. A state machine without clock and
/// threads; its owner locks.
/// </summary>
/// <param name="frequency">Ticks of a second in the times that it is given.</param>
/// <param name="order">Among the jobs of one group.</param>
/// <param name="weightOf">An application's weight: of each of its contexts among all of its principal's.</param>
/// <param name="weightOfOwner">A principal's weight among all; 1 for each when null.</param>
internal sealed class ShareTree(
    long frequency, SchedulingMode order, Func<string?, int> weightOf, Func<string?, int>? weightOfOwner = null)
{
    /// <summary>So long no group waits without a slot before it may have a thread above them.</summary>
    private readonly long _patience = frequency / 50;
    private readonly long _quantum = frequency / 1000;
    private readonly ShareNode _root = new(null, "silo", 1, 0);
    private long _turn;

    public int Queued => _root.Queued;

    /// <summary>Principals, contexts, groups and jobs that are remembered.</summary>
    public int Nodes => _root.Size - 1;

    /// <summary>Puts tasks at the end of their line.</summary>
    public void Add(TaskLine line, ReadOnlySpan<SlotTask> tasks, long now)
    {
        var wasEmpty = line.Count == 0;
        if (wasEmpty)
        {
            // Anew each time: an idle job's node may have been forgotten.
            line.Jobs = NodesOf(line.Shares);
        }

        foreach (var task in tasks)
        {
            line.Add(task);
        }

        foreach (var job in line.Jobs)
        {
            if (wasEmpty)
            {
                job.Lines.AddLast(line);
            }

            job.AddQueued(tasks.Length, now);
        }
    }

    /// <summary>From now on these jobs wait for the line's tasks. What runs stays charged to those for whom it began.</summary>
    public void Share(TaskLine line, TaskShare[] shares, long now)
    {
        var count = line.Count;
        var before = line.Jobs;
        line.Shares = shares;
        line.Jobs = NodesOf(shares);
        if (count > 0)
        {
            foreach (var job in line.Jobs.Except(before))
            {
                job.Lines.AddLast(line);
                job.AddQueued(count, now);
            }

            foreach (var job in before.Except(line.Jobs))
            {
                job.Lines.Remove(line);
                job.AddQueued(-count, now);
            }
        }
    }

    /// <summary>Takes a task back that no slot has taken; false when one has.</summary>
    public bool Remove(SlotTask task, long now)
    {
        if (!task.Waits)
        {
            return false;
        }

        Leave(task, now);
        return true;
    }

    /// <summary>The task that is next, which then runs; null when none waits.</summary>
    public SlotTask? Take(long now) => Take(_root, now);

    /// <summary>As <see cref="Take(long)"/>, for a group that has waited too long without a slot; null when there is none.</summary>
    public SlotTask? TakeStarving(long now)
    {
        var all = _root.Least(now);
        foreach (var owner in _root.Ready)
        {
            var own = owner.Least(now);
            foreach (var context in owner.Ready)
            {
                var least = context.Least(now);
                foreach (var group in context.Ready)
                {
                    if (group.Running == 0 && now - group.Waiting >= _patience && !IsAhead(group, least, own, all, now))
                    {
                        return TakeOf(group, now);
                    }
                }
            }
        }

        return null;
    }

    /// <summary>
    /// Whether a group has had a second more than its share on threads above the slots. It then waits for its turn: else a group that
    /// always has tasks would have such a thread all the time, whatever its weight. So does a context that has no slot, and a principal.
    /// </summary>
    /// <param name="least">Of its context's groups.</param>
    /// <param name="own">Of its principal's contexts.</param>
    /// <param name="all">Of the principals.</param>
    private bool IsAhead(ShareNode group, double least, double own, double all, long now)
    {
        var context = group.Parent!;
        var owner = context.Parent!;
        return group.Ahead(least, now) > frequency
            || (context.Running == 0 && context.Ahead(own, now) > frequency)
            || (owner.Running == 0 && owner.Ahead(all, now) > frequency);
    }

    /// <summary>The next task of one group, for a thread above the slots; null when none waits.</summary>
    public SlotTask? TakeOf(ShareNode group, long now)
    {
        var task = Take(group, now);
        if (task is not null)
        {
            task.Above = true;
        }

        return task;
    }

    /// <summary>When the next group will have waited too long, if nothing changes; null when all have slots.</summary>
    public long? NextStarving(long now)
    {
        long? next = null;
        var all = _root.Least(now);
        foreach (var owner in _root.Ready)
        {
            var own = owner.Least(now);
            foreach (var context in owner.Ready)
            {
                var least = context.Least(now);
                foreach (var group in context.Ready)
                {
                    if (group.Running == 0)
                    {
                        var due = (IsAhead(group, least, own, all, now) ? Math.Max(now, group.Waiting) : group.Waiting) + _patience;
                        next = next is { } earlier && earlier < due ? next : due;
                    }
                }
            }
        }

        return next;
    }

    public void End(SlotTask task, long now)
    {
        foreach (var job in task.Charged)
        {
            job.End(task.Began, now);
        }
    }

    /// <summary>Marks a task as begun that the tree did not choose: one of a reservation.</summary>
    public void Begin(SlotTask task, long now)
    {
        task.Began = now;
        task.Charged = task.Line.Jobs.Length > 0 ? task.Line.Jobs : NodesOf(task.Line.Shares);
        _turn++;
        foreach (var job in task.Charged)
        {
            job.Begin(now);
            job.Pick(_turn);
        }
    }

    private SlotTask? Take(ShareNode from, long now)
    {
        var node = from;
        while (node.Ready.Count > 0)
        {
            // The root's children are principals, theirs are contexts, theirs are groups, and the groups' children are jobs.
            node = node.Next(now, _quantum, order == SchedulingMode.Fifo && node.Parent?.Parent?.Parent is not null)!;
        }

        if (node.Lines.First?.Value.First is not { } task)
        {
            return null;
        }

        Leave(task, now);
        Begin(task, now);
        return task;
    }

    private static void Leave(SlotTask task, long now)
    {
        var line = task.Line;
        line.Remove(task);
        foreach (var job in line.Jobs)
        {
            if (line.Count == 0)
            {
                job.Lines.Remove(line);
            }

            job.AddQueued(-1, now);
        }
    }

    private ShareNode[] NodesOf(TaskShare[] shares) =>
        shares.Length == 1 ? [NodeOf(shares[0])] : [.. shares.Select(NodeOf).Distinct()];

    private ShareNode NodeOf(TaskShare share) => _root
        .Child(share.Owner ?? "", Math.Clamp(weightOfOwner?.Invoke(share.Owner) ?? 1, TaskShare.LeastWeight, TaskShare.MostWeight), 0)
        .Child(share.Context, Math.Clamp(weightOf(share.Application), TaskShare.LeastWeight, TaskShare.MostWeight), 0)
        .Child(share.Group ?? "", Math.Clamp(share.Weight, TaskShare.LeastWeight, TaskShare.MostWeight), 0)
        .Child(share.Job, 1, share.Submitted);
}
