using MicroSpark.Driver.Clusters;
using Orleans.Runtime;

namespace MicroSpark.Tests.Clusters;

/// <summary>A cluster that does not answer: who waits for it is told soon, and not for ever kept waiting.</summary>
public sealed class RepeatTests
{
    private readonly Clock _time = new();
    private readonly List<TimeSpan> _told = [];
    private int _calls;

    [Fact]
    public async Task After_5_s_without_an_answer_it_is_told_once_and_goes_on()
    {
        var answer = new TaskCompletionSource<int>();
        var call = Repeat.Async(() => answer.Task, _time, default, Silence(60));
        _time.Advance(TimeSpan.FromSeconds(4));
        Assert.Empty(_told);
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(TimeSpan.FromSeconds(6), Assert.Single(_told));
        answer.SetResult(7);
        Assert.Equal(7, await call);
        _time.Advance(TimeSpan.FromSeconds(20));
        Assert.Single(_told);
    }

    /// <summary>Orleans cancels a grain's activation when the silo dies that keeps its place, and the program ended of that.</summary>
    [Fact]
    public async Task What_a_silo_cancels_is_asked_again_and_what_the_caller_cancels_is_not()
    {
        var call = Repeat.Async(
            () => ++_calls < 3 ? Task.FromException<int>(new TaskCanceledException()) : Task.FromResult(7), _time, default, Silence(60));
        while (!call.IsCompleted)
        {
            _time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }

        Assert.Equal(7, await call);
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Repeat.Async(() => Task.FromException<int>(new TaskCanceledException()), _time, stop.Token, Silence(60)));
    }

    [Fact]
    public async Task After_its_time_it_fails_with_one_sentence_that_says_what_to_do()
    {
        var call = Repeat.Async<int>(
            () =>
            {
                _calls++;
                throw new SiloUnavailableException("Orleans says this.");
            },
            _time, default, Silence(3));
        while (!call.IsCompleted)
        {
            _time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }

        var error = await Assert.ThrowsAsync<ClusterUnavailableException>(() => call);
        Assert.Equal(
            "No worker of the cluster has answered for 3 s: start one, or check that they run and can be reached from here "
            + "(MicroSpark:NoWorkerTimeout is how long an action waits).",
            error.Message);
        Assert.True(_calls > 5);
    }

    private Silence Silence(int seconds) => new(TimeSpan.FromSeconds(seconds), _told.Add);

    /// <summary>Time that passes when a test says so.</summary>
    private sealed class Clock : TimeProvider
    {
        private readonly Lock _lock = new();
        private readonly List<Timer> _timers = [];
        private TimeSpan _now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _now.Ticks;

        public void Advance(TimeSpan by)
        {
            Timer[] due;
            lock (_lock)
            {
                _now += by;
                due = [.. _timers.Where(t => t.Due <= _now)];
                _timers.RemoveAll(due.Contains);
            }

            foreach (var timer in due)
            {
                timer.Fire();
            }
        }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            lock (_lock)
            {
                var timer = new Timer(this, () => callback(state), dueTime == Timeout.InfiniteTimeSpan ? TimeSpan.MaxValue : _now + dueTime);
                _timers.Add(timer);
                return timer;
            }
        }

        private sealed class Timer(Clock clock, Action fire, TimeSpan due) : ITimer
        {
            public TimeSpan Due => due;

            public void Fire() => fire();

            public bool Change(TimeSpan dueTime, TimeSpan period) => false;

            public void Dispose()
            {
                lock (clock._lock)
                {
                    clock._timers.Remove(this);
                }
            }

            public ValueTask DisposeAsync()
            {
                Dispose();
                return ValueTask.CompletedTask;
            }
        }
    }
}
