using MicroSpark.Grains.DataPlane;
using MicroSpark.Model;
using MicroSpark.Tasks;
using MicroSpark.Tests.Infrastructure;

namespace MicroSpark.Tests.DataPlane;

/// <summary>Whose silence ends a call: the worker's, and not that of whoever reads from it.</summary>
public sealed class DataPlaneCallTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private readonly ManualTime _time = new();

    /// <summary>A program that worked on an element for five seconds made a live worker count as silent.</summary>
    [Fact]
    public async Task A_reader_may_pause_between_two_steps()
    {
        using var call = NewCall();
        Assert.Equal(1, await call.GuardAsync(static _ => new ValueTask<int>(1)));
        _time.Advance(10 * s_patience);
        Assert.False(call.Stop.IsCancellationRequested);
        Assert.Equal(2, await call.GuardAsync(static _ => new ValueTask<int>(2)));
    }

    [Fact]
    public async Task A_worker_may_not_be_silent_within_a_step()
    {
        using var call = NewCall();
        Assert.Equal(1, await call.GuardAsync(static _ => new ValueTask<int>(1)));
        var answer = new TaskCompletionSource<int>();
        var step = call.GuardAsync(stop => new ValueTask<int>(answer.Task.WaitAsync(stop))).AsTask();
        _time.Advance(s_patience / 2);
        Assert.False(step.IsCompleted);
        _time.Advance(s_patience);
        var error = await Assert.ThrowsAsync<WorkerUnreachableException>(() => step);
        Assert.Contains("silent for 5 s", error.ToString(), StringComparison.Ordinal);
    }

    private DataPlaneCall NewCall() => new(DataPlaneFixture.Worker, _time, CancellationToken.None, CancellationToken.None, s_patience);
}
