using MicroSpark.Errors;
using MicroSpark.Tests.Infrastructure;

namespace MicroSpark.Tests.Errors;

public sealed class PatienceTests
{
    private readonly ManualTime _time = new();
    private int _calls;

    [Theory]
    [InlineData(0)]
    [InlineData(9)]
    public async Task What_passes_is_tried_until_it_succeeds(int failures)
    {
        var patience = new Patience(TimeSpan.FromMilliseconds(100)) { Limit = TimeSpan.FromSeconds(1) };
        Assert.Equal(failures + 1, await PassAsync(() => patience.RunAsync(() => FailAsync(failures), IsTimeout, _time)));
        Assert.Equal(TimeSpan.FromMilliseconds(100 * failures).Ticks, _time.GetTimestamp());
    }

    [Fact]
    public async Task The_error_that_it_ends_with_is_thrown_as_it_is()
    {
        var patience = new Patience(TimeSpan.FromMilliseconds(100)) { Limit = TimeSpan.FromSeconds(1) };
        var run = PassAsync(() => patience.RunAsync(() => FailAsync(int.MaxValue), IsTimeout, _time));
        Assert.Equal("call 11", (await Assert.ThrowsAsync<TimeoutException>(() => run)).Message);
    }

    [Fact]
    public async Task So_many_failures_are_enough()
    {
        var run = new Patience(TimeSpan.Zero) { Tries = 3 }.RunAsync(() => FailAsync(int.MaxValue), IsTimeout, _time);
        Assert.Equal("call 3", (await Assert.ThrowsAsync<TimeoutException>(() => run)).Message);
    }

    [Fact]
    public void So_many_failures_are_borne_however_long_they_take()
    {
        var trial = new Patience(TimeSpan.Zero) { Limit = TimeSpan.FromSeconds(60), Fewest = 3 }.Begin(_time);
        foreach (var goesOn in new[] { true, true, false })
        {
            _time.Advance(TimeSpan.FromSeconds(60));
            Assert.Equal(goesOn, trial.Failed());
        }
    }

    [Fact]
    public async Task A_token_ends_the_pause_inside_the_call_that_cancels()
    {
        using var stop = new CancellationTokenSource();
        int? wentOn = null;
        var pause = _time.PauseAsync(TimeSpan.FromMinutes(1), stop.Token).ContinueWith(
            _ => wentOn = Environment.CurrentManagedThreadId, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
        stop.Cancel();
        Assert.Equal(Environment.CurrentManagedThreadId, wentOn);
        await pause;
    }

    [Fact]
    public async Task An_error_that_does_not_pass_is_thrown_at_once()
    {
        var patience = new Patience(TimeSpan.FromMilliseconds(100));
        await Assert.ThrowsAsync<TimeoutException>(() => patience.RunAsync(() => FailAsync(1), static e => e is FormatException, _time));
        Assert.Equal(1, _calls);
    }

    [Fact]
    public async Task A_token_ends_the_pause()
    {
        using var stop = new CancellationTokenSource();
        var run = new Patience(TimeSpan.FromMinutes(1)).RunAsync(() => FailAsync(1), IsTimeout, _time, stop.Token);
        Assert.False(run.IsCompleted);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        Assert.Equal(1, _calls);
    }

    [Fact]
    public void Failures_in_a_row_make_pauses_longer_up_to_the_longest()
    {
        var trial = new Patience(TimeSpan.FromMilliseconds(100)) { LongestPause = TimeSpan.FromMilliseconds(250) }.Begin(_time);
        foreach (var pause in new[] { 100, 200, 250, 250 })
        {
            Assert.True(trial.Failed());
            var paused = trial.PauseAsync();
            _time.Advance(TimeSpan.FromMilliseconds(pause - 1));
            Assert.False(paused.IsCompleted);
            _time.Advance(TimeSpan.FromMilliseconds(1));
            Assert.True(paused.IsCompletedSuccessfully);
        }
    }

    [Fact]
    public void Success_makes_patience_new()
    {
        var trial = new Patience(TimeSpan.Zero) { Tries = 2, Limit = TimeSpan.FromSeconds(1) }.Begin(_time);
        Assert.True(trial.Failed());
        _time.Advance(TimeSpan.FromSeconds(1));
        trial.Succeeded();
        Assert.True(trial.Failed());
        Assert.False(trial.Failed());
        trial.Succeeded();
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(trial.Failed());
    }

    /// <summary>Off the test's own scheduler: what waits goes on within the step of time that it waited for.</summary>
    private Task<R> PassAsync<R>(Func<Task<R>> start) => Task.Run(async () =>
    {
        var run = start();
        await _time.PassAsync(run);
        return await run;
    });

    private static bool IsTimeout(Exception error) => error is TimeoutException;

    private Task<int> FailAsync(int times) => ++_calls <= times ? Task.FromException<int>(new TimeoutException($"call {_calls}")) : Task.FromResult(_calls);
}
