using MicroSpark.Grains.Contracts;
using MicroSpark.Model;

namespace MicroSpark.Grains.Records;

/// <summary>
/// What a job needs to go on after its silo is lost, as it is read from the log that two workers keep. See <see cref="LogReader"/>.
/// </summary>
/// <param name="Head">As it was at the last write; its epoch is that of the owner that wrote it.</param>
/// <param name="Committed">Without the bytes of results and updates: the blocks are at their workers.</param>
/// <param name="Contents">Of the inputs from which the committed results were made.</param>
internal sealed record JobRecord(
    JobSubmission Submission, JobSummary Head, CommittedResult[] Committed, InputContent[] Contents, JobError? Error)
{
    /// <summary>The workers that have one of the job, the newest first.</summary>
    public WorkerId[] Keepers { get; init; } = [];

    /// <summary>The highest epoch under which anybody has one: where owners have said different things, not always this one's.</summary>
    public long Newest { get; init; } = Head.Epoch;

    /// <summary>See <see cref="RecordHead"/>.</summary>
    public bool Unwanted { get; init; }

    public JobId Job => Head.Job;

    public long Epoch => Head.Epoch;
}
