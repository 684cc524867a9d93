using MicroSpark.Driver.Events;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Figures;
using MicroSpark.Model;
using MicroSpark.Tasks;

namespace MicroSpark.Client.Events;

/// <summary>A job of an event log as the page's figures want it.</summary>
internal static class RecordedFigures
{
    public static JobRecording Of(RecordedJob job)
    {
        var recording = new JobRecording(job.Start.Job) { Summary = SummaryOf(job) };
        recording.Learn([.. job.Stages.Select(static stage => EventJson.Outline(stage.Plan))
            .Select(static stage => stage.Operators.Length > 0 ? stage : stage with { Operators = [stage.Operator] })]);
        var runs = job.Stages.SelectMany(static stage => stage.Tasks.Select(task => (stage.Plan.Output, task.Worker, task.Run)));
        foreach (var (worker, tasks) in runs.GroupBy(
            static one => one.Worker, static one => (one.Output, EventJson.Span(one.Run)), static (worker, tasks) => (worker, tasks)))
        {
            recording.Add(new WorkerId(worker), tasks);
        }

        foreach (var stage in job.Stages)
        {
            if (stage.Completed is { } complete)
            {
                recording.Completed[stage.Plan.Output] = complete;
            }

            recording.Notes.AddRange(stage.Notes.Select(note => (stage.Plan.Output, EventJson.Note(note))));
            recording.Failures.AddRange(stage.Tasks.Where(static task => task.Run.End == TaskEnd.Failed)
                .Select(task => (new WorkerId(task.Worker), TroubleOf(job, stage.Plan, task.Run))));
        }

        recording.Notes.Sort(static (a, b) => a.Note.Time.CompareTo(b.Note.Time));
        recording.Failures.Sort(static (a, b) => a.Trouble.Task.Began.CompareTo(b.Trouble.Task.Began));
        return recording;
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
        EventJson.Span(run),
        null, null);
}
