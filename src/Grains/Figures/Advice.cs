using System.Globalization;
using MicroSpark.Grains.Contracts;
using MicroSpark.Model;
using MicroSpark.Options;
using MicroSpark.Tasks;

namespace MicroSpark.Grains.Figures;

/// <summary>A job as advice is given on it.</summary>
/// <param name="Costs">Of each stage; null of one without tasks.</param>
/// <param name="Slots">Of the cluster.</param>
internal sealed record AdvisedJob(
    JobShape Job, StageShape[] Stages, StageCosts?[] Costs, FailureShape[] Failures,
    IReadOnlyList<(LineageId Output, TaskNote Note)> Notes, int Slots);

/// <summary>
/// What a job's figures say about its program: what it cost, and the line to change. What costs most of the job's time comes first, then
/// what has a cost that figures do not show, then what is cheap.
/// </summary>
internal static class Advice
{
    /// <summary>In seconds: what took less in all is left alone.</summary>
    private const double Worth = 0.5;

    /// <summary>A part of the job's time from which advice comes before that whose cost is not known.</summary>
    private const double Dear = 0.1;

    public static AdviceShape[] Of(AdvisedJob job)
    {
        var advice = new List<AdviceShape>();
        if (job.Job.Seconds >= Worth && Array.Find(job.Stages, static stage => stage is { Debug: true, Tasks: > 0 }) is { } slow)
        {
            advice.Add(For(
                job, null, "debug-build", "The program is a Debug build",
                "Its lambdas are neither optimised nor inlined, and run up to ten times slower. Build and run it with -c Release.",
                slow.Line));
        }

        foreach (var (stage, costs) in job.Stages.Zip(job.Costs))
        {
            if (stage.Tasks + stage.Failed > 0)
            {
                AdviceShape?[] all =
                [
                    UnevenAdvice.Of(job, stage, costs), Tiny(job, stage), Idle(job, stage), Spill(job, stage), Failures(job, stage, costs),
                    Capture(job, stage),
                ];
                advice.AddRange(all.OfType<AdviceShape>());
            }
        }

        if (Recomputed(job) is { } again)
        {
            advice.Add(again);
        }

        return [.. advice.OrderBy(one => RankOf(one, job.Job)).ThenByDescending(static one => one.Saves)];
    }

    /// <summary>Advice on a stage, or on the job.</summary>
    /// <param name="saves">Null when figures do not say.</param>
    public static AdviceShape For(
        AdvisedJob job, StageShape? stage, string kind, string title, string text, string? source, double? saves = null) =>
        new(kind, job.Job.Id, job.Job.Name, stage?.Stage, title, text, source, saves is { } all ? Math.Round(all, 6) : null);

    /// <summary>What could be saved, as the end of a title.</summary>
    public static string Could(AdvisedJob job, double saves) =>
        $"about {Durations.Show(saves)} of the job's {Durations.Show(Math.Max(job.Job.Seconds, saves))} could be saved";

    public static string NameOf(StageShape stage) => $"stage {stage.Stage} ({stage.Name})";

    public static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    public static string Count(int number, string what) => $"{Number(number)} {what}{(number == 1 ? "" : "s")}";

    private static int RankOf(AdviceShape advice, JobShape job) =>
        advice.Saves is not { } saves ? 1 : saves >= Dear * job.Seconds ? 0 : 2;

    private static AdviceShape? Tiny(AdvisedJob job, StageShape stage)
    {
        if (stage is not { Tasks: >= 200, Time: [_, _, < 5, _, _] } || stage.TaskSeconds < Worth)
        {
            return null;
        }

        var saves = Math.Max(0, stage.Seconds - (stage.TaskSeconds / job.Slots));
        return For(
            job, stage, "tiny-partitions", $"{Count(stage.Tasks, "tiny task")} in {NameOf(stage)}",
            $"Half of them took less than {Durations.Show(stage.Time[2] / 1000)}, most of which is the task itself. Use fewer partitions: "
            + "Coalesce before this stage, or give the operator a smaller number. Between tasks the slots stood idle for "
            + $"{Durations.Show(saves)}.",
            stage.Line, saves);
    }

