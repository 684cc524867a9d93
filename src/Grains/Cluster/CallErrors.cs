namespace MicroSpark.Grains.Cluster;

internal static class CallErrors
{
    /// <summary>
    /// Whether a call failed because of silos that come and go, so that repeating it can help: the silo died, the message was rejected
    /// while the directory settles, no answer came, or who answers does not know yet which grains there are: to a client of a cluster that
    /// is just starting Orleans says so by an <see cref="ArgumentException"/>.
    /// </summary>
    public static bool IsTransient(Exception error) =>
        error is SiloUnavailableException or OrleansMessageRejectionException or TimeoutException
            or Orleans.Runtime.Messaging.ConnectionFailedException or ClientNotAvailableException
            or ArgumentException { Source: "Orleans.Core" };
}
