using System.Globalization;
using MicroSpark.Options;

namespace MicroSpark.Grains.Figures;

/// <summary>
/// A stage that waits for its longest tasks: they are <see cref="StageCosts">much longer than the others</see>, and without them the stage
/// would have ended earlier, by a part and by a time that are worth a change.
/// </summary>
internal static class UnevenAdvice
{
    /// <summary>Of the stage's time.</summary>
    private const double Part = 0.1;

    /// <summary>In seconds: who waits begins to notice it.</summary>
    private const double Time = 0.1;

    /// <summary>Of all that a stage's tasks took: from then on it is as if they had been one.</summary>
    private const double NearlyAll = 0.8;

    /// <summary>What read so many times the median has more data than the others, and not only slower elements.</summary>
    private const double More = 1.5;

    public static AdviceShape? Of(AdvisedJob job, StageShape stage, StageCosts? costs)
    {
        if (costs is null || stage is not { Tasks: > 1, Running: 0, Slowest: { } slow })
        {
            return null;
        }

        var saves = costs.Uneven(job.Slots);
        if (saves < Time || saves < Part * stage.Seconds)
        {
            return null;
        }

        var others = costs.Held > 1 ? $" and {Advice.Count(costs.Held - 1, "more partition")}" : "";
        var (cause, lines) = Cause(job, stage, slow);
        return Advice.For(
            job, stage, slow.Share >= NearlyAll ? "one-task" : "skew",
            $"{Capital(Advice.NameOf(stage))} waits for partition {slow.Partition}{others}: {Advice.Could(job, saves)}",
            $"Partition {slow.Partition} of {Advice.Number(stage.Partitions)} took {Durations.Show(slow.Seconds)}, the median task "
            + $"{Durations.Show(costs.Median)}. {KeyOf(stage, slow)}{ReadBy(stage, slow)}{cause} Spread evenly over the slots, the stage "
            + $"would have ended about {Durations.Show(saves)} earlier.",
            lines.Length == 0 ? null : string.Join(", ", lines), saves);
    }

    /// <summary>Why it is so, what to change, and where.</summary>
    private static (string Text, string[] Lines) Cause(AdvisedJob job, StageShape stage, SlowestShape slow)
    {
        var at = stage.Line is { } line ? $"{line}, " : "";
        if (!ReadMore(stage, slow) && KeyOf(stage, slow).Length == 0)
        {
            return ($"So its elements take longer, or its worker was slow: look at {at}what runs on each of them.", Lines(stage.Line));
        }

        if (stage.ShuffleReadBytes == 0)
        {
            return (
                $"Divide its input: more partitions at the source, or smaller files. What runs on it is {at}the last operator with a "
                + "lambda of yours.", Lines(stage.Line));
        }

        // Where the keys come from is what made the shuffle.
        var maker = Array.Find(job.Stages, one => stage.Parents.Contains(one.Output));
        var made = maker?.Line is { } source ? $"at {source}" : "before the shuffle";
        var groups = maker?.Feeds is "GroupByKey" or "GroupBy" or "Cogroup";
        return (
            "All values of one key go to one task, so more partitions alone do not divide it. Change the key, which is made "
            + $"{made}: give a heavy one a random part and combine in two steps"
            + (groups ? "; or combine before the shuffle, with ReduceByKey or AggregateByKey in place of " + maker!.Feeds : "")
            + $"; or make {(stage.Line is { } own ? own : "what runs on each key")} cheaper for many values.",
            Lines(maker?.Line, stage.Line));
    }

    private static string[] Lines(params string?[] lines) => [.. lines.OfType<string>().Distinct()];

    private static bool ReadMore(StageShape stage, SlowestShape slow) =>
        stage.TaskReadBytes is [_, _, var median, _, _] && slow.ReadBytes > More * median;

    private static string ReadBy(StageShape stage, SlowestShape slow)
    {
        var all = stage.InputBytes + stage.ShuffleReadBytes;
        return all == 0 || stage.TaskReadBytes.Length == 0 ? $"It gave {Advice.Number(slow.Records)} records. "
            : ReadMore(stage, slow)
                ? string.Create(
                    CultureInfo.InvariantCulture,
                    $"It read {ByteSize.Show(slow.ReadBytes)}{RecordsOf(slow)}, {100.0 * slow.ReadBytes / all:0} % of what the stage "
                    + $"read; the median task {ByteSize.Show(stage.TaskReadBytes[2])}. ")
                : $"It read {ByteSize.Show(slow.ReadBytes)}, no more than others. ";
    }

    private static string RecordsOf(SlowestShape slow) =>
        slow.ReadRecords == 0 ? "" : $" in {Advice.Number(slow.ReadRecords)} records";

    /// <summary>Names the key that makes a partition slow, where it is known.</summary>
    private static string KeyOf(StageShape stage, SlowestShape slow) =>
        stage.HeaviestKey is not { } key || key.Partition != slow.Partition ? ""
        : $"{(key.Withheld ? $"One key {key.Key}" : $"Key '{key.Key}'")} alone has {Advice.Number(key.Values)} values. ";

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
