using System.Globalization;
using MicroSpark.Grains.Contracts;
using MicroSpark.Model;
using MicroSpark.Tasks;

namespace MicroSpark.Grains.Events;

/// <summary>
/// What the owner of one stage's tasks says when it starts one again, or a second time: the reasons, in words, are all here. A task
/// that succeeds at its first attempt is never in it.
/// </summary>
/// <param name="events">Null in tests that ask for no reasons.</param>
internal sealed class OwnerLog(StageSpec stage, SiloEvents? events)
{
    private readonly SpanStage _stage = SpanStage.Of(stage);

    /// <summary>An attempt's own worker told how it went; should that worker die, this silo knows.</summary>
    public void Witness(WorkerId worker, TaskSpan span) => events?.Witness(worker, _stage, span);

    /// <summary>It threw, and may be tried again.</summary>
    /// <param name="failures">How often it has by now.</param>
    /// <param name="again">False when another attempt goes on.</param>
    public void Failed(int partition, int attempt, WorkerId worker, TaskFailure error, int failures, bool again = true) => Note(
        partition, attempt, worker, TaskEnd.Failed,
        $"attempt {attempt + 1} failed, failure {failures} of {stage.Policy.MaxTaskFailures} that it may have: {error.TypeName}: "
        + error.Message,
        again);

    /// <summary>The worker died, or has forgotten the task: nobody else tells how the attempt ended.</summary>
    /// <param name="again">False when another attempt goes on, or none will.</param>
    /// <param name="deaths">How many workers died under it, when it may be why; else 0.</param>
    public void WorkerLost(int partition, int attempt, WorkerId worker, bool again, int deaths = 0) => Note(
        partition, attempt, worker, TaskEnd.WorkerLost,
        deaths == 0
            ? "its worker was lost"
            : $"its worker was lost, {deaths} of {stage.Policy.MostDeaths} that may be{(again ? ": it runs alone from now on" : "")}",
        again);

    /// <summary>The workers that held what the task needs of its plan are gone. Its client, if it lives, puts it at others.</summary>
    /// <param name="again">False when another attempt goes on.</param>
    public void BlobMissing(int partition, int attempt, WorkerId worker, bool again) => Note(
        partition, attempt, worker, TaskEnd.Failed, "the workers that held its code or data are gone: it waits for its client", again);

    /// <summary>The worker's disk had no room for it, which is no fault of its own.</summary>
    /// <param name="again">False when another attempt goes on.</param>
    public void NoRoom(int partition, int attempt, WorkerId worker, TaskFailure error, bool again) => Note(
        partition, attempt, worker, TaskEnd.Failed, $"its worker's disk had no room for it, another's may: {error.Message}", again);

    /// <summary>The worker stopped a task that is wanted: it leaves the cluster.</summary>
    /// <param name="again">False when another attempt goes on.</param>
    public void GivenBack(int partition, int attempt, WorkerId worker, bool again) =>
        Note(partition, attempt, worker, TaskEnd.GivenBack, "its worker dropped it", again);

    /// <summary>It goes on, and a second attempt begins elsewhere.</summary>
    /// <param name="after">How long it has had a slot.</param>
    /// <param name="elements">How many its loops were through with when its worker last told.</param>
    public void Slow(int partition, int attempt, WorkerId worker, WorkerId second, TimeSpan after, long elements, TimeSpan median) => Note(
        partition, attempt, worker, null,
        string.Create(
            CultureInfo.InvariantCulture,
            $"it has not ended after {after.TotalSeconds:0.000} s and {elements} elements, and the median of its peers is " +
            $"{median.TotalSeconds:0.000} s: " +
            $"worker {second} tries it too"));

    /// <summary>Its worker does not answer. It may go on there, and another attempt begins elsewhere.</summary>
    public void Silent(int partition, int attempt, WorkerId worker, TimeSpan silent) => Note(
        partition, attempt, worker, null,
        string.Create(CultureInfo.InvariantCulture, $"its worker has not answered for {silent.TotalSeconds:0.0} s: another tries it too"));

    /// <summary>Nobody listens at its worker's port. Another attempt begins elsewhere, before the cluster knows.</summary>
    public void Refused(int partition, int attempt, WorkerId worker) =>
        Note(partition, attempt, worker, null, "its worker refuses connections: another tries it too");

    /// <summary>It is stopped: another attempt at the same task has ended.</summary>
    public void Superseded(int partition, int attempt, WorkerId worker, WorkerId first) =>
        Note(partition, attempt, worker, TaskEnd.Superseded, $"another attempt ended first, on worker {first}", again: false);

    /// <summary>The tasks of a barrier stage start together or not at all.</summary>
    /// <param name="cause">The one that did not get through.</param>
    public void Round(int partition, int attempt, int cause) => Note(
        partition, attempt, null, TaskEnd.Cancelled,
        $"partition {cause} of its barrier stage did not get through, and all start together");

    /// <summary>What a task reads was not there. That is computed again first.</summary>
    public void InputLost(TaskReport report, string input)
    {
        var with = report.LostAt is { } at ? $" with worker {at}" : "";
        Note(
            report.Partition, report.Span?.AttemptNumber, report.Worker, TaskEnd.InputLost,
            $"it found no {SiloEvents.Partitions(report.Lost ?? [])} of {input}: lost{with}, and computed again first");
    }

    /// <summary>An output that was there is there no more.</summary>
    /// <param name="live">Whether the worker that had it still lives: then it dropped it, for want of memory.</param>
    public void OutputLost(int partition, WorkerId at, bool live) => Note(
        partition, null, at, TaskEnd.OutputLost, live ? $"worker {at} no longer has its output" : $"its output was lost with worker {at}");

    /// <summary>
    /// A note of the successor, which does not know the running tasks: the grain that looked after them was on a silo that is gone.
    /// </summary>
    public void OwnerLost() => Note(
        null, null, null, TaskEnd.OwnerLost,
        "the grain that looked after its tasks was lost: another one goes on, and tries again what was not written down");

    private void Note(int? partition, int? attemptNumber, WorkerId? worker, TaskEnd? end, string reason, bool again = true) =>
        events?.Note(_stage, partition, attemptNumber, worker, end, again, reason);
}
