using MicroSpark.Grains.Contracts;

namespace MicroSpark.Driver.Events;

/// <summary>Workers' spans and owners' notes as events have them.</summary>
internal static class TaskAttempts
{
    public static TaskAttempt Of(TaskSpan span) => new(
        span.Partition, span.AttemptNumber, span.End, span.Began, span.Took, span.Records, span.Bytes, span.Traffic, span.Error, span.Copy,
        span.Key, span.KeyValues, span.At);

    /// <param name="number">The stage's, in the plan of the job.</param>
    public static EngineEvent.TaskNoted Of(SpanStage stage, int number, TaskNote note) => new(
        note.Time, stage.Job, stage.Output, number, note.Partition, note.AttemptNumber, note.Worker?.Value, note.End, note.Again,
        note.Reason);
}