    private static AdviceShape? Idle(AdvisedJob job, StageShape stage)
    {
        if (stage.Partitions >= job.Slots || stage.Seconds < 2 * Worth || stage.Tasks != stage.Partitions)
        {
            return null;
        }

        var saves = Math.Max(0, stage.Seconds - (stage.TaskSeconds / job.Slots));
        return For(
            job, stage, "idle-slots", $"{Capital(NameOf(stage))} uses {stage.Partitions} of {job.Slots} slots: {Could(job, saves)}",
            $"It took {Durations.Show(stage.Seconds)} with {Count(stage.Partitions, "partition")}. Give the source or the operator before "
            + $"it at least {job.Slots} partitions, or Repartition.",
            stage.Line, saves);
    }

    private static AdviceShape? Spill(AdvisedJob job, StageShape stage) => stage.SpilledBytes <= 0 ? null : For(
        job, stage, "spill", $"{Capital(NameOf(stage))} spilled {ByteSize.Show(stage.SpilledBytes)}",
        "Its tasks had more data than memory and went through the disk. Use more partitions, so that each has less, or give the "
        + "workers more MemoryBudget.",
        stage.Line);

    /// <summary>When the job has failed with it, it is all that the job cost.</summary>
    private static AdviceShape? Failures(AdvisedJob job, StageShape stage, StageCosts? costs)
    {
        if (stage.Failed == 0)
        {
            return null;
        }

        var failed = Array.FindLast(job.Failures, one => one.Stage == stage.Stage);
        var why = failed?.Error is { } error
            ? $" The last one, attempt {failed.Attempt + 1} at partition {failed.Partition}, ended with {FirstLine(error)}"
                + $"{(failed.Line is { } line ? $" at {line}" : "")}."
            : "";
        if (job.Job.State == "failed" && stage.State != "done")
        {
            return For(
                job, stage, "failures", $"{Count(stage.Failed, "attempt")} in {NameOf(stage)} failed, and with them the job",
                $"All {Durations.Show(job.Job.Seconds)} of it were for nothing.{why}", failed?.Line ?? stage.Line, job.Job.Seconds);
        }

        // While tasks run it is not known when the stage would have ended.
        var later = stage.Running > 0 ? 0 : costs?.Retried ?? 0;
        var saves = Math.Min(job.Job.Seconds, Math.Max(later, stage.FailedSeconds / job.Slots));
        return For(
            job, stage, "failures",
            $"{Count(stage.Failed, "attempt")} in {NameOf(stage)} failed and ran again: it cost "
            + $"{(saves < 0.0005 ? "nearly nothing" : $"about {Durations.Show(saves)} of the job's {Durations.Show(job.Job.Seconds)}")}",
            $"The failed {(stage.Failed == 1 ? "attempt" : "attempts")} had a slot for {Durations.Show(stage.FailedSeconds)}; to try "
            + $"again, and to wait for it, made the stage end {Durations.Show(later)} later.{why}"
            + (stage.State == "done" ? " All came through when they were tried again, so it is not their data alone that fails." : ""),
            failed?.Line ?? stage.Line, saves);
    }

    private static AdviceShape? Capture(AdvisedJob job, StageShape stage) => stage.CapturedBytes <= 0 || stage.Tasks == 0 ? null : For(
        job, stage, "large-capture", $"A lambda of {NameOf(stage)} captures {ByteSize.Show(stage.CapturedBytes)}",
        $"They travel with each job, and each of the {Count(stage.Partitions, "task")} makes a copy of its own. Put the data into "
        + "spark.Broadcast(value) and capture the broadcast: it goes to each worker once.",
        stage.CapturedAt ?? stage.Line);

    private static AdviceShape? Recomputed(AdvisedJob job)
    {
        var lost = job.Notes.Count(static one => one.Note is { End: TaskEnd.OutputLost, Again: true });
        if (lost == 0)
        {
            return null;
        }

        var again = job.Costs.Sum(static one => one?.Again ?? 0);
        return For(
            job, null, "recomputed", $"{Count(lost, "finished task")} had to run again",
            "Their outputs were gone when they were needed: a worker left, or memory was short. "
            + (again > 0 ? $"Making them again took {Durations.Show(again)} of tasks. " : "")
            + "Give more MemoryBudget, or persist with a level that has disk or two copies.",
            null, again > 0 ? again / job.Slots : null);
    }

    private static string FirstLine(string text) => text.Split('\n')[0].TrimEnd('\r', '.');

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
