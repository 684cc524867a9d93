using MicroSpark.Model;
using MicroSpark.Plans;
using MicroSpark.Tasks;

namespace MicroSpark.Grains.Contracts;

/// <summary>How one attempt at one task went, as its worker saw it.</summary>
/// <param name="AttemptNumber">0 for the first try at the partition.</param>
/// <param name="Began">When a slot took it, by the worker's clock.</param>
/// <param name="Bytes">Of its output.</param>
/// <param name="Traffic">What it read and wrote; of a success.</param>
/// <param name="Copy">It copied what another worker had computed.</param>
/// <param name="Error">The type and message of what failed; null when nothing did.</param>
/// <param name="Key">The key that has the most values, of a task that groups and when they are many; null otherwise.</param>
/// <param name="KeyValues">How many it has.</param>
/// <param name="At">The line of the user's code that threw; null when nothing did, or it is not known.</param>
[GenerateSerializer, Immutable, Alias("microspark.TaskSpan")]
internal sealed record TaskSpan(
    [property: Id(0)] int Partition,
    [property: Id(1)] AttemptId Attempt,
    [property: Id(2)] int AttemptNumber,
    [property: Id(3)] DateTimeOffset Began,
    [property: Id(4)] TimeSpan Took,
    [property: Id(5)] TaskEnd End,
    [property: Id(6)] long Records,
    [property: Id(7)] long Bytes,
    [property: Id(8)] TaskTraffic Traffic,
    [property: Id(9)] string? Error,
    [property: Id(10)] bool Copy,
    [property: Id(11)] string? Key = null,
    [property: Id(12)] long KeyValues = 0,
    [property: Id(13)] string? At = null);

/// <summary>The stage that tasks belong to, and the job that had them run.</summary>
[GenerateSerializer, Immutable, Alias("microspark.SpanStage")]
internal sealed record SpanStage(
    [property: Id(0)] JobId Job,
    [property: Id(1)] ContextId Context,
    [property: Id(2)] LineageId Output,
    [property: Id(3)] int Stage,
    [property: Id(4)] OutputKind Kind,
    [property: Id(5)] string? Name,
    [property: Id(6)] int Partitions)
{
    public static SpanStage Of(StageSpec stage) =>
        new(stage.Job, stage.Context, stage.Output, stage.StageId, stage.Kind, stage.Name, stage.NumPartitions);

    /// <summary>Whoever knows a context can end what it holds.</summary>
    public SpanStage ForOthers() => this with { Context = default };
}

/// <summary>Neighbouring tasks of one stage.</summary>
[GenerateSerializer, Immutable, Alias("microspark.StageSpans")]
internal sealed record StageSpans([property: Id(0)] SpanStage Stage, [property: Id(1)] TaskSpan[] Tasks)
{
    /// <summary>Without what is for the job's owner only.</summary>
    public StageSpans ForOthers() =>
        new(Stage.ForOthers(), Array.ConvertAll(Tasks, static task => task with { Error = null, Key = null, KeyValues = 0 }));
}

/// <summary>
/// A note of a task's owner on an attempt, on something that the attempt's worker cannot tell: why it came to nothing, or that it is too
/// slow. "Why did this run twice?" is answered by the notes that have <paramref name="Again"/>.
/// </summary>
/// <param name="Time">By the owner's clock.</param>
/// <param name="Partition">Null for all tasks of the stage that had not ended.</param>
/// <param name="AttemptNumber">Null of an attempt that had succeeded long ago: its number is no longer known.</param>
/// <param name="Worker">The worker that had the attempt, or its output.</param>
/// <param name="End">Null while the attempt goes on.</param>
/// <param name="Again">Whether the task is tried again because of it.</param>
/// <param name="Reason">For people: no sentence, but what comes after "because".</param>
[GenerateSerializer, Immutable, Alias("microspark.TaskNote")]
internal sealed record TaskNote(
    [property: Id(0)] DateTimeOffset Time,
    [property: Id(1)] int? Partition,
    [property: Id(2)] int? AttemptNumber,
    [property: Id(3)] WorkerId? Worker,
    [property: Id(4)] TaskEnd? End,
    [property: Id(5)] bool Again,
    [property: Id(6)] string Reason);

/// <summary>Notes of one stage.</summary>
[GenerateSerializer, Immutable, Alias("microspark.StageNotes")]
internal sealed record StageNotes([property: Id(0)] SpanStage Stage, [property: Id(1)] TaskNote[] Notes)
{
    /// <inheritdoc cref="StageSpans.ForOthers" />
    public StageNotes ForOthers() =>
        new(Stage.ForOthers(), Array.ConvertAll(Notes, static note => note with { Reason = "(for the job's owner)" }));
}

/// <summary>Tasks of one stage that have a slot now.</summary>
[GenerateSerializer, Immutable, Alias("microspark.RunningTasks")]
internal readonly record struct RunningTasks(
    [property: Id(0)] JobId Job,
    [property: Id(1)] LineageId Output,
    [property: Id(2)] int Count);

/// <summary>A worker moved or dropped blocks because memory was short.</summary>
/// <param name="Partition">Null when it is all that the worker held of the recipe.</param>
/// <param name="Bytes">What that freed in memory.</param>
[GenerateSerializer, Immutable, Alias("microspark.BlockMove")]
internal readonly record struct BlockMove(
    [property: Id(0)] DateTimeOffset Time,
    [property: Id(1)] LineageId Lineage,
    [property: Id(2)] int? Partition,
    [property: Id(3)] long Bytes,
    [property: Id(4)] bool ToDisk);

/// <summary>Asks for what is new: of one context's jobs, or of one job.</summary>
/// <param name="Seen">How far each worker's events are known; from the beginning for others.</param>
/// <param name="FromNow">No events, only where those to come begin.</param>
[GenerateSerializer, Immutable, Alias("microspark.EventQuery")]
internal sealed record EventQuery(
    [property: Id(0)] ContextId? Context,
    [property: Id(1)] JobId? Job,
    [property: Id(2)] EventCursor[] Seen,
    [property: Id(3)] bool FromNow = false);

/// <summary>Everything of a worker's events before <paramref name="Next"/> is known.</summary>
[GenerateSerializer, Immutable, Alias("microspark.EventCursor")]
internal readonly record struct EventCursor([property: Id(0)] WorkerId Worker, [property: Id(1)] long Next);

/// <summary>One worker's answer.</summary>
/// <param name="Next">Where to go on.</param>
/// <param name="More">There is more: ask again at once.</param>
/// <param name="Missed">Events, of any job, that were dropped before they were asked for.</param>
/// <param name="Notes">Of tasks whose owners are at the worker; the attempts were anywhere.</param>
[GenerateSerializer, Immutable, Alias("microspark.EventPage")]
internal sealed record EventPage(
    [property: Id(0)] WorkerId Worker,
    [property: Id(1)] long Next,
    [property: Id(2)] bool More,
    [property: Id(3)] long Missed,
    [property: Id(4)] StageSpans[] Stages,
    [property: Id(5)] BlockMove[] Moves,
    [property: Id(6)] RunningTasks[] Running,
    [property: Id(7)] StageNotes[] Notes);
