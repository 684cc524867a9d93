using MicroSpark.Grains.Contracts;

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
    public JobId Job => Head.Job;

    public long Epoch => Head.Epoch;
}
