using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.Contracts;
using MicroSpark.Tasks;

namespace MicroSpark.Grains.Stages;

/// <summary>
/// Computes partitions of one stage: ensures what they read, runs them where that is, and does both again for those whose inputs were
/// lost meanwhile. For one thread at a time: the turns of the grain that owns it.
/// </summary>
internal sealed class StageRun(StageSpec stage, StageInputs inputs, IWorkerPool pool, Func<ITaskSet> tasks)
{
    /// <summary>Rounds in a row in which inputs were lost and nothing was computed.</summary>
    private const int MostFruitless = 10;

    private ITaskSet? _running;
    private bool _stopped;

    /// <summary>
    /// Ends when all partitions are computed (null), or with the first failure. Each success is handed over once.
    /// <paramref name="contentChanged"/> is called when an input's content is not what earlier tasks read: what they made is invalid; it
    /// returns the failure to end with, or null to go on.
    /// </summary>
    public async Task<TaskReport?> RunAsync(int[] partitions, Action<TaskReport> succeeded, Func<TaskReport?> contentChanged)
    {
        var fruitless = 0;
        var todo = partitions;
        while (true)
        {
            var version = pool.Version;
            var (versions, failure) = await inputs.EnsureAsync(todo.Length == stage.NumPartitions ? null : todo);
            if (failure is null && inputs.ContentChanged)
            {
                failure = contentChanged();
            }

            if (failure is not null || _stopped)
            {
                return failure ?? Cancelled();
            }

            var placed = await inputs.PlaceAsync(todo, versions);
            if (_stopped)
            {
                return Cancelled();
            }

            var lost = new List<TaskReport>();
            var done = 0;
            var set = _running = tasks();
            await set.RunAsync(placed, versions, report =>
            {
                switch (report.End)
                {
                    case TaskEnd.Success:
                        done++;
                        succeeded(report);
                        break;
                    case TaskEnd.InputLost:
                        lost.Add(report);
                        break;
                    default:
                        if (failure is null)
                        {
                            failure = report;
                            set.Stop();
                        }

                        break;
                }
            });
            _running = null;
            if (failure is not null || _stopped)
            {
                return failure ?? Cancelled();
            }

            if (lost.Count > 0)
            {
                fruitless = done > 0 ? 0 : fruitless + 1;
                if (fruitless >= MostFruitless)
                {
                    return GivenUp(lost[0]);
                }

                await inputs.ReportLostAsync(lost);
            }
            else if (pool.Version == version || versions.Length == 0)
            {
                return null;
            }
            else
            {
                // Silos came or went. If that changed the content of an input, some tasks may have read the former one.
                await inputs.CheckAsync();
                return inputs.ContentChanged ? contentChanged() : null;
            }

            todo = lost.Select(r => r.Partition).Order().ToArray();
        }
    }

    public void Stop()
    {
        _stopped = true;
        inputs.Stop();
        _running?.Stop();
    }

    private static TaskReport Cancelled() => new() { End = TaskEnd.Cancelled, Partition = -1 };

    private TaskReport GivenUp(TaskReport report) => new()
    {
        End = TaskEnd.Failure,
        Partition = report.Partition,
        Worker = report.Worker,
        Tries = 1,
        Stage = stage.StageId,
        Failure = new TaskFailure(
            typeof(ClusterUnavailableException).FullName!,
            $"Partitions {string.Join(", ", (report.Lost ?? []).Take(8).Select(static b => b.Partition))} of input {report.LostLineage} were computed {MostFruitless} times and lost each time before " +
            "they could be read. Give the workers more memory, or persist with a level that uses disk.",
            null, null, null, null, CanRetry: false, null, null),
    };
}
