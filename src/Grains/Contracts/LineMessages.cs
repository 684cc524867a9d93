using MicroSpark.Model;
using Microsoft.Extensions.Logging;

namespace MicroSpark.Grains.Contracts;

/// <summary>One line that a task said, with nothing in it that could act on a terminal.</summary>
/// <param name="Time">By the worker's clock.</param>
/// <param name="Attempt">0 for the task's first.</param>
/// <param name="Severity">A <see cref="LogLevel"/>.</param>
/// <param name="Category">Whose logger it was, when it had a name.</param>
[GenerateSerializer, Immutable, Alias("microspark.SaidLine")]
internal sealed record SaidLine(
    [property: Id(0)] DateTimeOffset Time,
    [property: Id(1)] WorkerId Worker,
    [property: Id(2)] int Stage,
    [property: Id(3)] int Partition,
    [property: Id(4)] int Attempt,
    [property: Id(5)] byte Severity,
    [property: Id(6)] string? Category,
    [property: Id(7)] string Text)
{
    public LogLevel Level => (LogLevel)Severity;

    public int Characters => Text.Length + (Category?.Length ?? 0);
}

/// <summary>What one worker's tasks said of late, all of one job.</summary>
/// <param name="Dropped">How many more lines there were, which do not come.</param>
[GenerateSerializer, Immutable, Alias("microspark.SaidBatch")]
internal sealed record SaidBatch(
    [property: Id(0)] WorkerId Worker,
    [property: Id(1)] SaidLine[] Lines,
    [property: Id(2)] long Dropped);

/// <summary>How many lines of one worker's tasks are not kept.</summary>
[GenerateSerializer, Immutable, Alias("microspark.DroppedLines")]
internal readonly record struct DroppedLines([property: Id(0)] WorkerId Worker, [property: Id(1)] long Count);

/// <summary>Lines of a job, as one silo keeps them.</summary>
/// <param name="Keeper">That silo.</param>
/// <param name="Next">Where to go on.</param>
/// <param name="More">There is more: ask again at once.</param>
/// <param name="Dropped">Of each worker that said more than is kept.</param>
[GenerateSerializer, Immutable, Alias("microspark.SaidPage")]
internal sealed record SaidPage(
    [property: Id(0)] WorkerId Keeper,
    [property: Id(1)] SaidLine[] Lines,
    [property: Id(2)] int Next,
    [property: Id(3)] bool More,
    [property: Id(4)] DroppedLines[] Dropped);
