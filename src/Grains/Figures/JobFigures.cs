using System.Runtime.InteropServices;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.History;
using MicroSpark.Model;
using MicroSpark.Plans;
using MicroSpark.Tasks;

namespace MicroSpark.Grains.Figures;

/// <summary>What a page shows of a job, from what was recorded of it.</summary>
internal static class JobFigures
{
    private const int MostFailures = 100;
    private const int MostNotes = 200;

    /// <param name="slots">Of the cluster.</param>
    /// <param name="own">Whether it is for somebody who may see the job's values.</param>
    public static JobDetail Of(JobRecording job, DateTimeOffset now, int slots, bool own = true)
    {
        var origin = StartOf(job);
        var sums = job.Outputs.Select(static _ => new StageSums()).ToArray();
        foreach (var part in job.Workers)
        {
            foreach (ref readonly var row in CollectionsMarshal.AsSpan(part.Rows))
            {
                sums[row.Stage].Add(row, part.Worker);
            }

            foreach (ref readonly var row in CollectionsMarshal.AsSpan(part.Running))
            {
                sums[row.Stage].Begin(row);
            }
        }

        var costs = CostsOf(job, sums);

        var indexes = job.Outputs.Select((output, i) => (output, i)).ToDictionary(one => one.output, one => one.i);
        var over = job.Summary is { Phase: not JobPhase.Running };
        StageOutline[] plan = [.. job.Plan.OrderBy(static s => s.Stage).ThenBy(static s => s.Kind == OutputKind.Result)];
        var stages = Array.ConvertAll(plan, stage =>
            Shape(stage, indexes.TryGetValue(stage.Output, out var i) ? sums[i] : new StageSums(), origin, over, job));
        var numbers = job.Plan.ToDictionary(static stage => stage.Output, static stage => stage.Stage);
        var shape = job.Summary is { } summary ? Of(summary, now) : Unknown(job, stages);
        var owner = shape.Owner;
        FailureShape[] failures = [.. job.Failures.TakeLast(MostFailures).Select(one => new FailureShape(
            one.Trouble.Stage.Stage, one.Trouble.Operator, one.Trouble.Task.Partition, one.Trouble.Task.AttemptNumber,
            one.Worker.Value, Milliseconds((one.Trouble.Task.Began + one.Trouble.Task.Took).UtcTicks - origin), one.Trouble.Task.Error,
            one.Trouble.Stack, one.Trouble.Task.At ?? UserLine.Of(one.Trouble.Stack)))];
        var attempts = new NotedAttempts(job);
        NoteShape[] notes = [.. job.Notes.TakeLast(MostNotes).Select(one => new NoteShape(
            numbers.GetValueOrDefault(one.Output), one.Note.Partition, one.Note.AttemptNumber, one.Note.Worker?.Value,
            one.Note.End is { } end ? Words.Of(end) : null, one.Note.Again, Milliseconds(one.Note.Time.UtcTicks - origin),
            one.Note.Reason, attempts.SecondsOf(one.Output, one.Note), attempts.After(one.Output, one.Note)))];
        if (!own)
        {
            // Before the advice is given, which names keys.
            shape = shape.ForOthers();
            stages = Array.ConvertAll(stages, stage => stage.ForOthers(owner));
            failures = Array.ConvertAll(failures, failure => failure.ForOthers(owner));
            notes = Array.ConvertAll(notes, note => note.ForOthers(owner));
        }

        var advised = Array.ConvertAll(plan, stage => indexes.TryGetValue(stage.Output, out var i) ? costs[i] : null);
        return new JobDetail(
            shape, job.Count, stages, failures, notes, Advice.Of(new AdvisedJob(shape, stages, advised, failures, job.Notes, slots)));
    }

    /// <summary>A second look at all tasks, for what the first one has to know the medians of.</summary>
    private static StageCosts[] CostsOf(JobRecording job, StageSums[] sums)
    {
        var costs = Array.ConvertAll(sums, static one => one.Costs());
        foreach (var part in job.Workers)
        {
            foreach (ref readonly var row in CollectionsMarshal.AsSpan(part.Rows))
            {
                costs[row.Stage].Add(row);
            }
        }

        return costs;
    }

    public static JobShape Of(JobSummary job, DateTimeOffset now) => new(
        job.Job.ToString(), job.Name, job.Group, Words.Of(job.Phase), job.Started.ToUnixTimeMilliseconds(),
        Math.Max(0, ((job.Ended ?? now) - job.Started).TotalSeconds), job.StagesDone, job.StagesTotal, job.TasksDone, job.TasksTotal,
        job.Traffic.Input, job.Traffic.ShuffleRead, job.Traffic.Spilled, job.Error, job.Phase == JobPhase.Running ? job.Waits : null,
        job.Owner);

