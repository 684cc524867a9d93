using System.Globalization;
using MicroSpark.Grains.Contracts;
using MicroSpark.Model;
using MicroSpark.Options;
using MicroSpark.Tasks;

namespace MicroSpark.Grains.Figures;

/// <summary>
/// What a job's figures say about its program, as a sentence and the line to change. Each rule needs enough time to be worth a change: what
/// took less than half a second is left alone.
/// </summary>
internal static class Advice
{
    private const double Worth = 0.5;

    public static AdviceShape[] Of(JobShape job, StageShape[] stages, IReadOnlyList<(LineageId Output, TaskNote Note)> notes, int slots)
    {
        var advice = new List<AdviceShape>();
        foreach (var stage in stages.Where(static stage => stage.Tasks > 0))
        {
            var all = new[] { OneTask(stage), Skew(stage), Tiny(stage), Idle(stage, slots), Spill(stage), Failures(stage) };
            advice.AddRange(all.OfType<(string Kind, string Title, string Text)>().Select(one => new AdviceShape(
                one.Kind, job.Id, job.Name, stage.Stage, one.Title, one.Text, SourceOf(stage))));
            if (stage.CapturedBytes > 0)
            {
                advice.Add(new AdviceShape(
                    "large-capture", job.Id, job.Name, stage.Stage,
                    $"A lambda of stage {stage.Stage} captures {ByteSize.Show(stage.CapturedBytes)}",
                    $"They travel with each job, and each of the {Count(stage.Partitions, "task")} makes a copy of its own. Put the data "
                    + "into spark.Broadcast(value) and capture the broadcast: it goes to each worker once.",
                    stage.CapturedAt ?? SourceOf(stage)));
            }
        }

        if (job.Seconds >= Worth && Array.Find(stages, static stage => stage is { Debug: true, Tasks: > 0 }) is { } slow)
        {
            advice.Add(new AdviceShape(
                "debug-build", job.Id, job.Name, null, "The program is a Debug build",
                "Its lambdas are neither optimised nor inlined, and run up to ten times slower. Build and run it with -c Release.",
                SourceOf(slow)));
        }

        var lost = notes.Count(static one => one.Note is { End: TaskEnd.OutputLost, Again: true });
        if (lost > 0)
        {
            advice.Add(new AdviceShape(
                "recomputed", job.Id, job.Name, null, $"{Count(lost, "finished task")} had to run again",
                "Their outputs were gone when they were needed: a worker left, or memory was short. Give more MemoryBudget, or persist "
                + "with a level that has disk or two copies.", null));
        }

        return [.. advice];
    }

    /// <summary>The last lines of the stage: what takes the time is most often there.</summary>
    private static string? SourceOf(StageShape stage) => stage.Sources.Length == 0 ? null : string.Join(", ", stage.Sources.TakeLast(3));

    private static (string, string, string)? OneTask(StageShape stage)
    {
        if (stage is not { Tasks: > 1, Slowest: { Share: >= 0.8 } slow } || slow.Seconds < Worth)
        {
            return null;
        }

        return (
            "one-task", $"One task took {Percent(slow.Share)} of stage {stage.Stage}",
            $"Partition {slow.Partition} of {stage.Partitions} took {Seconds(slow.Seconds)}, while the other {stage.Tasks - 1} together "
            + $"took {Seconds(stage.TaskSeconds - slow.Seconds)}. It read {ByteSize.Show(slow.ReadBytes)} and gave "
            + $"{Number(slow.Records)} records. {KeyOf(stage, slow)}Nothing runs beside it: divide its work, for example by a key with "
            + "more values, or by more and smaller input files.");
    }

    private static (string, string, string)? Skew(StageShape stage)
    {
        if (stage is not { Tasks: >= 4, Time: [_, _, var median, _, var most], Slowest: { Share: < 0.8 } slow }
            || most < 4 * median || most < 1000 * Worth)
        {
            return null;
        }

        return (
            "skew", $"Stage {stage.Stage} waits for partition {slow.Partition}",
            $"It took {Seconds(most / 1000)}, half of the others at most {Seconds(median / 1000)}. {KeyOf(stage, slow)}"
            + (stage.ShuffleReadBytes > 0
                ? "A few keys have most of the data. Combine before the shuffle (ReduceByKey instead of GroupByKey), or add a random "
                    + "part to the key and combine in two steps."
                : "Its part of the input is larger or slower: ask for more partitions at the source."));
    }

    private static (string, string, string)? Tiny(StageShape stage) =>
        stage is { Tasks: >= 200, Time: [_, _, < 5, _, _] } && stage.TaskSeconds >= Worth
            ? ("tiny-partitions", $"{Count(stage.Tasks, "tiny task")} in stage {stage.Stage}",
                $"Half of them took less than {stage.Time[2].ToString("0.##", CultureInfo.InvariantCulture)} ms, most of which is the task "
                + "itself. Use fewer partitions: Coalesce before this stage, or give the operator a smaller number.")
            : null;

    private static (string, string, string)? Idle(StageShape stage, int slots) =>
        stage.Partitions < slots && stage.Seconds >= 2 * Worth && stage.Tasks == stage.Partitions
            ? ("idle-slots", $"Stage {stage.Stage} uses {stage.Partitions} of {slots} slots",
                $"It took {Seconds(stage.Seconds)} with {Count(stage.Partitions, "partition")}. Give the source or the operator before it "
                + $"at least {slots} partitions, or Repartition.")
            : null;

    private static (string, string, string)? Spill(StageShape stage) =>
        stage.SpilledBytes > 0
            ? ("spill", $"Stage {stage.Stage} spilled {ByteSize.Show(stage.SpilledBytes)}",
                "Its tasks had more data than memory and went through the disk. Use more partitions, so that each has less, or give the "
                + "workers more MemoryBudget.")
            : null;

    private static (string, string, string)? Failures(StageShape stage) =>
        stage.Failed > 0
            ? ("failures", $"{Count(stage.Failed, "task")} of stage {stage.Stage} failed",
                "Each was tried again, which costs its time twice. What they threw is on the job's page, with the line of your code.")
            : null;

    /// <summary>Names the key that makes a partition slow, where it is known.</summary>
    private static string KeyOf(StageShape stage, SlowestShape slow) =>
        stage.HeaviestKey is not { } key || key.Partition != slow.Partition ? ""
        : $"{(key.Withheld ? $"One key {key.Key}" : $"Key '{key.Key}'")} alone has {Number(key.Values)} values. ";

    private static string Seconds(double seconds) => seconds.ToString(seconds < 10 ? "0.## s" : "0 s", CultureInfo.InvariantCulture);

    private static string Percent(double share) => (100 * share).ToString("0", CultureInfo.InvariantCulture) + " %";

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static string Count(int number, string what) => $"{Number(number)} {what}{(number == 1 ? "" : "s")}";
}
