namespace MicroSpark.Grains.Cluster;

internal static class CallErrors
{
    /// <summary>
    /// Whether a call failed because silos come and go, so that a repeat can help. The silo died, the message was rejected while the
    /// directory settles, no answer came, or the answering silo does not know yet which grains there are. In the last case, in a cluster
    /// that is just starting, Orleans gives the client an <see cref="ArgumentException"/>.
    /// </summary>
    public static bool IsTransient(Exception error) =>
        error is SiloUnavailableException or OrleansMessageRejectionException or TimeoutException
            or Orleans.Runtime.Messaging.ConnectionFailedException or ClientNotAvailableException
            or ArgumentException { Source: "Orleans.Core" };

    /// <summary>
    /// The same of a call that is made again. Orleans gives a grain half a minute to write down its place. When the silo that keeps the
    /// places has died meanwhile, the grain's activation is cancelled, and so its callers are told.
    /// </summary>
    /// <param name="own">By which the caller cancels the call himself.</param>
    public static bool IsTransient(Exception error, CancellationToken own) =>
        IsTransient(error) || (error is OperationCanceledException && !own.IsCancellationRequested);

    /// <summary>Whether nobody listens where the silo did: the call never left, and with a silo's port its life is over too.</summary>
    public static bool IsRefusal(Exception error) =>
        error is Orleans.Runtime.Messaging.ConnectionFailedException
        || error.InnerException is Orleans.Runtime.Messaging.ConnectionFailedException;
}