    /// <summary>From where times of the job are counted: ticks.</summary>
    public static long StartOf(JobRecording job)
    {
        var first = job.Summary?.Started.UtcTicks ?? long.MaxValue;
        foreach (var part in job.Workers)
        {
            foreach (ref readonly var row in CollectionsMarshal.AsSpan(part.Rows))
            {
                first = Math.Min(first, row.Began);
            }

            foreach (ref readonly var row in CollectionsMarshal.AsSpan(part.Running))
            {
                first = Math.Min(first, row.Began);
            }
        }

        return first == long.MaxValue ? 0 : first;
    }

    /// <summary>The last end that is known.</summary>
    public static long EndOf(JobRecording job)
    {
        var last = job.Summary?.Ended?.UtcTicks ?? 0;
        foreach (var part in job.Workers)
        {
            foreach (ref readonly var row in CollectionsMarshal.AsSpan(part.Rows))
            {
                last = Math.Max(last, row.Ended);
            }

            foreach (ref readonly var row in CollectionsMarshal.AsSpan(part.Running))
            {
                last = Math.Max(last, row.Ended);
            }
        }

        return last;
    }

    private static StageShape Shape(StageOutline stage, StageSums sums, long origin, bool over, JobRecording job)
    {
        var wanted = job.Completed.TryGetValue(stage.Output, out var complete) ? complete : stage.Partitions;
        var made = sums.Partitions.Count;
        var done = over ? job.Summary!.Phase == JobPhase.Succeeded || made >= wanted : made >= wanted;
        var state = sums.Running > 0 ? "running"
            : made == 0 && over && sums.Failed == 0 && job.Summary!.Phase == JobPhase.Succeeded ? "reused"
            : done ? "done" : made > 0 || sums.Failed > 0 ? "running" : "waiting";
        var names = StageNames.Of(stage);
        return new StageShape(
            stage.Output.ToString(), stage.Stage, stage.Operator, Words.Of(stage.Kind), stage.Partitions,
            [.. stage.Parents.Select(static parent => parent.ToString())], stage.Operators, stage.Sources,
            over && state == "running" ? "stopped" : state, sums.Succeeded, sums.Running, sums.Failed, sums.Retries, sums.Copies,
            done && (over || job.Completed.Count > 0) ? Math.Max(0, wanted - made) : 0,
            sums.First == long.MaxValue ? 0 : Milliseconds(sums.First - origin),
            sums.First == long.MaxValue ? 0 : TimeSpan.FromTicks(sums.Last - sums.First).TotalSeconds,
            TimeSpan.FromTicks(sums.Time).TotalSeconds, sums.Records, sums.Bytes, sums.Traffic.Input, sums.Traffic.ShuffleRead,
            sums.Traffic.RemoteRead, sums.Traffic.ShuffleWritten, sums.Traffic.Spilled,
            [.. sums.Quarters.Select(Milliseconds)],
            Quartiles.Of(CollectionsMarshal.AsSpan(sums.RecordsOf)), Quartiles.Of(CollectionsMarshal.AsSpan(sums.BytesOf)), sums.Slowest(),
            job.Keys.TryGetValue(stage.Output, out var key) ? new KeyShape(key.Key, key.Partition, key.Values) : null, stage.Captured,
            stage.CapturedAt, stage.Debug)
        {
            Name = names.Name,
            Feeds = names.Feeds,
            Line = names.Line,
            TaskReadBytes = Quartiles.Of(CollectionsMarshal.AsSpan(sums.ReadOf)),
            TaskReadRecords = Quartiles.Of(CollectionsMarshal.AsSpan(sums.ReadRecordsOf)),
            ReadRecords = sums.Traffic.ReadRecords,
            SlowestTasks = sums.SlowestTasks(origin),
            FailedSeconds = TimeSpan.FromTicks(sums.FailedTime).TotalSeconds,
        };
    }

    private static JobShape Unknown(JobRecording job, StageShape[] stages) => new(
        job.Job.ToString(), "", null, "unknown", TimeSpan.FromTicks(Math.Max(0, StartOf(job) - DateTimeOffset.UnixEpoch.UtcTicks))
            .TotalMilliseconds,
        TimeSpan.FromTicks(EndOf(job) - StartOf(job)).TotalSeconds, 0, stages.Length, stages.Sum(static s => s.Tasks),
        stages.Sum(static s => s.Partitions), stages.Sum(static s => s.InputBytes), stages.Sum(static s => s.ShuffleReadBytes),
        stages.Sum(static s => s.SpilledBytes), null, null);

    public static double Milliseconds(long ticks) => ticks / (double)TimeSpan.TicksPerMillisecond;
}
