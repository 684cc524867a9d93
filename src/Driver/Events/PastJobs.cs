using MicroSpark.Grains.Contracts;
using MicroSpark.Plans;

namespace MicroSpark.Driver.Events;

/// <summary>Makes the events of a job that this process did not follow, of what workers still remember.</summary>
internal static class PastJobs
{
    public static List<EngineEvent> Of(JobSummary job, EventPage[] pages)
    {
        var id = job.Job;
        var ran = pages.SelectMany(
            page => page.Stages.SelectMany(share => share.Tasks.Select(task => (page.Worker, share.Stage, Task: task)))).ToArray();
        var notes = pages.SelectMany(page => page.Notes)
            .SelectMany(share => share.Notes.Select(note => (share.Stage, Note: note))).ToArray();

        // A stage whose workers are all lost is known from what its owner says.
        var stages = ran.Select(one => one.Stage).Concat(notes.Select(one => one.Stage)).DistinctBy(stage => stage.Output)
            .Select(stage => new StagePlan(stage.Stage, stage.Output, stage.Name ?? "", stage.Kind, stage.Partitions, []));
        var events = new List<EngineEvent>
        {
            new EngineEvent.JobStarted(
                job.Started, id, job.Name, job.Group,
                [.. stages.OrderBy(stage => stage.Stage).ThenBy(stage => stage.Kind == OutputKind.Result)]),
        };
        var ends = ran.Select(EngineEvent (one) => new EngineEvent.TaskEnded(
            one.Task.Began + one.Task.Took, id, one.Stage.Output, one.Stage.Stage, one.Worker.Value, TaskAttempts.Of(one.Task)));
        events.AddRange(ends.Concat(notes.Select(one => TaskAttempts.Of(one.Stage, one.Stage.Stage, one.Note))).OrderBy(one => one.Time));
        if (job.Ended is { } ended)
        {
            events.Add(new EngineEvent.JobEnded(ended, id, (JobState)job.Phase, ended - job.Started, job.Error));
        }

        return events;
    }
}
