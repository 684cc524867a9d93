using MicroSpark.Grains.Contracts;

namespace MicroSpark.Grains.Jobs;

/// <summary>
/// An activation's file of a job that it knows: the epoch under which it owns the job, the commits, the progress of the stages. The job's
/// <see cref="JobState"/>, and not this file, says whether the job still runs and how it ended.
/// </summary>
internal sealed class JobFile(JobSubmission submission, long epoch, DateTimeOffset started)
{
    private long _sequence;

    public JobSubmission Submission => submission;

    /// <summary>Under which this activation commits.</summary>
    public long Epoch => epoch;

    public DateTimeOffset Started => started;

    public ResultBook Results { get; } = new();

    public StageBoard Stages { get; private init; } = new(submission.Job);

    /// <summary>Whether another activation was driving the job when its record was written.</summary>
    public bool WasDriven { get; private init; }

    /// <summary>Of the inputs from which the committed results were made.</summary>
    public IEnumerable<InputContent> Contents { get; set; } = [];

    /// <summary>Of a job that was another activation's.</summary>
    public static JobFile Of(JobRecord record, long epoch)
    {
        var file = new JobFile(record.Submission, epoch, record.Started)
        {
            Stages = new StageBoard(
                record.Job,
                new StageTotals(record.StagesDone, record.StagesTotal, record.TasksDone, record.TasksTotal, record.Traffic)),
            Contents = record.Contents,
            WasDriven = record.Phase == JobPhase.Running,
            _sequence = record.Sequence,
        };
        foreach (var result in record.Committed)
        {
            file.Results.Commit(result);
        }

        return file;
    }

    /// <summary>For the workers that keep it; each one is newer than the one before. An ended job needs its plan no more.</summary>
    public JobRecord Record(JobPhase phase, JobError? error, DateTimeOffset? ended)
    {
        var done = Stages.Totals;
        return new JobRecord(
            phase == JobPhase.Running ? submission : submission with { Plan = submission.Plan with { Inline = null } },
            epoch, ++_sequence, phase, [.. Results.Committed.Select(static c => c.ForRecord())], error, started, ended,
            done.Stages, done.AllStages, done.Tasks, done.AllTasks, [.. Contents], done.Traffic);
    }

    /// <summary>What is asked for at each look: without the results, which may be many.</summary>
    public JobSummary Summary(JobPhase phase, JobError? error, DateTimeOffset? ended)
    {
        var done = Stages.Totals;
        return new JobSummary(
            submission.Job, submission.Context, submission.Name, submission.Group, epoch, _sequence, phase,
            done.Stages, done.AllStages, done.Tasks, done.AllTasks, started, ended, error?.Message, done.Traffic, submission.Result);
    }

    /// <summary>The results after the first ones, as many as fit. The end is told with the last of them.</summary>
    public JobUpdate Update(int from, JobPhase phase, JobError? error)
    {
        var page = Results.Page(from);
        var told = phase == JobPhase.Succeeded && from + page.Length < Results.Logged ? JobPhase.Running : phase;
        return new JobUpdate(Known: true, told, epoch, from, page, error, Stages.InOrder);
    }
}
