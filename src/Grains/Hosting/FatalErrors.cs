using MicroSpark.Grains.Cluster;
using Orleans.Runtime;

namespace MicroSpark.Grains.Hosting;

/// <summary>
/// What a worker's process is told when its silo cannot go on: most often the others have declared it dead, because it was frozen or cut
/// off. Orleans' own handler ends the process on the spot, with a core dump's exit code and its stack. Here the process hears of it, says
/// so in a sentence and ends with a code that means it.
/// </summary>
internal sealed class FatalErrors : IFatalErrorHandler
{
    // Never disposed of: the silo's threads may come after its host.
    private readonly CancellationTokenSource _happened = new();
    private string? _message;

    /// <summary>Cancelled at the first of them.</summary>
    public CancellationToken Happened => _happened.Token;

    /// <summary>For people; once one has happened.</summary>
    public string Message => _message ?? "The worker's silo failed and stopped. Start it again.";

    public bool IsUnexpected(Exception exception) => true;

    /// <param name="sender">The part of Orleans that gives up.</param>
    /// <param name="context">What Orleans says of it.</param>
    /// <param name="exception">Null when it is a verdict of the other silos.</param>
    public void OnFatalException(object? sender = null, string? context = null, Exception? exception = null)
    {
        var message = exception is null
            ? "The other workers have declared this one dead, because it did not answer them, and go on without it. Start it again."
            : $"The worker's silo failed ({exception.GetType().Name}: {exception.Message}). Start it again.";
        if (Interlocked.CompareExchange(ref _message, message, null) is null)
        {
            // More follows than the thread that found out may wait for.
            _happened.CancelAsync().Forget();
        }
    }
}
