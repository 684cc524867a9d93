namespace MicroSpark.Slots;

/// <summary>
/// The slots of one pool that are kept, or are being gathered, for tasks that run together. First come, first served; whoever has gathered
/// in vain until its time is up is refused. Its owner locks.
/// </summary>
internal sealed class SlotGathering
{
    private readonly LinkedList<(SlotReservation Reservation, long Until)> _gathering = new();
    private readonly List<TaskLine> _lines = [];

    /// <summary>Slots that are kept.</summary>
    public int Kept { get; private set; }

    /// <summary>Tasks that run on them.</summary>
    public int Running { get; private set; }

    /// <summary>Slots that stay empty as they come free, for the first in the queue.</summary>
    public int Wanted => _gathering.First?.Value.Reservation.Slots ?? 0;

    /// <summary>Tasks that wait for a thread of the kept slots.</summary>
    public int Waiting
    {
        get
        {
            var count = 0;
            foreach (var line in _lines)
            {
                count += line.Count;
            }

            return count;
        }
    }

    /// <summary>When the next of them has gathered in vain; the greatest number when none does.</summary>
    public long NextEnd
    {
        get
        {
            var next = long.MaxValue;
            foreach (var (_, until) in _gathering)
            {
                next = Math.Min(next, until);
            }

            return next;
        }
    }

    /// <summary>What was given back before it was asked for is not kept: nobody would give it back again.</summary>
    public void Add(SlotReservation reservation, long until)
    {
        if (!reservation.Decided.Task.IsCompleted)
        {
            _gathering.AddLast((reservation, until));
        }
    }

    /// <summary>Tasks of a line whose slots are kept.</summary>
    public void Add(TaskLine line)
    {
        if (!_lines.Contains(line))
        {
            _lines.Add(line);
        }
    }

    /// <summary>Gives the first in the queue what it wants, as long as that is free.</summary>
    /// <param name="free">Slots that run nothing and are not kept.</param>
    public void Grant(int free)
    {
        while (_gathering.First is { } first && free >= first.Value.Reservation.Slots)
        {
            _gathering.RemoveFirst();
            free -= first.Value.Reservation.Slots;
            Kept += first.Value.Reservation.Slots;
            Grant(first.Value.Reservation);
        }
    }

    public static void Grant(SlotReservation reservation)
    {
        reservation.Granted = true;
        reservation.Decided.TrySetResult(true);
    }

    /// <summary>Refuses those whose time is up.</summary>
    public void Expire(long now)
    {
        for (var node = _gathering.First; node is not null;)
        {
            var next = node.Next;
            if (node.Value.Until <= now)
            {
                _gathering.Remove(node);
                node.Value.Reservation.Decided.TrySetResult(false);
            }

            node = next;
        }
    }

    /// <summary>Gives kept slots back, or gives up waiting for them.</summary>
    public void Release(SlotReservation reservation)
    {
        Kept -= reservation is { Granted: true, Above: false } ? reservation.Slots : 0;
        reservation.Granted = false;
        _lines.RemoveAll(line => line.Reservation == reservation);
        for (var node = _gathering.First; node is not null; node = node.Next)
        {
            if (node.Value.Reservation == reservation)
            {
                _gathering.Remove(node);
                break;
            }
        }

        reservation.Decided.TrySetResult(false);
    }

    /// <summary>The next task for a kept slot, which then runs; null when none waits.</summary>
    public SlotTask? Take()
    {
        foreach (var line in _lines)
        {
            if (line.Count > 0)
            {
                var task = line.First;
                line.Remove(task);
                Running++;
                return task;
            }
        }

        return null;
    }

    public void End() => Running--;
}
