using MicroSpark.Grains.Jobs;
using MicroSpark.Model;
using MicroSpark.Tasks;

namespace MicroSpark.Grains.Contracts;

/// <summary>One action to run, as a client hands it over. Submitting it again changes nothing.</summary>
/// <param name="Partitions">Of the plan's root, ascending; null for all.</param>
/// <param name="Repeated">Submitted before, with no reply: a record may exist.</param>
/// <param name="Counting">Kept outputs of the plan whose tasks may add to accumulators.</param>
/// <param name="Result">Null when the client that submitted it makes the action's result of the partitions' results.</param>
[GenerateSerializer, Immutable, Alias("microspark.JobSubmission")]
internal sealed record JobSubmission(
    JobId Job, ContextId Context, string Name, string? Group, PlanRef Plan, int[]? Partitions, TaskPolicy Policy, bool Repeated,
    LineageId[]? Counting = null, ResultShape? Result = null);

/// <summary>What a submitted job's result is, for whoever attaches to it: compared, and never turned into a type.</summary>
/// <param name="Type">For people.</param>
/// <param name="Identity">Names the type and the build of the assembly that it is from.</param>
/// <param name="Joined">Whether the result is the partitions' arrays, one after the other.</param>
[GenerateSerializer, Immutable, Alias("microspark.ResultShape")]
internal sealed record ResultShape(string Type, string Identity, bool Joined);

/// <summary>Where a job stands.</summary>
internal enum JobPhase : byte
{
    Running = 0,
    Succeeded = 1,
    Failed = 2,
    Cancelled = 3,
}

/// <summary>A committed result of the last stage: what to ask its worker for.</summary>
/// <param name="Counts">Whether its task added to accumulators.</param>
/// <param name="Updates">What it added; not in the job's record.</param>
[GenerateSerializer, Immutable, Alias("microspark.CommittedResult")]
internal sealed record CommittedResult(
    int Partition, AttemptId Attempt, WorkerId Worker, long Bytes, ulong Fingerprint, byte[]? Inline, bool Counts, byte[]? Updates)
{
    /// <summary>
    /// Known from the record of a job that lost its silo: whoever was not told its updates before has to have the partition computed again.
    /// </summary>
    public bool HasLostUpdates => Counts && Updates is null;

    /// <summary>As the job's record keeps it.</summary>
    public CommittedResult ForRecord() => this with { Inline = null, Updates = null };
}

/// <summary>Why a job failed.</summary>
/// <param name="Message">The whole story: what failed where, and how often it was tried.</param>
/// <param name="Stage">Null when no stage had begun.</param>
/// <param name="Partition">Null when no task was at fault.</param>
/// <param name="Unavailable">No worker was there to go on.</param>
[GenerateSerializer, Immutable, Alias("microspark.JobError")]
internal sealed record JobError(
    string Message, int? Stage, string? Operator, int? Partition, int Attempt, WorkerId? Worker, TaskFailure? Failure, bool Unavailable);

/// <summary>One stage's progress.</summary>
/// <param name="By">The job for which its tasks run or ran; another job finds the output there.</param>
/// <param name="Traffic">What the tasks of that job have read and written so far.</param>
[GenerateSerializer, Immutable, Alias("microspark.StageState")]
internal sealed record StageState(LineageId Lineage, int Stage, string Name, int Done, int Total, JobId By, TaskTraffic Traffic)
{
    /// <summary>As it looks to a job: what was read and written for others is not its own.</summary>
    public StageState For(JobId job) => By == job ? this : this with { Traffic = default };
}

/// <summary>What a job needs to go on after its silo is lost; two workers keep it.</summary>
/// <param name="Epoch">Raised by each new owner (<see cref="Epochs"/>); a save under a lower one is refused.</param>
/// <param name="Committed">Without the bytes of results and updates: the blocks are at their workers.</param>
/// <param name="Contents">Of the inputs from which the committed results were made.</param>
[GenerateSerializer, Immutable, Alias("microspark.JobRecord")]
internal sealed record JobRecord(
    JobSubmission Submission, long Epoch, long Sequence, JobPhase Phase, CommittedResult[] Committed, JobError? Error, DateTimeOffset Started,
    DateTimeOffset? Ended, int StagesDone, int StagesTotal, int TasksDone, int TasksTotal,
    InputContent[] Contents, TaskTraffic Traffic)
{
    public JobId Job => Submission.Job;

    public JobSummary Summary() => new(
        Job, Submission.Context, Submission.Name, Submission.Group, Epoch, Sequence, Phase, StagesDone, StagesTotal, TasksDone, TasksTotal, Started,
        Ended, Error?.Message, Traffic, Submission.Result);
}

/// <summary>A job in a list.</summary>
/// <param name="Traffic">What its tasks have read and written so far.</param>
[GenerateSerializer, Immutable, Alias("microspark.JobSummary")]
internal sealed record JobSummary(
    JobId Job, ContextId Context, string Name, string? Group, long Epoch, long Sequence, JobPhase Phase, int StagesDone, int StagesTotal,
    int TasksDone, int TasksTotal, DateTimeOffset Started, DateTimeOffset? Ended, string? Error, TaskTraffic Traffic,
    ResultShape? Result = null);

/// <summary>A job as it is at one moment.</summary>
/// <param name="Version">To wait for the next change with.</param>
/// <param name="Summary">Null when nobody keeps a record of the job (any more).</param>
[GenerateSerializer, Immutable, Alias("microspark.JobSighting")]
internal sealed record JobSighting(long Version, JobSummary? Summary);

/// <summary>What a watcher of a job learns.</summary>
/// <param name="Known">False when nobody keeps a record of the job (any more).</param>
/// <param name="First">How many results come before these.</param>
[GenerateSerializer, Immutable, Alias("microspark.JobUpdate")]
internal sealed record JobUpdate(
    bool Known, JobPhase Phase, long Epoch, int First, CommittedResult[] Results, JobError? Error, StageState[] Stages)
{
    public static JobUpdate Unknown { get; } = new(Known: false, JobPhase.Failed, 0, 0, [], null, []);

    public int Next => First + Results.Length;
}
