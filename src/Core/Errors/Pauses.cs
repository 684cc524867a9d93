namespace MicroSpark.Errors;

/// <summary>Pauses that a token ends.</summary>
internal static class Pauses
{
    /// <summary>
    /// Lets time pass. A cancel ends the pause as it ends a call that is awaited: there and then. A delay that is given the token goes on
    /// at the shared pool, whoever cancels it: of the same work one step would be taken elsewhere than all others.
    /// </summary>
    public static Task PauseAsync(this TimeProvider time, TimeSpan pause, CancellationToken cancellationToken) =>
        Task.Delay(pause, time).WaitAsync(cancellationToken);
}
