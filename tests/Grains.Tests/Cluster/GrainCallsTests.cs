using MicroSpark.Grains.Cluster;
using MicroSpark.Tests.Infrastructure;

namespace MicroSpark.Tests.Cluster;

public sealed class GrainCallsTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public async Task A_grain_out_of_reach_is_called_again_for_a_minute()
    {
        var call = PassAsync(() => GrainCalls.RepeatAsync<int>(static () => throw new SiloUnavailableException(), _time));
        await Assert.ThrowsAsync<SiloUnavailableException>(() => call);
        Assert.Equal(TimeSpan.FromMinutes(1).Ticks, _time.GetTimestamp());
    }

    [Fact]
    public async Task An_answer_that_nobody_wants_is_not_waited_for()
    {
        var stopped = false;
        var call = GrainCalls.RepeatAsync<int>(static () => throw new SiloUnavailableException(), _time, () => stopped);
        Assert.False(call.IsCompleted);
        stopped = true;
        _time.Advance(TimeSpan.FromMilliseconds(100));
        await Assert.ThrowsAsync<SiloUnavailableException>(() => call);
    }

    [Fact]
    public async Task Best_effort_forgives_silos_that_go_and_nothing_else()
    {
        Assert.True(await Task.CompletedTask.BestEffortAsync());
        Assert.False(await Task.FromException(new SiloUnavailableException()).BestEffortAsync());
        await Assert.ThrowsAsync<FormatException>(() => Task.FromException(new FormatException()).BestEffortAsync());
    }

    /// <summary>Off the test's own scheduler: what waits goes on within the step of time that it waited for.</summary>
    private Task<R> PassAsync<R>(Func<Task<R>> start) => Task.Run(async () =>
    {
        var run = start();
        await _time.PassAsync(run);
        return await run;
    });
}
