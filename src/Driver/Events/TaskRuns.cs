using MicroSpark.Grains.Contracts;

namespace MicroSpark.Driver.Events;

/// <summary>Workers' spans as events have them.</summary>
internal static class TaskRuns
{
    public static TaskRun Of(TaskSpan span) => new(
        span.Partition, span.AttemptNumber,
        span.End switch
        {
            TaskEnd.Success => TaskResultKind.Succeeded,
            TaskEnd.Failure => TaskResultKind.Failed,
            TaskEnd.InputLost => TaskResultKind.InputLost,
            _ => TaskResultKind.Cancelled,
        },
        span.Began, span.Took, span.Records, span.Bytes, span.Traffic, span.Error, span.Copy);
}
