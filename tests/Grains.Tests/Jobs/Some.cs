using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Jobs;
using MicroSpark.Grains.Records;
using MicroSpark.Model;
using MicroSpark.Tasks;

namespace MicroSpark.Tests.Jobs;

/// <summary>A job and its parts, for tests that look at none of their details.</summary>
internal static class Some
{
    public static readonly JobId Job = new(new Guid(7, 0, 0, new byte[8]));

    public static readonly JobSubmission Submission = new(
        Job, default, "test", null, new PlanRef(BlobName.Of([]), [1], []), null, new TaskPolicy(1, false), Repeated: false);

    public static readonly JobError Error = new("It broke.", 1, null, 0, 0, null, null, Unavailable: false);

    public static CommittedResult Result(int partition, int attempt = 1, int inline = 0) =>
        new(partition, new AttemptId(attempt), new WorkerId($"w{partition}"), 8, 0, new byte[inline], Counts: true, [5]);

    public static JobRecord Record(JobPhase phase, params CommittedResult[] committed) => new(
        Submission,
        new JobSummary(
            Job, default, "test", null, 30, 5, phase, 1, 2, 3, 4, DateTimeOffset.UnixEpoch,
            phase == JobPhase.Running ? null : DateTimeOffset.UnixEpoch + TimeSpan.FromHours(1), null, default),
        committed, [new InputContent(new LineageId(1, 2), 9)], phase == JobPhase.Failed ? Error : null);

    /// <summary>Without the bytes that came with it: what a record has for certain.</summary>
    public static CommittedResult OnRecord(this CommittedResult result) => result with { Inline = null, Updates = null };

    public static JobState.Running Running(long epoch) => new(new JobFile(Submission, epoch, DateTimeOffset.UnixEpoch));
}
