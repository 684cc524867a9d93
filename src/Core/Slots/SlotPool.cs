namespace MicroSpark.Slots;

/// <summary>
/// One silo's slots: dedicated threads that run one task each at a time, so that user code never runs on the shared pool, where Orleans'
/// turns, probes and sockets live. <see cref="ShareTree"/> says which task is next. A group that waits too long without a slot gets a
/// thread above them; when its task takes longer than a second, the next slot that comes free stays empty until it ends.
/// </summary>
internal sealed class SlotPool : IDisposable
{
    private static readonly TimeSpan s_gathering = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly string _name;
    private readonly TimeProvider _time;
    private readonly SlotThreads _threads;
    private readonly ShareTree _tree;
    private readonly Slot[] _slots;
    private readonly Stack<Place> _idle = new();
    private readonly List<SlotTask> _above = [];

    /// <summary>Threads above the slots that left something behind that does not end.</summary>
    private readonly List<Slot> _left = [];
    private readonly SlotGathering _together = new();
    private readonly ITimer _timer;
    private readonly long _second;
    private readonly Action? _cameBack;
    private bool _armed, _stopped;
    private int _running, _waking;

    public SlotPool(int slots, string name, ShareTree tree, TimeProvider time, Action? cameBack = null, SlotThreads? threads = null)
    {
        (Slots, _name, _tree, _time, _cameBack, _threads) = (slots, name, tree, time, cameBack, threads ?? SlotThreads.System);
        _second = time.TimestampFrequency;
        _timer = time.CreateTimer(static pool => ((SlotPool)pool!).OnTime(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _slots = new Slot[slots];
        for (var i = 0; i < slots; i++)
        {
            var place = new Place(_threads.NewGate());
            _slots[i] = new Slot($"{name} slot {i}", _threads, () => Wait(place), cameBack);
        }
    }

    public int Slots { get; }

    /// <summary>Tasks that run, on slots and above them.</summary>
    public int Busy => Locked(() => _running + _together.Running + _above.Count);

    /// <summary>Tasks that wait for a slot.</summary>
    public int Queued => Locked(() => _tree.Queued + _together.Waiting);

    /// <summary>Tasks that were given up and have not ended.</summary>
    public int GivenUp
    {
        get
        {
            var count = 0;
            foreach (var slot in _slots)
            {
                count += slot.GivenUp;
            }

            return _left.Count == 0 ? count : count + Locked(LeftAbove);
        }
    }

    /// <summary>Puts tasks into their line, to run in turn.</summary>
    public void Enqueue(TaskLine line, params ReadOnlySpan<SlotTask> tasks)
    {
        lock (_gate)
        {
            if (line.Reservation is not { } reservation)
            {
                _tree.Add(line, tasks, _time.GetTimestamp());
            }
            else
            {
                foreach (var task in tasks)
                {
                    line.Add(task);
                }

                if (reservation.Above)
                {
                    StartTogether(line);
                }
                else
                {
                    _together.Add(line);
                }
            }

            Wake();
        }
    }

    /// <summary>Takes a task back that no slot has taken; false when one has.</summary>
    public bool TryTakeBack(SlotTask task)
    {
        lock (_gate)
        {
            if (task.Line.Reservation is null)
            {
                return _tree.Remove(task, _time.GetTimestamp());
            }

            var waits = task.Waits;
            if (waits)
            {
                task.Line.Remove(task);
            }

            return waits;
        }
    }

    /// <summary>From now on these jobs wait for the line's tasks.</summary>
    public void Share(TaskLine line, TaskShare[] shares)
    {
        lock (_gate)
        {
            _tree.Share(line, shares, _time.GetTimestamp());
        }
    }

    /// <summary>
    /// Keeps slots for tasks that run together. What comes free meanwhile stays empty: at most for a second, unless it is patient.
    /// </summary>
    /// <param name="above">On threads above the slots instead, at once.</param>
    /// <returns>False when they did not come free in time, or there are not as many. Else <see cref="Release"/> gives them back.</returns>
    public Task<bool> ReserveAsync(SlotReservation reservation, bool above, bool patient = false)
    {
        lock (_gate)
        {
            if (above)
            {
                reservation.Above = true;
                SlotGathering.Grant(reservation);
            }
            else if (reservation.Slots > Slots)
            {
                reservation.Decided.TrySetResult(false);
            }
            else
            {
                _together.Add(reservation, patient ? long.MaxValue : _time.GetTimestamp() + (long)(s_gathering.TotalSeconds * _second));
                Gather();
                Arm();
            }

            return reservation.Decided.Task;
        }
    }

    /// <summary>Gives the slots back, or gives up waiting for them.</summary>
    public void Release(SlotReservation reservation)
    {
        lock (_gate)
        {
            _together.Release(reservation);
            Gather();
            Wake();
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _stopped = true;
            _timer.Dispose();
            while (_idle.TryPop(out var slot))
            {
                slot.Gate.Open();
            }
        }
    }

    /// <summary>A slot's next task, after its last one has ended or was given up; null when there will be no more.</summary>
    private Action? Wait(Place place)
    {
        while (true)
        {
            lock (_gate)
            {
                End(place);
                (_waking, place.Woken) = (_waking - (place.Woken ? 1 : 0), false);
                if (_stopped)
                {
                    return null;
                }

                place.Task = Take();
                if (place.Task is null)
                {
                    _idle.Push(place);
                }

                Arm();
            }

            if (place.Task is not null)
            {
                return place.Task.Run;
            }

            place.Gate.Wait();
        }
    }

    private SlotTask? Take()
    {
        var now = _time.GetTimestamp();
        if (_together.Take() is { } kept)
        {
            _tree.Begin(kept, now);
            return kept;
        }

        if (_running >= Free(now))
        {
            return null;
        }

        var next = _tree.Take(now);
        _running += next is null ? 0 : 1;
        return next;
    }

    /// <summary>Slots for tasks that come one by one.</summary>
    private int Free(long now) => Slots - _together.Kept - Overdue(now) - _together.Wanted;

    private int Overdue(long now)
    {
        var overdue = 0;
        foreach (var task in _above)
        {
            overdue += task.Line.Reservation is null && now - task.Began > _second ? 1 : 0;
        }

        return overdue;
    }

    private void End(Place place)
    {
        if (place.Task is not { } done)
        {
            return;
        }

        place.Task = null;
        _tree.End(done, _time.GetTimestamp());
        if (done.Above)
        {
            _above.Remove(done);
        }
        else if (done.Line.Reservation is null)
        {
            _running--;
        }
        else
        {
            _together.End();
        }

        // Whatever it was: one above the slots may be the last that somebody waited for who wants all slots.
        Gather();
    }

    /// <summary>Wakes as many slots as there may be tasks for.</summary>
    private void Wake()
    {
        for (var waiting = _tree.Queued + _together.Waiting; waiting > 0 && _idle.TryPop(out var slot); waiting--)
        {
            slot.Woken = true;
            _waking++;
            slot.Gate.Open();
        }

        Arm();
    }

    private void Gather() => _together.Grant(Slots - _together.Kept - Overdue(_time.GetTimestamp()) - _running);

    /// <summary>All of a line at once, each on a thread of its own.</summary>
    private void StartTogether(TaskLine line)
    {
        while (line.Count > 0)
        {
            var task = line.First;
            line.Remove(task);
            task.Above = true;
            _tree.Begin(task, _time.GetTimestamp());
            StartAbove(task, static (_, _) => null);
        }
    }

    /// <summary>Under the lock: runs a task on a thread above the slots.</summary>
    /// <param name="next">What the thread does after it, under the lock, by the time; null ends it.</param>
    private void StartAbove(SlotTask first, Func<ShareNode, long, SlotTask?> next)
    {
        _above.Add(first);
        var (place, group) = (new Place(_threads.NewGate()), first.Charged[0].Parent!);
        Slot? slot = null;
        slot = new Slot($"{_name} above", _threads, () =>
        {
            lock (_gate)
            {
                if (place.Task is null)
                {
                    place.Task = first;
                    return first.Run;
                }

                End(place);
                if (!_stopped && next(group, _time.GetTimestamp()) is { } task)
                {
                    _above.Add(task);
                    place.Task = task;
                }
                else if (slot!.GivenUp > 0)
                {
                    _left.Add(slot);
                }

                Wake();
                return place.Task is null ? null : place.Task.Run;
            }
        }, _cameBack);
    }

    /// <summary>
    /// A group that waited too long: the thread goes on with its tasks until they have taken a second, or until there are none. Else each
    /// of many short ones would wait as long as the first.
    /// </summary>
    private void StartStarving(SlotTask first)
    {
        StartAbove(first, (group, now) => now < first.Began + _second && group.Running == 0 ? _tree.TakeOf(group, now) : null);
    }

    /// <summary>Under the lock: lets the timer look when somebody will have waited too long.</summary>
    private void Arm()
    {
        if (_armed || _stopped)
        {
            return;
        }

        var starving = _tree.Queued > 0 && _above.Count < Slots ? _tree.NextStarving(_time.GetTimestamp()) : null;
        var next = Math.Min(starving ?? long.MaxValue, _together.NextEnd);
        if (next < long.MaxValue)
        {
            _armed = true;
            var left = _time.GetElapsedTime(_time.GetTimestamp(), next);
            _timer.Change(left > TimeSpan.FromMilliseconds(1) ? left : TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
        }
    }

    private void OnTime()
    {
        lock (_gate)
        {
            _armed = false;
            var now = _time.GetTimestamp();
            _together.Expire(now);

            // A slot that was woken and has no core yet will take what waits: no group starves for want of slots then.
            while (!_stopped && _above.Count < Slots && _running + _waking >= Free(now) && _tree.TakeStarving(now) is { } task)
            {
                StartStarving(task);
            }

            Wake();
        }
    }

    private int LeftAbove()
    {
        _left.RemoveAll(static slot => slot.GivenUp == 0);
        return _left.Sum(static slot => slot.GivenUp);
    }

    private int Locked(Func<int> count)
    {
        lock (_gate)
        {
            return count();
        }
    }

    /// <summary>What a slot's threads share, of which one at a time is its own.</summary>
    private sealed class Place(SlotGate gate)
    {
        public SlotTask? Task { get; set; }

        /// <summary>Whether it was told that there is work, and has not looked yet.</summary>
        public bool Woken { get; set; }

        public SlotGate Gate => gate;
    }
}
