using MicroSpark.Grains.Contracts;
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
        Submission, 30, 5, phase, committed, phase == JobPhase.Failed ? Error : null, DateTimeOffset.UnixEpoch,
        phase == JobPhase.Running ? null : DateTimeOffset.UnixEpoch + TimeSpan.FromHours(1), 1, 2, 3, 4,
        [new InputContent(new LineageId(1, 2), 9)], new TaskTraffic { });
}
