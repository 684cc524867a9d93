using MicroSpark.Errors;
using MicroSpark.Grains.Contracts;
using MicroSpark.Model;

namespace MicroSpark.Grains.Cluster;

/// <summary>Questions to all workers, for grains that start again from what the workers have.</summary>
internal static class WorkerCalls
{
    /// <summary>
    /// Longer than silos with this project's settings take to notice that one has died. A call whose message is lost ends later than that,
    /// and is made again all the same: what lives has an answer.
    /// </summary>
    private static readonly Patience s_patience = new(TimeSpan.FromMilliseconds(100)) { Limit = TimeSpan.FromSeconds(5), Fewest = 3 };

    /// <summary>
    /// The answers of the live workers. Right after a loss a call of another worker can fail too. A caller that took this for an empty
    /// answer would compute existing blocks again, or not know of them at all. So a worker is asked again for a few seconds, unless it dies
    /// meanwhile or has never described itself.
    /// </summary>
    public static async Task<IReadOnlyList<(WorkerId Worker, R Answer)>> AskAllAsync<R>(
        this IWorkerPool pool, Func<IWorkerGrain, Task<R>> ask, TimeProvider time)
    {
        var answers = await Task.WhenAll(pool.Known.Select(AskAsync));
        return [.. answers.OfType<(WorkerId, R)>()];

        async Task<(WorkerId, R)?> AskAsync(WorkerId worker)
        {
            var trial = s_patience.Begin(time);
            while (true)
            {
                try
                {
                    return (worker, await ask(pool.Get(worker)));
                }
                catch (Exception e) when (CallErrors.IsTransient(e, CancellationToken.None))
                {
                    if (!trial.Failed() || !pool.IsLive(worker)
                        || (!WasSilent(e) && (await pool.LiveAsync()).All(w => w.Id != worker)))
                    {
                        return null;
                    }
                }

                await trial.PauseAsync();
            }
        }

        // What hosts no workers never describes itself, and refuses such calls at once. Of one that was silent the description may have
        // been lost as well.
        static bool WasSilent(Exception error) => error is TimeoutException;
    }
}
