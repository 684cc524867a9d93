namespace MicroSpark.Slots;

/// <summary>
/// One silo's slots: dedicated threads that run one task each at a time, so that user code never runs on the shared pool, where Orleans'
/// turns, probes and sockets live. <see cref="ShareTree"/> says which task is next. A group that waits too long without a slot gets a thread
/// above them; when its task takes longer than a second, the next slot that comes free stays empty until it ends.
/// </summary>
internal sealed class SlotPool : IDisposable
{
    /// <summary>Readers of long chains nest.</summary>
    private const int StackBytes = 16 << 20;

    private static readonly TimeSpan s_gathering = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly string _name;
    private readonly TimeProvider _time;
    private readonly ShareTree _tree;
    private readonly Stack<IdleSlot> _idle = new();
    private readonly List<SlotTask> _above = [];
    private readonly LinkedList<(SlotReservation Reservation, long Until)> _gathering = new();
    private readonly List<TaskLine> _together = [];
    private readonly ITimer _timer;
    private readonly long _second;
    private bool _armed;
    private bool _stopped;
    private int _running;
    private int _runningTogether;
    private int _reserved;

    public SlotPool(int slots, string name, ShareTree tree, TimeProvider time)
    {
        (Slots, _name, _tree, _time) = (slots, name, tree, time);
        _second = time.TimestampFrequency;
        _timer = time.CreateTimer(static pool => ((SlotPool)pool!).OnTime(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        for (var i = 0; i < slots; i++)
        {
            var slot = new IdleSlot();
            Start($"{name} slot {i}", () => Work(slot));
        }
    }

    public int Slots { get; }

    /// <summary>Tasks that run, on slots and above them.</summary>
    public int Busy
    {
        get
        {
            lock (_gate)
            {
                return _running + _runningTogether + _above.Count;
            }
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
                else if (!_together.Contains(line))
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

            if (task.Waits)
            {
                task.Line.Remove(task);
                return true;
            }

            return false;
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
    /// Keeps slots for tasks that run together. While they are gathered, slots that come free stay empty, at most for a second.
    /// </summary>
    /// <param name="above">On threads above the slots instead, at once.</param>
    /// <returns>False when they did not come free in time, or there are not as many. Else <see cref="Release"/> gives them back.</returns>
    public Task<bool> ReserveAsync(SlotReservation reservation, bool above)
    {
        lock (_gate)
        {
            if (above)
            {
                reservation.Above = true;
                Grant(reservation);
            }
            else if (reservation.Slots > Slots)
            {
                reservation.Decided.TrySetResult(false);
            }
            else
            {
                _gathering.AddLast((reservation, _time.GetTimestamp() + (long)(s_gathering.TotalSeconds * _second)));
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
            if (reservation.Granted && !reservation.Above)
            {
                _reserved -= reservation.Slots;
            }

            reservation.Granted = false;
            _together.RemoveAll(line => line.Reservation == reservation);
            Refuse(reservation);
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
                slot.Wake.Release();
            }
        }
    }

    private void Work(IdleSlot slot)
    {
        SlotTask? done = null;
        while (true)
        {
            SlotTask? task;
            lock (_gate)
            {
                End(done);
                if (_stopped)
                {
                    return;
                }

                task = Take();
                if (task is null)
                {
                    _idle.Push(slot);
                }

                Arm();
            }

            done = task;
            if (task is null)
            {
                slot.Wake.Wait();
            }
            else
            {
                task.Run();
            }
        }
    }

    private SlotTask? Take()
    {
        var now = _time.GetTimestamp();
        foreach (var line in _together)
        {
            if (line.Count > 0)
            {
                var task = line.First;
                line.Remove(task);
                _tree.Begin(task, now);
                _runningTogether++;
                return task;
            }
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
    private int Free(long now) => Slots - _reserved - Overdue(now) - (_gathering.First?.Value.Reservation.Slots ?? 0);

    private int Overdue(long now)
    {
        var overdue = 0;
        foreach (var task in _above)
        {
            overdue += task.Line.Reservation is null && now - task.Began > _second ? 1 : 0;
        }

        return overdue;
    }

    private void End(SlotTask? done)
    {
        if (done is null)
        {
            return;
        }

        _tree.End(done, _time.GetTimestamp());
        if (done.Above)
        {
            _above.Remove(done);
        }
        else if (done.Line.Reservation is null)
        {
            _running--;
            Gather();
        }
        else
        {
            _runningTogether--;
        }
    }

    /// <summary>Wakes as many slots as there may be tasks for.</summary>
    private void Wake()
    {
        var waiting = _tree.Queued;
        foreach (var line in _together)
        {
            waiting += line.Count;
        }

        for (; waiting > 0 && _idle.TryPop(out var slot); waiting--)
        {
            slot.Wake.Release();
        }

        Arm();
    }

    private void Gather()
    {
        while (_gathering.First is { } first &&
            Slots - _reserved - Overdue(_time.GetTimestamp()) - _running >= first.Value.Reservation.Slots)
        {
            _gathering.RemoveFirst();
            _reserved += first.Value.Reservation.Slots;
            Grant(first.Value.Reservation);
        }
    }

    private static void Grant(SlotReservation reservation)
    {
        reservation.Granted = true;
        reservation.Decided.TrySetResult(true);
    }

    private void Refuse(SlotReservation reservation)
    {
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

    /// <summary>All of a line at once, each on a thread of its own.</summary>
    private void StartTogether(TaskLine line)
    {
        while (line.Count > 0)
        {
            var task = line.First;
            line.Remove(task);
            task.Above = true;
            _tree.Begin(task, _time.GetTimestamp());
            _above.Add(task);
            Start($"{_name} above", () => RunAbove(task));
        }
    }

    private void RunAbove(SlotTask task)
    {
        task.Run();
        lock (_gate)
        {
            End(task);
            Wake();
        }
    }

    /// <summary>
    /// A group that waited too long: the thread goes on with its tasks until they have taken a second, or until there are none. Else each
    /// of many short ones would wait as long as the first.
    /// </summary>
    private void RunStarving(SlotTask first)
    {
        var until = first.Began + _second;
        for (var task = first; task is not null;)
        {
            task.Run();
            lock (_gate)
            {
                var now = _time.GetTimestamp();
                var group = task.Charged[0].Parent!;
                End(task);
                task = now < until && !_stopped && group.Running == 0 ? _tree.TakeOf(group, now) : null;
                if (task is not null)
                {
                    _above.Add(task);
                }

                Wake();
            }
        }
    }

    /// <summary>Under the lock: lets the timer look when somebody will have waited too long.</summary>
    private void Arm()
    {
        if (_armed || _stopped)
        {
            return;
        }

        var next = _tree.Queued > 0 && _above.Count < Slots ? _tree.NextStarving() ?? long.MaxValue : long.MaxValue;
        foreach (var (_, until) in _gathering)
        {
            next = Math.Min(next, until);
        }

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
            while (_gathering.First is { } first && first.Value.Until <= now)
            {
                Refuse(first.Value.Reservation);
            }

            while (!_stopped && _above.Count < Slots && _tree.TakeStarving(now) is { } task)
            {
                _above.Add(task);
                Start($"{_name} above", () => RunStarving(task));
            }

            Wake();
        }
    }

    private static void Start(string name, ThreadStart work) => new Thread(work, StackBytes) { IsBackground = true, Name = name }.Start();

    /// <summary>A slot's thread that waits for work.</summary>
    private sealed class IdleSlot
    {
        public SemaphoreSlim Wake { get; } = new(0);
    }
}
