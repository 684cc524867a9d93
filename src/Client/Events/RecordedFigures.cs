using MicroSpark.Driver.Events;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Figures;
using MicroSpark.Grains.History;
using MicroSpark.Model;
using MicroSpark.Tasks;

namespace MicroSpark.Client.Events;

/// <summary>A job of an event log as the page's figures want it.</summary>
internal static class RecordedFigures
{
    public static JobRecording Of(RecordedJob job)
    {
        var recording = new JobRecording(job.Start.Job) { Summary = SummaryOf(job) };
        recording.Learn([.. job.Stages.Select(static stage => new StageOutline(
            stage.Plan.Stage, stage.Plan.Output, stage.Plan.Operator, stage.Plan.Kind, stage.Plan.Partitions, [.. stage.Plan.Parents],
            stage.Plan.Operators.Count > 0 ? [.. stage.Plan.Operators] : [stage.Plan.Operator], [.. stage.Plan.Sources]))]);
        var runs = job.Stages.SelectMany(static stage => stage.Tasks.Select(task => (stage.Plan.Output, task.Worker, task.Run)));
        foreach (var (worker, tasks) in runs.GroupBy(
            static one => one.Worker, static one => (one.Output, one.Run), static (worker, tasks) => (worker, tasks)))
        {
            Add(recording, new WorkerId(worker), tasks);
        }

        foreach (var stage in job.Stages)
        {
            if (stage.Completed is { } complete)
            {
                recording.Completed[stage.Plan.Output] = complete;
            }

            recording.Notes.AddRange(stage.Notes.Select(note => (stage.Plan.Output, new TaskNote(
                note.Time, note.Partition, note.Attempt, note.Worker is { } at ? new WorkerId(at) : null, note.End, note.Again,
                note.Reason))));
            recording.Failures.AddRange(stage.Tasks.Where(static task => task.Run.End == TaskEnd.Failed)
                .Select(task => (new WorkerId(task.Worker), TroubleOf(job, stage.Plan, task.Run))));
        }

        recording.Notes.Sort(static (a, b) => a.Note.Time.CompareTo(b.Note.Time));
        recording.Failures.Sort(static (a, b) => a.Trouble.Task.Began.CompareTo(b.Trouble.Task.Began));
        return recording;
    }

    /// <summary>
    /// A log has no lanes: each task gets the lowest one that is free when it begins, as the worker would have given it.
    /// </summary>
    private static void Add(JobRecording recording, WorkerId worker, IEnumerable<(LineageId Output, TaskAttempt Run)> tasks)
    {
        var ends = new List<long>();
        foreach (var (output, run) in tasks.OrderBy(static one => one.Run.Started))
        {
            var began = run.Started.UtcTicks;
            var lane = ends.FindIndex(end => end <= began);
            if (lane < 0)
            {
                lane = ends.Count;
                ends.Add(0);
            }

            ends[lane] = began + run.Took.Ticks;
            recording.Add(worker, output, new TaskRow
            {
                Began = began,
                Took = run.Took.Ticks,
                Records = run.Records,
                Bytes = run.Bytes,
                Input = run.Traffic.Input,
                ShuffleRead = run.Traffic.ShuffleRead,
                RemoteRead = run.Traffic.RemoteRead,
                ShuffleWritten = run.Traffic.ShuffleWritten,
                Spilled = run.Traffic.Spilled,
                Partition = run.Partition,
                Attempt = (ushort)run.Attempt,
                Lane = (ushort)lane,
                End = (byte)run.End,
                Copy = run.Copy ? (byte)1 : (byte)0,
            });
        }
    }

    private static JobSummary SummaryOf(RecordedJob job)
    {
        var stages = job.Stages.ToArray();
        var traffic = stages.Aggregate(default(TaskTraffic), static (sum, stage) => sum + stage.Traffic);
        return new JobSummary(
            job.Start.Job, default, job.Start.Name, job.Start.Group, 0, 0, job.End is { } end ? (JobPhase)end.State : JobPhase.Running,
            stages.Count(static stage => stage.Completed is not null), stages.Length, stages.Sum(static stage => stage.Completed
                ?? stage.Succeeded.Count()), stages.Sum(static stage => stage.Completed ?? stage.Plan.Partitions), job.Start.Time,
            job.End is { } over ? job.Start.Time + over.Took : null, job.End?.Error, traffic);
    }

    private static TaskTrouble TroubleOf(RecordedJob job, StagePlan plan, TaskAttempt run) => new(
        new SpanStage(job.Start.Job, default, plan.Output, plan.Stage, plan.Kind, plan.Operator, plan.Partitions),
        new TaskSpan(
            run.Partition, default, run.Attempt, run.Started, run.Took, run.End, run.Records, run.Bytes, run.Traffic, run.Error, run.Copy),
        null, null);
}
