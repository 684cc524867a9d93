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

    /// <summary>Whether nobody listens where the silo did: the call never left, and with a silo's port its life is over too.</summary>
    public static bool IsRefusal(Exception error) =>
        error is Orleans.Runtime.Messaging.ConnectionFailedException
        || error.InnerException is Orleans.Runtime.Messaging.ConnectionFailedException;
}
