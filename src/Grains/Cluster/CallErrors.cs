namespace MicroSpark.Cluster;

internal static class CallErrors
{
    /// <summary>
    /// Whether a call failed because of silos that come and go, so that repeating it can help: the silo died, the message was rejected
    /// while the directory settles, or no answer came.
    /// </summary>
    public static bool IsTransient(Exception error) =>
        error is SiloUnavailableException or OrleansMessageRejectionException or TimeoutException or Orleans.Runtime.Messaging.ConnectionFailedException or ClientNotAvailableException;
}
