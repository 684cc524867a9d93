using MicroSpark.Grains.Cluster;

namespace MicroSpark.Grains.Hosting;

/// <summary>Tells a client's calls that a connection to some worker has ended: most often the worker has died.</summary>
internal sealed class LostGateways : IClusterConnectionStatusObserver
{
    private TaskCompletionSource _next = New();

    /// <summary>Ends when the next connection does.</summary>
    public Task Next => Volatile.Read(ref _next).Task;

    public void NotifyGatewayCountChanged(int currentNumberOfGateways, int previousNumberOfGateways, bool connectionRecovered)
    {
        if (currentNumberOfGateways < previousNumberOfGateways)
        {
            Interlocked.Exchange(ref _next, New()).TrySetResult();
        }
    }

    public void NotifyClusterConnectionLost()
    {
        // The count was told too.
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>
/// Gives up a client's calls that were under way when a connection ended, unless they are answered soon. Nobody can say whether one went
/// to the worker that died, or by way of it: such a call would hang until it times out. All calls of a client may be repeated, and their
/// callers do.
/// </summary>
internal sealed class LostGatewayFilter(LostGateways lost, TimeProvider time) : IOutgoingGrainCallFilter
{
    /// <summary>
    /// An answer that is on its way comes in this time. A long poll of another worker is asked again, which costs one message.
    /// </summary>
    private static readonly TimeSpan s_onItsWay = TimeSpan.FromMilliseconds(250);

    public Task Invoke(IOutgoingGrainCallContext context) => RunAsync(context.Invoke);

    /// <exception cref="SiloUnavailableException">A connection has ended, and the call was not answered soon.</exception>
    public async Task RunAsync(Func<Task> make)
    {
        var next = lost.Next;
        var call = make();
        if (!call.IsCompleted && await Task.WhenAny(call, next) != call)
        {
            await call.WithinAsync(s_onItsWay, time);
            if (!call.IsCompleted)
            {
                call.Forget();
                throw new SiloUnavailableException("A connection to a worker has ended, and the call was not answered since.");
            }
        }

        await call;
    }
}
