using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Events;
using MicroSpark.Grains.Stages;
using MicroSpark.Plans;
using MicroSpark.Tasks;

namespace MicroSpark.Grains.Jobs;

/// <summary>
/// Runs a job's last stage, as often as it takes, until the job has ended. Its results are committed in the job's life, which also says
/// whether to go on. For one thread at a time: the turns of the JobGrain.
/// </summary>
/// <param name="committed">Called when a result counts and others are missing.</param>
internal sealed class JobDrive(
    JobLife life, UpdateCopies updates, ResultBlocks blocks, IWorkerPool pool, PlanLibrary plans, ILocationSource locations,
    IGrainFactory grains, SiloEvents events, DeathBook deaths, TimeProvider time, Action committed)
{
    /// <summary>Times that an output is asked to go which somebody waits for: perhaps another job, and then it stays.</summary>
    private const int MostLeaves = 5;

    private static readonly TimeSpan s_leavePause = TimeSpan.FromMilliseconds(100);

    private StageInputs? _inputs;
    private StageExecution? _run;

    /// <summary>Another activation had begun with the stage, and nobody has noted that yet.</summary>
    private bool _takesOver;

    /// <summary>Ends when the job is not driven.</summary>
    public Task Ended { get; private set; } = Task.CompletedTask;

    /// <summary>
    /// Goes on with the job unless that is under way. A drive that had nothing to wait for has ended before it is assigned here.
    /// </summary>
    public void GoOn()
    {
        if (Ended.IsCompleted && life.State.Seen is { } job)
        {
            Ended = DriveAsync(job.File);
        }
    }

    /// <summary>Stops the tasks that run.</summary>
    public void Stop() => _run?.Stop();

    private async Task DriveAsync(JobFile file)
    {
        var submission = file.Submission;
        using var kept = pool.Keep(submission.Plan, time);
        try
        {
            var skeleton = await plans.SkeletonAsync(submission.Plan, submission.Policy.PlanPatience, () => !life.Drives);
            var node = skeleton.Nodes[skeleton.Root];
            var output = JobOutput.LineageOf(submission.Job);
            events.Jobs.Plan(submission, skeleton, output);
            var stage = StageSpec.Of(
                submission.Job, submission.Context, submission.Plan, skeleton, skeleton.Root, output,
                submission.Policy with { SparesOwner = submission.Policy.SparesOwner || file.WasDriven });
            var wanted = submission.Partitions?.ToArray() ?? Enumerable.Range(0, node.NumPartitions).ToArray();
            file.Stages.NoteOwn(node, file.Results.Count, wanted.Length);
            if (_inputs is null)
            {
                _inputs = new StageInputs(stage, skeleton, grains, locations, pool, time, file.Stages.Note, file.Contents);
                file.Contents = _inputs.Contents;
                _takesOver = file.WasDriven;
            }

            while (life.Drives)
            {
                var missing = file.Results.Count == 0 ? wanted : wanted.Where(p => !file.Results.Has(p)).ToArray();
                if (missing.Length == 0)
                {
                    await updates.Copied;

                    // Meanwhile a watcher may have told that a result is lost.
                    if (Array.TrueForAll(wanted, file.Results.Has))
                    {
                        life.Succeed();
                    }

                    continue;
                }

                if (await RunAsync(file, stage, node, missing, wanted.Length, skeleton) is { } error)
                {
                    life.Fail(error);
                }
            }
        }
        catch (Exception e)
        {
            life.Fail(JobErrors.NotRun(submission.Job, e));
        }
        finally
        {
            _run = null;
            if (life.State is JobState.Failed or JobState.Cancelled && !pool.Leaving)
            {
                await blocks.DropAsync(blocks.HoldersOf(life.State.Seen!));
            }
        }
    }

    /// <summary>Computes the missing partitions once. Returns why that failed, or null.</summary>
    private async Task<JobError?> RunAsync(
        JobFile file, StageSpec stage, SkeletonNode node, int[] missing, int wanted, PlanSkeleton skeleton)
    {
        _run = new StageExecution(stage, _inputs!, pool, events, time, () =>
        {
            updates.Copy(file.Submission.Counting, file.Submission.Owner);
            return WorkerTaskSet.Of(stage, pool, events, time, deaths);
        });
        _run.NoteLost(file.Results.TakeLost().Select(static r => (r.Partition, r.Worker)));
        if (_takesOver)
        {
            _takesOver = false;
            _run.NoteTakenOver();
        }

        // What was committed came from elements that another run of the recipe did not give again: nobody can mend that.
        var failure = await _run.RunAsync(
            missing,
            report => Commit(file, report, node, wanted),
            () => file.Results.Count > 0 ? new StageFailure.InputChanged() : null);
        _run = null;
        if (failure is StageFailure.TaskFailed { Report.Failure.IsNoRoom: true })
        {
            await LeaveAsync(file, node.Lineage);
        }

        return failure is null
            ? null
            : JobErrors.Of(file.Submission, skeleton, failure, await pool.LackOfAsync(file.Submission.Plan.Protocol));
    }

    /// <summary>
    /// Disks are full: what the job had computed for it would keep small jobs from theirs. Its context may want some of it again, and then
    /// it is computed again. What another context holds stays.
    /// </summary>
    /// <param name="own">The last stage's, whose results go anyway.</param>
    private Task LeaveAsync(JobFile file, LineageId own) => Task.WhenAll(
        file.Stages.InOrder.Where(s => s.By == file.Submission.Job && s.Lineage != own).Select(
            s => LeaveAsync(grains.GetGrain<IRddGrain>(s.Lineage.ToString()), file.Submission.Context).BestEffortAsync()));

    private async Task LeaveAsync(IRddGrain output, ContextId context)
    {
        for (var i = 0; i < MostLeaves && !await output.LeaveAsync(context); i++)
        {
            // Its own wish is on the way out.
            await Task.Delay(s_leavePause, time);
        }
    }

    /// <summary>Once per partition, under this activation's epoch.</summary>
    private void Commit(JobFile file, TaskReport report, SkeletonNode node, int wanted)
    {
        var result = new CommittedResult(
            report.Partition, report.Attempt, report.Worker, report.Bytes, report.Fingerprint, report.Result,
            report.Updates is not null, report.Updates);
        if (!life.Commit(result))
        {
            return;
        }

        file.Stages.NoteOwn(node, file.Results.Count, wanted, report.Traffic);
        if (file.Submission.Policy.MaxResultSize is > 0 and var most && file.Results.Size > most)
        {
            life.Fail(JobErrors.TooLarge(file.Submission, file.Results, wanted));
        }
        else if (file.Results.Count < wanted)
        {
            committed();
        }
    }
}
