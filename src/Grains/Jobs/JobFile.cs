using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Records;

namespace MicroSpark.Grains.Jobs;

/// <summary>
/// An activation's file of a job that it knows: the epoch under which it owns the job, the commits, the progress of the stages. The job's
/// <see cref="JobState"/>, and not this file, says whether the job still runs and how it ended.
/// </summary>
internal sealed class JobFile
{
    public JobFile(JobSubmission submission, long epoch, DateTimeOffset started)
    {
        (Submission, Epoch, Started) = (submission, epoch, started);
        Stages = new StageBoard(submission.Job);
        Log = new RecordLog(this);
    }

    public JobSubmission Submission { get; }

    /// <summary>Under which this activation commits.</summary>
    public long Epoch { get; }

    public DateTimeOffset Started { get; }

    public ResultBook Results { get; } = new();

    public StageBoard Stages { get; private init; }

    /// <summary>What the workers that keep the job's record are told.</summary>
    public RecordLog Log { get; }

    /// <summary>Whether another activation was driving the job when its record was written.</summary>
    public bool WasDriven { get; private init; }

    /// <summary>Somebody has cancelled the job, or its client has let it go: see <see cref="RecordHead"/>.</summary>
    public bool Unwanted { get; set; }

    /// <summary>Its results have been read, or nobody wants them: it is not driven again.</summary>
    public bool Released { get; set; }

    /// <summary>Of the inputs from which the committed results were made.</summary>
    public IEnumerable<InputContent> Contents { get; set; } = [];

    /// <summary>Of a job that was another activation's.</summary>
    public static JobFile Of(JobRecord record, long epoch)
    {
        var head = record.Head;
        var file = new JobFile(record.Submission, epoch, head.Started)
        {
            Stages = new StageBoard(
                record.Job, new StageTotals(head.StagesDone, head.StagesTotal, head.TasksDone, head.TasksTotal, head.Traffic)),
            Contents = record.Contents,
            WasDriven = head.Phase == JobPhase.Running,
            Unwanted = record.Unwanted,
        };
        foreach (var result in record.Committed)
        {
            file.Results.Commit(result);
        }

        return file;
    }

    /// <summary>What is asked for at each look: without the results, which may be many.</summary>
    public JobSummary Summary(JobPhase phase, JobError? error, DateTimeOffset? ended)
    {
        var done = Stages.Totals;
        return new JobSummary(
            Submission.Job, Submission.Context, Submission.Name, Submission.Group, Epoch, Log.Point.Sequence, phase,
            done.Stages, done.AllStages, done.Tasks, done.AllTasks, Started, ended, error?.Message, done.Traffic, Submission.Result,
            Owner: Submission.Owner);
    }

    /// <summary>The results after the first ones, as many as fit. The end is told with the last of them.</summary>
    public JobUpdate Update(int from, JobPhase phase, JobError? error)
    {
        var page = Results.Page(from);
        var told = phase == JobPhase.Succeeded && from + page.Length < Results.Logged ? JobPhase.Running : phase;
        return new JobUpdate(Known: true, told, Epoch, from, page, error, Stages.InOrder);
    }
}
