namespace MicroSpark.Tests.Contexts;

/// <summary>The real time, but for timers of three minutes and more, for which it passes when a test says so.</summary>
internal sealed class ManualLongTimers : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<LongTimer> _armed = [];
    private readonly List<TimeSpan> _set = [];
    private TimeSpan _now;

    /// <summary>How often a timer of ten minutes was set.</summary>
    public int Retained { get; private set; }

    /// <summary>How many timers are set that come again after so long.</summary>
    public int SetEvery(TimeSpan period)
    {
        lock (_lock)
        {
            return _armed.Count(timer => timer.Period == period);
        }
    }

    /// <summary>How often a timer of nearly so long was set.</summary>
    public int SetFor(TimeSpan due)
    {
        lock (_lock)
        {
            return _set.Count(one => one > due * 0.9 && one <= due);
        }
    }

    /// <summary>Lets time pass, and the timers that it reaches, in their order.</summary>
    public void Pass(TimeSpan time)
    {
        while (true)
        {
            LongTimer next;
            lock (_lock)
            {
                if (_armed.Where(t => t.Due <= _now + time).MinBy(t => t.Due) is not { } due)
                {
                    _now += time;
                    return;
                }

                next = due;
                (time, _now) = (_now + time - due.Due, due.Due);
                due.Rearm();
            }

            next.Fire();
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new LongTimer(this, base.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan));
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class LongTimer(ManualLongTimers time, ITimer inner) : ITimer
    {
        public TimeSpan Period { get; private set; } = Timeout.InfiniteTimeSpan;

        public TimeSpan Due { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (time._lock)
            {
                time._armed.Remove(this);
                if (dueTime < TimeSpan.FromMinutes(3))
                {
                    return inner.Change(dueTime, period);
                }

                (Due, Period) = (time._now + dueTime, period);
                time._armed.Add(this);
                time._set.Add(dueTime);
                time.Retained += dueTime == TimeSpan.FromMinutes(10) ? 1 : 0;
                return true;
            }
        }

        public void Rearm()
        {
            if (Period == Timeout.InfiniteTimeSpan)
            {
                time._armed.Remove(this);
            }
            else
            {
                Due += Period;
            }
        }

        public void Fire() => inner.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan);

        public void Dispose()
        {
            lock (time._lock)
            {
                time._armed.Remove(this);
            }

            inner.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
