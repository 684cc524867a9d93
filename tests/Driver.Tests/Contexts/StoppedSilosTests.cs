using MicroSpark.Driver.Clusters;
using MicroSpark.Engine;
using MicroSpark.Grains.Workers;
using MicroSpark.Tasks;
using Microsoft.Extensions.DependencyInjection;

namespace MicroSpark.Tests.Contexts;

/// <summary>A context that was never closed outlives its silos. What its clock calls then fails, and must not end the process.</summary>
public sealed class StoppedSilosTests
{
    [Fact]
    public async Task Timers_of_a_context_whose_silos_are_gone_throw_nothing()
    {
        var time = new TimersByHand();
        var spark = await MicroSparkContext.StartLocalAsync();
        var second = await MicroSparkContext.OpenAsync(
            new EmbeddedCluster(spark.Silos!, sharesMemory: true, time), new MicroSparkOptions(), CancellationToken.None, time);
        var stream = second.Range(0, 10, partitions: 2).GetAsyncEnumerator();
        Assert.True(await stream.MoveNextAsync());
        Assert.InRange(time.Fire(), 3, int.MaxValue);
        await spark.DisposeAsync();
        Assert.InRange(time.Fire(), 3, int.MaxValue);
        second.Runner.Close();
    }

    [Fact]
    public async Task A_task_that_is_given_up_after_its_silo_has_stopped_throws_nothing()
    {
        var spark = await MicroSparkContext.StartLocalAsync(configure: static o => o.Slots = 1);
        var engine = spark.Silos!.Silos[0].Engine;
        var exhausted = spark.Silos.Silos[0].Exhausted;
        await spark.DisposeAsync();
        engine.GaveUp(new GivenUpTask(new TaskSpec(default, 0, default, 0, 0, default, 0, Copy: false), "Map"), 1);
        Assert.True(exhausted.IsCancellationRequested);
    }

    /// <summary>The real time, but for timers that come again: a test calls them, on its own thread.</summary>
    private sealed class TimersByHand : TimeProvider
    {
        private readonly Lock _gate = new();
        private readonly List<(TimerCallback Callback, object? State)> _timers = [];

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            if (period == Timeout.InfiniteTimeSpan)
            {
                return base.CreateTimer(callback, state, dueTime, period);
            }

            lock (_gate)
            {
                _timers.Add((callback, state));
            }

            return base.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, period);
        }

        /// <summary>Returns how many there are.</summary>
        public int Fire()
        {
            (TimerCallback Callback, object? State)[] timers;
            lock (_gate)
            {
                timers = [.. _timers];
            }

            foreach (var (callback, state) in timers)
            {
                callback(state);
            }

            return timers.Length;
        }
    }
}
