using MicroSpark.Grains.Hosting;
using MicroSpark.Tests.Infrastructure;
using Orleans.Runtime;

namespace MicroSpark.Tests.Hosting;

/// <summary>Calls of a client while connections to workers end.</summary>
public sealed class LostGatewayFilterTests
{
    private readonly LostGateways _lost = new();
    private readonly ManualTime _time = new();
    private readonly TaskCompletionSource _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>It waited for its time-out, five seconds, while other workers could have answered.</summary>
    [Fact]
    public async Task A_call_that_was_under_way_when_a_connection_ended_is_given_up()
    {
        var call = new LostGatewayFilter(_lost, _time).RunAsync(() => _answer.Task);
        _lost.NotifyGatewayCountChanged(2, 3, connectionRecovered: false);
        await _time.PassAsync(call);

        await Assert.ThrowsAsync<SiloUnavailableException>(() => call);
    }

    [Fact]
    public async Task An_answer_that_was_on_its_way_counts()
    {
        var call = new LostGatewayFilter(_lost, _time).RunAsync(() => _answer.Task);
        _lost.NotifyGatewayCountChanged(2, 3, connectionRecovered: false);
        _answer.SetResult();

        await call;
    }

    [Fact]
    public async Task A_call_that_is_made_afterwards_waits_for_its_answer()
    {
        var filter = new LostGatewayFilter(_lost, _time);
        _lost.NotifyGatewayCountChanged(2, 3, connectionRecovered: false);
        var call = filter.RunAsync(() => _answer.Task);
        _lost.NotifyGatewayCountChanged(3, 2, connectionRecovered: false);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(call.IsCompleted);
        _answer.SetResult();

        await call;
    }
}
