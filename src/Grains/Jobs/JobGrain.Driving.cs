using System.Globalization;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Stages;
using MicroSpark.Options;
using MicroSpark.Plans;
using MicroSpark.Tasks;

namespace MicroSpark.Grains.Jobs;

// The last stage: driven here, committed here.
internal sealed partial class JobGrain
{
    /// <summary>Goes on with the job unless that is under way. A drive that had nothing to wait for has ended before it is assigned here.</summary>
    private void Drive()
    {
        if (_driving is null or { IsCompleted: true })
        {
            _driving = DriveAsync();
        }
    }

    private async Task DriveAsync()
    {
        try
        {
            var submission = _submission!;
            var skeleton = await plans.SkeletonAsync(submission.Plan);
            var node = skeleton.Nodes[skeleton.Root];
            var output = JobOutput.LineageOf(Job);
            var stage = StageSpec.Of(Job, submission.Context, submission.Plan, skeleton, skeleton.Root, output, submission.Policy);
            var wanted = submission.Partitions ?? Enumerable.Range(0, node.NumPartitions).ToArray();
            Progress(node, wanted);
            var takenOver = _inputs is null && _loaded is { Phase: JobPhase.Running };
            _inputs ??= new StageInputs(stage, skeleton, GrainFactory, locations, pool, time, state => _stages[state.Lineage] = state.For(Job), _contents);
            while (_phase == JobPhase.Running && !Gone)
            {
                var missing = wanted.Where(p => !_committed.ContainsKey(p)).ToArray();
                if (missing.Length == 0)
                {
                    await _copying;

                    // Meanwhile a watcher may have told that a result is lost.
                    if (Array.TrueForAll(wanted, _committed.ContainsKey))
                    {
                        End(JobPhase.Succeeded, null);
                    }

                    continue;
                }

                _run = new StageRun(stage, _inputs, pool, events, () =>
                {
                    CopyUpdates();
                    return WorkerTaskSet.Of(stage, pool, events, time);
                });
                _run.NoteLost(_lost.Select(static r => (r.Partition, r.Worker)));
                _lost.Clear();
                if (takenOver)
                {
                    takenOver = false;
                    _run.NoteTakenOver();
                }

                var failure = await _run.RunAsync(missing, report => Commit(report, node, wanted), ContentChanged);
                _run = null;
                if (failure is not null && _phase == JobPhase.Running && !Gone)
                {
                    End(JobPhase.Failed, ErrorOf(failure, skeleton));
                }
            }
        }
        catch (Exception e)
        {
            if (_phase == JobPhase.Running && !Gone)
            {
                End(JobPhase.Failed, new JobError(
                    $"Job {Job} could not be run: {e.Message}", null, null, null, 0, null, TaskFailure.Of(e),
                    e is ClusterUnavailableException));
            }
        }
        finally
        {
            _run = null;
            if (_phase is JobPhase.Failed or JobPhase.Cancelled && !Gone)
            {
                await DropBlocksAsync();
            }
        }
    }

    /// <summary>Once per partition, under this activation's epoch.</summary>
    private void Commit(TaskReport report, SkeletonNode node, int[] wanted)
    {
        if (_phase != JobPhase.Running || Gone)
        {
            return;
        }

        var result = new CommittedResult(report.Partition, report.Attempt, report.Worker, report.Bytes, report.Fingerprint, report.Result, report.Updates is not null, report.Updates);
        if (_committed.TryAdd(report.Partition, result))
        {
            _results.Add(result);
            _resultSize += result.Bytes;
            _traffic += report.Traffic;
            Progress(node, wanted);
            if (_submission!.Policy.MaxResultSize is > 0 and var most && _resultSize > most)
            {
                End(JobPhase.Failed, TooLarge(wanted.Length));
                _run?.Stop();
            }
            else if (_committed.Count < wanted.Length)
            {
                _keeper.Changed();
                _signal.Raise();
            }
        }
    }

    private void Progress(SkeletonNode node, int[] wanted)
    {
        var state = new StageState(node.Lineage, node.StageId, node.Name ?? node.Operator, _committed.Count, wanted.Length, Job, _traffic);
        _stages[node.Lineage] = state;
    }

    /// <summary>What was committed came from elements that another run of the recipe did not give again: nobody can mend that.</summary>
    private StageFailure? ContentChanged() => _committed.Count > 0 ? new StageFailure.InputChanged() : null;

    /// <summary>Before any of it is on its way: sizes come with the tasks' reports.</summary>
    private JobError TooLarge(int wanted) => new(
        $"Job {Job} ({_submission!.Name}) failed: the results of {_committed.Count} of {wanted} partitions take at least {ByteSize.Show(_resultSize)} in memory, and "
        + $"MicroSpark:MaxResultSize lets one action bring {ByteSize.Show(_submission.Policy.MaxResultSize)} to its client. Read the elements one after the other with AsAsyncEnumerable, write "
        + "them with SaveAsTextFileAsync or another Save action, bring fewer (TakeAsync, or aggregate before), or raise MicroSpark:MaxResultSize.",
        null, null, null, 0, null, null, Unavailable: false);

    private JobError ErrorOf(StageFailure failure, PlanSkeleton skeleton) => failure switch
    {
        StageFailure.NoWorker f => new JobError(
            $"Job {Job} found no live worker for 30 s. Start a worker and run it again.", f.Stage, null, null, 0, null, null,
            Unavailable: true),
        StageFailure.InputChanged => Changed(skeleton),
        StageFailure.Broken f => new JobError(
            $"Job {Job} ({_submission!.Name}) failed: {(f.Stage is { } stage ? $"stage {stage}" : "a stage")} could not be run: " +
            $"{f.Error.TypeName}: {f.Error.Message}",
            f.Stage, f.Error.Operator, null, 0, null, f.Error, Unavailable: false),
        StageFailure.TaskFailed f => Failed(f.Stage, f.Report),
        _ => new JobError(
            $"Job {Job} ({_submission!.Name}) failed: a stage of it was stopped.", null, null, null, 0, null, null, Unavailable: false),
    };

    private JobError Changed(PlanSkeleton skeleton)
    {
        var inputs = skeleton.InputsOf(skeleton.Root, null).Select(i => skeleton.Nodes[i.Node]);
        var operators = inputs.Select(n => n.Name ?? n.Operator).ToArray();
        return new JobError(
            $"Job {Job} read {string.Join(", ", operators)}, which a lost worker's share was computed again for and came out different: " +
            "an operator up to there is non-deterministic (a random number without a seed, the clock, an unordered collection), and " +
            "results of the former elements had been handed out. Make it deterministic, or checkpoint its output before it is used.",
            skeleton.Nodes[skeleton.Root].StageId, operators.FirstOrDefault(), null, 0, null, null, Unavailable: false);
    }

    private JobError Failed(int stage, TaskReport report)
    {
        var failure = report.Failure!;
        var element = failure.ElementIndex is { } index
            ? string.Create(CultureInfo.InvariantCulture, $" at element {index:N0} of its source")
            : "";
        var where = failure.Operator is { } op ? $" in {op}{element}" : "";
        var times = report.Tries == 1 ? "once" : $"{report.Tries} times";
        var on = report.Worker == default ? "" : $" on worker {report.Worker}";
        return new JobError(
            $"Job {Job} ({_submission!.Name}) failed: stage {stage}, partition {report.Partition} was tried {times} and failed{where}; " +
            $"the last time{on} with {failure.TypeName}: {failure.Message}",
            stage, failure.Operator, report.Partition, report.Tries - 1, report.Worker, failure, Unavailable: false);
    }
}
