using System.Globalization;

namespace MicroSpark.Bench.Chaos;

/// <summary>How a round ended.</summary>
internal enum RoundEnd
{
    Right,

    /// <summary>A result that is not the known one.</summary>
    Wrong,

    /// <summary>An error where there should be none: of an action, or of a worker that ended by itself.</summary>
    Failed,

    /// <summary>No end within the bound.</summary>
    Hung,
}

/// <summary>One round as it went.</summary>
/// <param name="IsFirst">Whether workers have joined just before: they compile. It counts as no clean round.</param>
/// <param name="Fault">Null of a clean one, and of one that had ended before its fault came.</param>
/// <param name="FaultAt">Since the round's start.</param>
/// <param name="Doubt">From the fault until a task's owner said that the victim does not answer, or is lost; null when it had no task of this round.</param>
/// <param name="Verdict">From the fault until the cluster called the victim lost, as the client heard.</param>
internal sealed record RoundReport(
    int Number, TimeSpan Started, string Workload, bool IsFirst, FaultKind? Fault, string Victims, TimeSpan? FaultAt, TimeSpan Took, TimeSpan? Doubt, TimeSpan? Verdict,
    RoundEnd End, string? Why)
{
    public override string ToString()
    {
        var fault = Fault is null ? IsFirst ? "first" : "clean" : string.Create(CultureInfo.InvariantCulture, $"{Fault} {Victims} at {FaultAt?.TotalSeconds:0.00} s");
        var doubt = Doubt is null ? "" : string.Create(CultureInfo.InvariantCulture, $", doubt after {Doubt.Value.TotalSeconds:0.00} s");
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Number,5} {Started:hh\\:mm\\:ss} {Workload,-13} {Took.TotalSeconds,7:0.00} s  {fault}{doubt}{(End == RoundEnd.Right ? "" : $"  {End.ToString().ToUpperInvariant()}: {Why}")}");
    }
}
