using MicroSpark.Grains.Security;
using MicroSpark.Model;
using MicroSpark.Tasks;

namespace MicroSpark.Grains.Contracts;

/// <summary>One action to run, as a client hands it over. Submitting it again changes nothing.</summary>
/// <param name="Partitions">Of the plan's root; null for all.</param>
/// <param name="Repeated">Submitted before, with no reply: a record may exist.</param>
/// <param name="Counting">Kept outputs of the plan whose tasks may add to accumulators, as the plan names them.</param>
/// <param name="Result">Null when the client that submitted it makes the action's result of the partitions' results.</param>
/// <param name="Timeout">How long after it was submitted the job fails unless it has ended; null for no limit.</param>
/// <param name="Awaited">Whether only its client can make anything of the results: without it the job is cancelled.</param>
/// <param name="Sources">Where in the user's source the plan's nodes come from.</param>
/// <param name="Owner">The name of who submitted it, when it has one; the job's grain puts it in.</param>
[GenerateSerializer, Immutable, Alias("microspark.JobSubmission")]
internal sealed record JobSubmission(
    [property: Id(0)] JobId Job,
    [property: Id(1)] ContextId Context,
    [property: Id(2)] string Name,
    [property: Id(3)] string? Group,
    [property: Id(4)] PlanRef Plan,
    [property: Id(5)] PartitionRuns? Partitions,
    [property: Id(6)] TaskPolicy Policy,
    [property: Id(7)] bool Repeated,
    [property: Id(8)] LineageId[]? Counting = null,
    [property: Id(9)] ResultShape? Result = null,
    [property: Id(10)] TimeSpan? Timeout = null,
    [property: Id(11)] bool Awaited = false,
    [property: Id(12)] NodeSource[]? Sources = null,
    [property: Id(13)] string? Owner = null)
{
    /// <summary>The same as somebody's, whose outputs are kept apart from those of others. What it said of itself is gone.</summary>
    public JobSubmission OwnedBy(string? owner) => this with
    {
        Owner = owner,
        Plan = Plan with { Owner = owner },
        Policy = Policy with { Share = Policy.Share with { Owner = owner } },
    };
}

/// <summary>What a submitted job's result is, for whoever attaches to it: compared, and never turned into a type.</summary>
/// <param name="Type">For people.</param>
/// <param name="Identity">Names the type and the build of the assembly that it is from.</param>
/// <param name="Joined">Whether the result is the partitions' arrays, one after the other.</param>
[GenerateSerializer, Immutable, Alias("microspark.ResultShape")]
internal sealed record ResultShape(
    [property: Id(0)] string Type,
    [property: Id(1)] string Identity,
    [property: Id(2)] bool Joined);

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
    [property: Id(0)] int Partition,
    [property: Id(1)] AttemptId Attempt,
    [property: Id(2)] WorkerId Worker,
    [property: Id(3)] long Bytes,
    [property: Id(4)] ulong Fingerprint,
    [property: Id(5)] byte[]? Inline,
    [property: Id(6)] bool Counts,
    [property: Id(7)] byte[]? Updates)
{
    /// <summary>
    /// Known from the record of a job that lost its silo. A caller that was not told the updates before has to have the partition computed
    /// again.
    /// </summary>
    public bool HasLostUpdates => Counts && Updates is null;
}

/// <summary>Why a job failed.</summary>
/// <param name="Message">The whole story: what failed where, and how often it was tried.</param>
/// <param name="Stage">Null when no stage had begun.</param>
/// <param name="Partition">Null when no task was at fault.</param>
/// <param name="Unavailable">No worker was there to go on.</param>
[GenerateSerializer, Immutable, Alias("microspark.JobError")]
internal sealed record JobError(
    [property: Id(0)] string Message,
    [property: Id(1)] int? Stage,
    [property: Id(2)] string? Operator,
    [property: Id(3)] int? Partition,
    [property: Id(4)] int Attempt,
    [property: Id(5)] WorkerId? Worker,
    [property: Id(6)] TaskFailure? Failure,
    [property: Id(7)] bool Unavailable);

