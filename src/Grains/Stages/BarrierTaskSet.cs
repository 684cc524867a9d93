using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Events;
using MicroSpark.Grains.Placement;
using MicroSpark.Model;
using MicroSpark.Tasks;

namespace MicroSpark.Grains.Stages;

/// <summary>
/// Runs the tasks of a barrier stage together: each round sends all of them out, and counts only when all have succeeded. A failure, a lost
/// worker, a lost input ends the round for all. All of them are charged with the workers that die. For one thread at a time: the turns of
/// the grain that owns it.
/// </summary>
internal sealed class BarrierTaskSet(
    StageSpec stage, IWorkerPool pool, SiloEvents events, TimeProvider time, WorkerDeaths deaths) : IWorkerTaskSet
{
    /// <summary>Rounds that ended through no fault of the tasks before the set gives up.</summary>
    private const int MostReturns = 20;

    private readonly OwnerLog _log = new(stage, events);
    private TaskSetRunner? _running;
    private JobStake[]? _jobs;
    private bool _stopped;

    public async Task RunAsync(IReadOnlyList<PlacedPartition> partitions, InputVersion[] inputs, Action<TaskReport> ended)
    {
        var failures = 0;
        for (var round = 0; partitions.Count > 0; round++)
        {
            if (deaths.Of(WorkerDeaths.Together) is var before && before >= stage.Policy.MostDeaths)
            {
                // The last owner had no time to say so.
                foreach (var report in Undone(partitions, Killed(partitions, before), before))
                {
                    ended(report);
                }

                return;
            }

            var reports = await RunRoundAsync(partitions, inputs, round);
            var cause = reports.Find(static r => r.End is not (TaskEnd.Succeeded or TaskEnd.Cancelled));
            var died = deaths.Of(WorkerDeaths.Together);
            if (!_stopped && died >= stage.Policy.MostDeaths && reports.Exists(static r => r.End != TaskEnd.Succeeded))
            {
                cause = Killed(partitions, died);
                failures = died;
            }
            else if (!_stopped && round - failures < MostReturns)
            {
                var undone = cause is null && reports.Exists(static r => r.End == TaskEnd.Cancelled);
                var again = cause is { End: TaskEnd.Failed, Failure.CanRetry: true } && ++failures < stage.Policy.MaxTaskFailures;
                if (undone || again)
                {
                    NoteRound(partitions, reports.Find(static r => r.End != TaskEnd.Succeeded)!, round, failures);
                    continue;
                }
            }

            if (reports.TrueForAll(static r => r.End == TaskEnd.Succeeded))
            {
                deaths.Clear(WorkerDeaths.Together);
                deaths.TellCleared();
            }

            foreach (var report in cause is null ? reports : Undone(partitions, cause, failures))
            {
                ended(report);
            }

            return;
        }
    }

    public void Stop()
    {
        _stopped = true;
        _running?.Stop();
    }

    public void Share(JobStake[] jobs)
    {
        _jobs = jobs;
        _running?.Share(jobs);
    }

    /// <summary>What one of them does not do, none does.</summary>
    public void Cancel(int partition) => Stop();

    private async Task<List<TaskReport>> RunRoundAsync(IReadOnlyList<PlacedPartition> partitions, InputVersion[] inputs, int round)
    {
        var slots = new BarrierSlots(pool, time);
        var places = await slots.GatherAsync(partitions.Count, () => _stopped);
        if (places.Length < partitions.Count)
        {
            return _stopped ? [TaskReport.Cancelled(partitions[0].Partition)] : [NoRoom(partitions, places.Length)];
        }

        var reports = new List<TaskReport>(partitions.Count);
        var stopping = false;
        var runner = new TaskSetRunner(
            stage with { Policy = stage.Policy with { MaxTaskFailures = 1, Speculation = false } }, pool, time, round, events, slots.Id,
            deaths)
        {
            WorkerDied = worker => deaths.Add([WorkerDeaths.Together], worker),
        };
        if (_jobs is not null)
        {
            runner.Share(_jobs);
        }

        _running = runner;
        var run = runner.RunAsync(partitions.Select((p, i) => p with { Preferred = places[i], Dealt = false }).ToArray(), inputs, report =>
        {
            reports.Add(report);
            if (report.End != TaskEnd.Succeeded && !stopping)
            {
                stopping = true;
                runner.Stop();
            }
        });
        if (_stopped)
        {
            runner.Stop();
        }

        await run;
        _running = null;
        slots.Release();
        return reports;
    }

    /// <summary>Why all start again. Of a task that came back undone the round's own set has said why.</summary>
    private void NoteRound(IReadOnlyList<PlacedPartition> partitions, TaskReport cause, int round, int failures)
    {
        foreach (var (partition, _, _) in partitions)
        {
            if (partition != cause.Partition)
            {
                _log.Round(partition, round, cause.Partition);
            }
            else if (cause.End == TaskEnd.Failed)
            {
                _log.Failed(partition, round, cause.Worker, cause.Failure!, failures);
            }
        }
    }

    /// <summary>Nobody knows which of them it was: the first one stands for all.</summary>
    private TaskReport Killed(IReadOnlyList<PlacedPartition> partitions, int died) =>
        TaskReport.Failed(partitions[0].Partition, worker: null, deaths.Killer(WorkerDeaths.Together), died);

    private static IEnumerable<TaskReport> Undone(IReadOnlyList<PlacedPartition> partitions, TaskReport cause, int failures)
    {
        // A lost input is ensured again for all; of a failure the first report is what the job says.
        yield return cause.After(failures);
        foreach (var (partition, _, _) in partitions)
        {
            if (partition != cause.Partition)
            {
                yield return cause.End == TaskEnd.InputLost ? cause.SharedBy(partition) : TaskReport.Cancelled(partition);
            }
        }
    }

    private TaskReport NoRoom(IReadOnlyList<PlacedPartition> partitions, int slots) => TaskReport.Failed(
        partitions[0].Partition, worker: null,
        new TaskFailure(
            typeof(InvalidOperationException).FullName!,
            $"The barrier stage of {stage.Name} runs {partitions.Count} tasks at once and the live workers have {slots} slots. "
            + "Use at most as many partitions as there are slots, or add workers.",
            null, stage.Name, null, null, CanRetry: false, null, null),
        tries: 1);
}
