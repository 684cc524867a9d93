using MicroSpark.Grains.Contracts;
using MicroSpark.Plans;

namespace MicroSpark.Driver.Events;

/// <summary>Makes the events of a job that this process did not follow, of what workers still remember.</summary>
internal static class PastJobs
{
    public static List<EngineEvent> Of(JobSummary job, EventPage[] pages)
    {
        var id = job.Job;
        var ran = pages.SelectMany(page => page.Stages.SelectMany(share => share.Tasks.Select(task => (page.Worker, share.Stage, Task: task)))).ToArray();
        var stages = ran.GroupBy(one => one.Stage.Output).Select(stage => new StagePlan(
            stage.First().Stage.Stage, stage.Key, stage.First().Stage.Name ?? "", stage.First().Stage.Kind, stage.First().Stage.Partitions, []));
        var events = new List<EngineEvent>
        {
            new EngineEvent.JobStarted(job.Started, id, job.Name, job.Group, [.. stages.OrderBy(stage => stage.Stage).ThenBy(stage => stage.Kind == OutputKind.Result)]),
        };
        events.AddRange(ran.OrderBy(one => one.Task.Began + one.Task.Took).Select(one => new EngineEvent.TaskEnded(
            one.Task.Began + one.Task.Took, id, one.Stage.Output, one.Stage.Stage, one.Worker.Value, TaskRuns.Of(one.Task))));
        if (job.Ended is { } ended)
        {
            events.Add(new EngineEvent.JobEnded(ended, id, (JobState)job.Phase, ended - job.Started, job.Error));
        }

        return events;
    }
}
