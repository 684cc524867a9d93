using MicroSpark.Grains.Cluster;
using MicroSpark.Tests.Infrastructure;

namespace MicroSpark.Tests.Cluster;

public sealed class SignalTests
{
    private readonly ManualTime _time = new();

    /// <summary>
    /// The clock's waits have whole milliseconds: a wait for less was none. Who waited for the rest of a slice spun until it was over, and in
    /// a simulation, where the clock stands still meanwhile, for ever.
    /// </summary>
    [Fact]
    public async Task The_rest_of_a_slice_is_waited_for_however_short_it_is()
    {
        var wait = new Signal(_time).WaitAsync(0, TimeSpan.FromMicroseconds(300));
        Assert.False(wait.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        await wait;
    }

    [Fact]
    public async Task Who_waits_goes_on_in_a_turn_of_its_own_and_not_inside_the_call_that_raises()
    {
        var turns = new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler;
        var signal = new Signal(_time);
        var order = new List<string>();
        await Task.Factory.StartNew(
            async () =>
            {
                var waiting = WaitAsync();
                signal.Raise();
                order.Add("raised");
                await waiting;
            },
            CancellationToken.None, TaskCreationOptions.None, turns).Unwrap();
        Assert.Equal(["raised", "waiter"], order);

        async Task WaitAsync()
        {
            await signal.WaitAsync(0, TimeSpan.FromMinutes(1));
            order.Add("waiter");
        }
    }
}
