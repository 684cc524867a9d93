using MicroSpark.Errors;
using MicroSpark.Grains.Cluster;

namespace MicroSpark.Driver.Clusters;

/// <summary>Repeats calls that failed because silos come and go. Every call of the driver may be repeated.</summary>
internal static class Repeat
{
    /// <summary>
    /// Tries at least. One that is cancelled at a silo takes half a minute, and two of them in a row are no sign that there is no silo.
    /// Without any worker each try fails at once.
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
                .RunAsync(() => call().WaitAsync(cancellationToken), MayPass, time, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (MayPass(e))
        {
            throw new ClusterUnavailableException(
                $"No worker of the cluster has answered for {silence.Most.TotalSeconds:0.#} s: start one, or check that they run and can "
                + "be reached from here (MicroSpark:NoWorkerTimeout is how long an action waits).", e);
        }

        bool MayPass(Exception error) => CallErrors.IsTransient(error, cancellationToken);
    }
}
