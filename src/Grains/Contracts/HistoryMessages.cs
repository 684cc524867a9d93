using MicroSpark.Model;
using MicroSpark.Plans;

namespace MicroSpark.Grains.Contracts;

/// <summary>Where in the user's source a lambda of a node of a plan was written.</summary>
/// <param name="Node">Its index in the plan.</param>
/// <param name="Line">File and line, such as <c>Program.cs:12</c>; empty when no symbols were found.</param>
/// <param name="Captured">Bytes that it captures, when they are many; else 0.</param>
/// <param name="Debug">It is of a Debug build.</param>
[GenerateSerializer, Immutable, Alias("microspark.NodeSource")]
internal readonly record struct NodeSource(
    [property: Id(0)] int Node,
    [property: Id(1)] string Line,
    [property: Id(2)] long Captured = 0,
    [property: Id(3)] bool Debug = false);

/// <summary>A stage as the plan has it, for people.</summary>
/// <param name="Parents">The kept outputs that it reads.</param>
/// <param name="Operators">What runs in its tasks, in the order in which elements pass.</param>
/// <param name="Sources">Lines of the user's source that it comes from.</param>
/// <param name="Captured">Bytes that the lambda with the most captures, when they are many; else 0.</param>
/// <param name="CapturedAt">That lambda's line; null when it is not known.</param>
/// <param name="Debug">It has lambdas of a Debug build.</param>
/// <param name="Lines">Of each operator the line of its first lambda, empty when there is none; null in older logs.</param>
[GenerateSerializer, Immutable, Alias("microspark.StageOutline")]
internal sealed record StageOutline(
    [property: Id(0)] int Stage,
    [property: Id(1)] LineageId Output,
    [property: Id(2)] string Operator,
    [property: Id(3)] OutputKind Kind,
    [property: Id(4)] int Partitions,
    [property: Id(5)] LineageId[] Parents,
    [property: Id(6)] string[] Operators,
    [property: Id(7)] string[] Sources,
    [property: Id(8)] long Captured = 0,
    [property: Id(9)] string? CapturedAt = null,
    [property: Id(10)] bool Debug = false,
    [property: Id(11)] string[]? Lines = null);

/// <summary>A task that failed, with the user's stack.</summary>
[GenerateSerializer, Immutable, Alias("microspark.TaskTrouble")]
internal sealed record TaskTrouble(
    [property: Id(0)] SpanStage Stage,
    [property: Id(1)] TaskSpan Task,
    [property: Id(2)] string? Operator,
    [property: Id(3)] string? Stack);

/// <summary>What a silo's history has of one job.</summary>
/// <param name="Next">Where to go on.</param>
/// <param name="More">There is more: ask again at once.</param>
/// <param name="Stages">What the rows name.</param>
/// <param name="Rows">Task ends, packed; of the silo's own build.</param>
/// <param name="Running">Tasks that have a slot now, packed alike.</param>
/// <param name="Failures">The newest ones, all each time.</param>
/// <param name="Notes">Of owners on this silo; the newest ones, all each time.</param>
/// <param name="Summary">The job as it was last driven here; null when it was not.</param>
/// <param name="Plan">Its stages; empty when it was not driven here.</param>
/// <param name="Keys">Of each of its stages that had tasks here the key with the most values, where it has many.</param>
[GenerateSerializer, Immutable, Alias("microspark.HistoryPage")]
internal sealed record HistoryPage(
    [property: Id(0)] WorkerId Worker,
    [property: Id(1)] long Next,
    [property: Id(2)] bool More,
    [property: Id(3)] SpanStage[] Stages,
    [property: Id(4)] byte[] Rows,
    [property: Id(5)] byte[] Running,
    [property: Id(6)] TaskTrouble[] Failures,
    [property: Id(7)] StageNotes[] Notes,
    [property: Id(8)] JobSummary? Summary,
    [property: Id(9)] StageOutline[] Plan,
    [property: Id(10)] StageKey[]? Keys = null);

/// <summary>The key of a stage that has the most values in one task.</summary>
/// <param name="Key">For people: cut, and without what could act on a terminal.</param>
[GenerateSerializer, Immutable, Alias("microspark.StageKey")]
internal sealed record StageKey(
    [property: Id(0)] SpanStage Stage,
    [property: Id(1)] int Partition,
    [property: Id(2)] string Key,
    [property: Id(3)] long Values);

/// <summary>A part of an event log.</summary>
/// <param name="Next">Where to go on.</param>
/// <param name="More">There is more.</param>
/// <param name="Written">When the log was: of several of one job the newest counts.</param>
[GenerateSerializer, Immutable, Alias("microspark.LogPage")]
internal sealed record LogPage(
    [property: Id(0)] byte[] Bytes,
    [property: Id(1)] long Next,
    [property: Id(2)] bool More,
    [property: Id(3)] DateTimeOffset Written);

/// <summary>What a silo's tasks did in one second.</summary>
/// <param name="Busy">Slots that had a task, on average.</param>
/// <param name="Remote">Bytes that they read from other processes.</param>
[GenerateSerializer, Immutable, Alias("microspark.PulseSecond")]
internal readonly record struct PulseSecond(
    [property: Id(0)] double Busy,
    [property: Id(1)] int Tasks,
    [property: Id(2)] int Failed,
    [property: Id(3)] long Input,
    [property: Id(4)] long Shuffled,
    [property: Id(5)] long Spilled,
    [property: Id(6)] long Remote = 0);

/// <summary>How a silo is.</summary>
/// <param name="Heap">Bytes of the process's managed heap.</param>
/// <param name="Collecting">Percent of the process's time that went into collecting garbage.</param>
/// <param name="Working">Bytes that running tasks hold.</param>
/// <param name="Second">The Unix second of the last of <paramref name="Seconds"/>, by the silo's clock.</param>
/// <param name="Jobs">Those that were driven here and have changed.</param>
/// <param name="Version">To ask for later changes with.</param>
[GenerateSerializer, Immutable, Alias("microspark.Pulse")]
internal sealed record Pulse(
    [property: Id(0)] WorkerDescription Worker,
    [property: Id(1)] long Heap,
    [property: Id(2)] double Collecting,
    [property: Id(3)] long Working,
    [property: Id(4)] long Second,
    [property: Id(5)] PulseSecond[] Seconds,
    [property: Id(6)] JobSummary[] Jobs,
    [property: Id(7)] long Version);

/// <summary>A line that a task of a job said.</summary>
[GenerateSerializer, Immutable, Alias("microspark.WorkerLine")]
internal readonly record struct WorkerLine([property: Id(0)] JobId Job, [property: Id(1)] SaidLine Line);

/// <summary>A persisted recipe at one worker, and who holds it.</summary>
[GenerateSerializer, Immutable, Alias("microspark.HeldRdd")]
internal sealed record HeldRdd([property: Id(0)] LineageId Lineage, [property: Id(1)] ContextId[] Holders);
