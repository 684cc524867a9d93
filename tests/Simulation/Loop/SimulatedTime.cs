namespace MicroSpark.Simulation.Loop;

/// <summary>One process's clock: the world's time, and timers that go off in that process alone.</summary>
internal sealed class SimulatedTime(World world, Node node) : TimeProvider
{
    private static readonly DateTimeOffset s_start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => s_start + world.Now;

    public override long GetTimestamp() => world.Now.Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(world, node, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class Timer(World world, Node node, TimerCallback callback, object? state) : ITimer
    {
        private TimeSpan _period;

        /// <summary>Counts the changes: what was due before the last one is not any more.</summary>
        private int _version;
        private bool _disposed;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            world.EnsureOurs();
            if (_disposed)
            {
                return false;
            }

            _period = period;
            Arm(dueTime);
            return true;
        }

        public void Dispose() => (_disposed, _version) = (true, _version + 1);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }

        private void Arm(TimeSpan due)
        {
            var version = ++_version;
            if (due != Timeout.InfiniteTimeSpan)
            {
                world.At(world.Now + due, () => GoOff(version));
            }
        }

        private void GoOff(int version)
        {
            if (version == _version && !node.Crashed)
            {
                node.Call(() => Call(version));
            }
        }

        private void Call(int version)
        {
            if (version != _version)
            {
                return;
            }

            if (_period > TimeSpan.Zero)
            {
                Arm(_period);
            }

            callback(state);
        }
    }
}
