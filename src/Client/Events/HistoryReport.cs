using System.Globalization;
using MicroSpark.Client.Output;
using MicroSpark.Display;
using MicroSpark.Driver.Events;
using MicroSpark.Grains.Figures;
using MicroSpark.Options;
using MicroSpark.Tasks;

namespace MicroSpark.Client.Events;

/// <summary>A recorded job for people: its stages, and how its tasks spread.</summary>
internal static class HistoryReport
{
    private static readonly string[] s_stageColumns = [
        "stage", "operator", "kind", "partitions", "reused", "tasks", "failed", "retries", "records", "bytes", "input", "shuffle read",
        "remote", "spilled", "time"];
    private static readonly string[] s_spreadColumns = ["stage", "per task", "min", "25%", "50%", "75%", "max"];

    private static readonly string[] s_noteColumns = ["stage", "partition", "attempt", "worker", "ended", "why"];

    /// <summary>Reasons in one report: a lost worker may have had thousands of tasks. The log and <c>--json</c> have all.</summary>
    private const int MostNotes = 20;

    /// <param name="now">The job as the cluster has it; null when only its log is known.</param>
    public static void Write(TextWriter output, RecordedJob job, JobInfo? now = null)
    {
        var name = $"{job.Start.Name}{(job.Start.Group is { } group ? $" of group {group}" : "")}";
        output.WriteLine($"Job {job.Start.Job} {VisibleText.Of(name)}: {StateOf(job, now)}");
        if (job.End?.Error is { } error)
        {
            output.WriteLine(VisibleText.OfLines($"  {error}"));
        }

        ListTable.Write(output, s_stageColumns, job.Stages.Select(Row));
        var spreads = job.Stages.Where(stage => stage.Succeeded.Any()).SelectMany(Distributions).ToArray();
        if (spreads.Length > 0)
        {
            ListTable.Write(output, s_spreadColumns, spreads);
        }

        WriteNotes(output, [.. job.Stages.SelectMany(stage => stage.Notes).OrderBy(note => note.Time)]);
    }

    /// <summary>Answers "why did this run twice?".</summary>
    private static void WriteNotes(TextWriter output, EngineEvent.TaskNoted[] notes)
    {
        if (notes.Length == 0)
        {
            return;
        }

        var which = notes.Length > MostNotes ? $"; the newest {MostNotes} of {notes.Length} reasons" : "";
        output.WriteLine($"Why tasks were tried again{which}");
        ListTable.Write(output, s_noteColumns, notes.TakeLast(MostNotes).Select(Row));
    }

    private static string[] Row(EngineEvent.TaskNoted note) =>
    [
        Number(note.Stage), note.Partition is { } partition ? Number(partition) : "open ones",
        note.Attempt is { } attempt ? Number(attempt + 1) : "", note.Worker ?? "",
        note.End is { } end ? EventJson.Text(end) : "goes on", note.Reason.ReplaceLineEndings(" "),
    ];

    private static string StateOf(RecordedJob job, JobInfo? now) =>
        job.End is { } end ? $"{end.State} after {Units.Time(end.Took)}"
        : now is not null ? $"Running for {Units.Time(now.Duration)}, {now.TasksDone} of {Units.Count(now.TasksTotal, "task")} done"
        : "its end is not in the log";

    private static string[] Row(RecordedStage stage)
    {
        var traffic = stage.Traffic;
        var runs = stage.Tasks.Select(t => t.Run).ToArray();
        var time = runs.Length == 0 ? "" : Units.Time(runs.Max(r => r.Started + r.Took) - runs.Min(r => r.Started));
        return
        [
            Number(stage.Plan.Stage), stage.Plan.Operator, stage.Plan.Kind.ToString(), Number(stage.Plan.Partitions), Number(stage.Reused),
            Number(stage.Succeeded.Count()),
            Number(stage.Failures), Number(stage.Retries), Number(stage.Succeeded.Sum(r => r.Records)), ByteSize.Show(
                stage.Succeeded.Sum(r => r.Bytes)),
            ByteSize.Show(traffic.Input), ByteSize.Show(traffic.ShuffleRead), ByteSize.Show(traffic.RemoteRead),
            ByteSize.Show(traffic.Spilled), time,
        ];
    }

    private static IEnumerable<string[]> Distributions(RecordedStage stage)
    {
        yield return Distribution("time", r => r.Took.Ticks, ticks => Units.Time(new TimeSpan(ticks)));
        yield return Distribution("read", r => r.Traffic.Input + r.Traffic.ShuffleRead, ByteSize.Show);
        yield return Distribution("records read", r => r.Traffic.ReadRecords, Number);
        yield return Distribution("records", r => r.Records, Number);
        yield return Distribution("bytes", r => r.Bytes, ByteSize.Show);

        string[] Distribution(string what, Func<TaskAttempt, long> of, Func<long, string> text) =>
            [Number(stage.Plan.Stage), what, .. Quartiles.Of(stage.Succeeded.Select(of).ToArray()).Select(text)];
    }

    private static string Number(int number) => Number((long)number);

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
