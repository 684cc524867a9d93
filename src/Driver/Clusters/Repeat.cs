using MicroSpark.Errors;
using MicroSpark.Grains.Cluster;

namespace MicroSpark.Driver.Clusters;

/// <summary>Repeats calls that failed because silos come and go. Every call of the driver may be repeated.</summary>
internal static class Repeat
{
    /// <summary>
    /// Tries at least. A call that goes down with the silo on its way takes half a minute, and two silos in a row are no sign that there is
    /// none. Without any worker each try fails at once.
    /// </summary>
    private const int Fewest = 3;

    private static readonly Silence s_usual = new(TimeSpan.FromSeconds(60));

    public static Task Async(Func<Task> call, TimeProvider time, CancellationToken cancellationToken, Silence? silence = null) => Async(
        async () =>
        {
            await call().ConfigureAwait(false);
            return true;
        },
        time, cancellationToken, silence);

    /// <param name="silence">A minute, of which nobody is told, when null.</param>
    /// <exception cref="ClusterUnavailableException">No silo answered for so long.</exception>
    public static async Task<R> Async<R>(
        Func<Task<R>> call, TimeProvider time, CancellationToken cancellationToken, Silence? silence = null)
    {
        silence ??= s_usual;
        var patience = new Patience(TimeSpan.FromMilliseconds(200)) { Limit = silence.Most, Fewest = Fewest, Anywhere = true };
        var began = time.GetTimestamp();
        using var notice = silence.Tell is { } tell ? time.After(Silence.Notice, () => tell(time.GetElapsedTime(began))) : null;
        try
        {
            return await patience
                .RunAsync(() => call().WaitAsync(cancellationToken), CallErrors.IsTransient, time, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (CallErrors.IsTransient(e))
        {
            throw new ClusterUnavailableException(
                $"No worker of the cluster has answered for {silence.Most.TotalSeconds:0.#} s: start one, or check that they run and can "
                + "be reached from here (MicroSpark:NoWorkerTimeout is how long an action waits).", e);
        }
    }
}
