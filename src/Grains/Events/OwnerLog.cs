using MicroSpark.Grains.Contracts;
using MicroSpark.Model;
using MicroSpark.Tasks;

namespace MicroSpark.Grains.Events;

/// <summary>
/// What the owner of one stage's tasks says when it starts one again, or a second time: the reasons, in words, are all here. A task that succeeds at its
/// first attempt is never in it.
/// </summary>
/// <param name="events">Null in tests that ask for no reasons.</param>
internal sealed class OwnerLog(StageSpec stage, SiloEvents? events)
{
    private readonly SpanStage _stage = SpanStage.Of(stage);

    /// <summary>What a task reads was not there. That is computed again first.</summary>
    public void InputLost(TaskReport report, string input)
    {
        var with = report.LostAt is { } at ? $" with worker {at}" : "";
        Note(report.Partition, report.Span?.AttemptNumber, report.Worker, TaskEnd.InputLost, $"{SiloEvents.Partitions(report.Lost ?? [])} of {input} were lost{with}");
    }

    /// <summary>An output that was there is there no more.</summary>
    /// <param name="live">Whether the worker that had it still lives: then it dropped it, for want of memory.</param>
    public void OutputLost(int partition, WorkerId at, bool live) => Note(
        partition, null, at, TaskEnd.OutputLost, live ? $"worker {at} no longer has its output" : $"its output was lost with worker {at}");

    private void Note(int partition, int? attemptNumber, WorkerId? worker, TaskEnd? end, string reason, bool again = true) =>
        events?.Note(_stage, partition, attemptNumber, worker, end, again, reason);
}