/// <summary>One stage's progress.</summary>
/// <param name="By">The job for which its tasks run or ran; another job finds the output there.</param>
/// <param name="Traffic">What the tasks of that job have read and written so far.</param>
[GenerateSerializer, Immutable, Alias("microspark.StageState")]
internal sealed record StageState(
    [property: Id(0)] LineageId Lineage,
    [property: Id(1)] int Stage,
    [property: Id(2)] string Name,
    [property: Id(3)] int Done,
    [property: Id(4)] int Total,
    [property: Id(5)] JobId By,
    [property: Id(6)] TaskTraffic Traffic)
{
    /// <summary>As it looks to a job: what was read and written for others is not its own.</summary>
    public StageState For(JobId job) => By == job ? this : this with { Traffic = default };
}

/// <summary>A job in a list.</summary>
/// <param name="Traffic">What its tasks have read and written so far.</param>
/// <param name="Queued">No task of it has begun: it waits for slots. Known where all workers are asked.</param>
/// <param name="Waits">What it waits for, for people; null when it goes on, or has ended.</param>
/// <param name="Owner">The name of who submitted it; null for whoever has the cluster's secret.</param>
[GenerateSerializer, Immutable, Alias("microspark.JobSummary")]
internal sealed record JobSummary(
    [property: Id(0)] JobId Job,
    [property: Id(1)] ContextId Context,
    [property: Id(2)] string Name,
    [property: Id(3)] string? Group,
    [property: Id(4)] long Epoch,
    [property: Id(5)] long Sequence,
    [property: Id(6)] JobPhase Phase,
    [property: Id(7)] int StagesDone,
    [property: Id(8)] int StagesTotal,
    [property: Id(9)] int TasksDone,
    [property: Id(10)] int TasksTotal,
    [property: Id(11)] DateTimeOffset Started,
    [property: Id(12)] DateTimeOffset? Ended,
    [property: Id(13)] string? Error,
    [property: Id(14)] TaskTraffic Traffic,
    [property: Id(15)] ResultShape? Result = null,
    [property: Id(16)] bool Queued = false,
    [property: Id(17)] string? Waits = null,
    [property: Id(18)] string? Owner = null)
{
    /// <summary>
    /// The owner where two have submitted one id: no principal has that name, so that administrators alone see values. What the first one's
    /// tasks have left must not become the second one's when the job is on record no more.
    /// </summary>
    public const string Disputed = "(disputed)";

    private const string ForTheOwner = "(for the job's owner)";
    private const int LongestError = 4000;

    /// <summary>
    /// As somebody may see it: an error's text may have values in it, and whoever knows a context can end what it holds.
    /// </summary>
    public JobSummary For(Principal reader) =>
        reader.Owns(Owner) ? this : this with { Error = Error is null ? null : ForTheOwner, Context = default };

    /// <summary>With the owner that somebody has noted before.</summary>
    /// <param name="known">Null when nobody has.</param>
    public JobSummary OwnedAs(JobSummary? known) => known is null || known.Owner == Owner ? this : this with { Owner = Disputed };

    /// <summary>For a list: a user's exception may say anything, at any length. The log has the whole.</summary>
    public JobSummary Shortened() =>
        Error is { Length: > LongestError } error ? this with { Error = error[..LongestError] + "…" } : this;
}

/// <summary>A job as it is at one moment.</summary>
/// <param name="Version">To wait for the next change with.</param>
/// <param name="Summary">Null when nobody keeps a record of the job (any more).</param>
[GenerateSerializer, Immutable, Alias("microspark.JobSighting")]
internal sealed record JobSighting([property: Id(0)] long Version, [property: Id(1)] JobSummary? Summary);

/// <summary>What a watcher of a job learns.</summary>
/// <param name="Known">False when nobody keeps a record of the job (any more).</param>
/// <param name="First">How many results come before these.</param>
/// <param name="Said">Grows with what the job's tasks say; 0 while they have said nothing.</param>
[GenerateSerializer, Immutable, Alias("microspark.JobUpdate")]
internal sealed record JobUpdate(
    [property: Id(0)] bool Known,
    [property: Id(1)] JobPhase Phase,
    [property: Id(2)] long Epoch,
    [property: Id(3)] int First,
    [property: Id(4)] CommittedResult[] Results,
    [property: Id(5)] JobError? Error,
    [property: Id(6)] StageState[] Stages,
    [property: Id(7)] long Said = 0)
{
    public static JobUpdate Unknown { get; } = new(Known: false, JobPhase.Failed, 0, 0, [], null, []);

    public int Next => First + Results.Length;
}
