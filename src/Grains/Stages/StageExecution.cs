using MicroSpark.Errors;
using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Events;
using MicroSpark.Model;
using MicroSpark.Tasks;

namespace MicroSpark.Grains.Stages;

/// <summary>
/// Computes partitions of one stage. It ensures their inputs, runs the tasks where the inputs are, and does both again for partitions whose
/// inputs were lost meanwhile. For one thread at a time: the turns of the grain that owns it.
/// </summary>
internal sealed class StageExecution(
    StageSpec stage, StageInputs inputs, IWorkerPool pool, SiloEvents events, TimeProvider time, Func<ITaskSet> tasks)
{
    /// <summary>
    /// Rounds in a row in which inputs were lost and nothing was computed. Many of them may come of one loss: until all silos know of it,
    /// tasks are sent to places that others know to be gone. So the rounds last as long, at least, as a grain may be out of reach.
    /// </summary>
    private static readonly Patience s_fruitless = new(TimeSpan.FromMilliseconds(100))
    {
        Fewest = 10,
        Limit = GrainCalls.Patience.Limit,
        LongestPause = TimeSpan.FromSeconds(2),
    };

    private readonly OwnerLog _log = new(stage, events);
    private ITaskSet? _running;
    private JobStake[]? _jobs;
    private bool _stopped;

    /// <summary>
    /// Ends when all partitions are computed (null), or with the first failure. Each success is handed over once.
    /// <paramref name="contentChanged"/> is called when an input's content differs from the content that earlier tasks read. Then their
    /// outputs are invalid. It returns the failure to end with, or null to go on.
    /// </summary>
    public async Task<StageFailure?> RunAsync(int[] partitions, Action<TaskReport> succeeded, Func<StageFailure?> contentChanged)
    {
        inputs.OwnerLost = input => new OwnerLog(input, events).OwnerLost();
        var rounds = s_fruitless.Begin(time);
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
                return failure ?? new StageFailure.Cancelled();
            }

            var placed = await inputs.PlaceAsync(todo, versions);
            if (_stopped)
            {
                return new StageFailure.Cancelled();
            }

            var lost = new List<TaskReport>();
            var done = 0;
            var set = _running = tasks();
            if (_jobs is not null)
            {
                set.Share(_jobs);
            }

            await set.RunAsync(placed, versions, report =>
            {
                switch (report.End)
                {
                    case TaskEnd.Succeeded:
                        done++;
                        succeeded(report);
                        break;
                    case TaskEnd.InputLost:
                        lost.Add(report);
                        break;
                    default:
                        if (failure is null)
                        {
                            failure = StageFailure.Of(stage.StageId, report);
                            set.Stop();
                        }

                        break;
                }
            });
            _running = null;
            if (failure is not null || _stopped)
            {
                return failure ?? new StageFailure.Cancelled();
            }

            if (lost.Count > 0)
            {
                if (done > 0 || rounds.Failures == 0)
                {
                    // The time before the first loss, in which inputs were computed, is none of losses.
                    rounds.Succeeded();
                }

                if (done == 0 && !rounds.Failed())
                {
                    return StageFailure.Of(stage.StageId, GivenUp(lost[0], rounds.Failures));
                }

                foreach (var report in lost)
                {
                    _log.InputLost(report, inputs.NameOf(report.LostLineage));
                }

                await inputs.ReportLostAsync(lost);
                if (rounds.Failures > 1)
                {
                    await rounds.PauseAsync();
                }
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

    /// <summary>Another activation of the owner had begun with the stage.</summary>
    public void NoteTakenOver() => _log.OwnerLost();

    /// <summary>Some of the partitions had been computed, and what each worker had of them is gone: why they are computed again.</summary>
    public void NoteLost(IEnumerable<(int Partition, WorkerId At)> outputs)
    {
        foreach (var (partition, at) in outputs)
        {
            _log.OutputLost(partition, at, pool.IsLive(at));
        }
    }

    /// <summary>From now on these jobs wait for the stage: it runs at the largest share among them.</summary>
    public void Share(JobStake[] jobs)
    {
        _jobs = jobs;
        _running?.Share(jobs);
    }

    public void Stop()
    {
        _stopped = true;
        inputs.Stop();
        _running?.Stop();
    }

    private static TaskReport GivenUp(TaskReport report, int times)
    {
        var partitions = string.Join(", ", (report.Lost ?? []).Take(8).Select(static b => b.Partition));
        return TaskReport.Failed(
            report.Partition, report.Worker,
            new TaskFailure(
                typeof(ClusterUnavailableException).FullName!,
                $"Partitions {partitions} of input {report.LostLineage} were computed {times} times and lost each time before " +
                "they could be read. Give the workers more memory, or persist with a level that uses disk.",
                null, null, null, null, CanRetry: false, null, null),
            tries: 1);
    }
}
