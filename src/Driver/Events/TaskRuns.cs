using MicroSpark.Grains.Contracts;

namespace MicroSpark.Driver.Events;

/// <summary>Workers' spans as events have them.</summary>
internal static class TaskRuns
{
    public static TaskRun Of(TaskSpan span) => new(
        span.Partition, span.AttemptNumber, span.End, span.Began, span.Took, span.Records, span.Bytes, span.Traffic, span.Error, span.Copy);
}
