using MicroSpark.Engine;

namespace MicroSpark.Client;

/// <summary>For a log: a line when a stage has come a quarter further or has ended, never the same line twice.</summary>
internal sealed class PlainProgress(TextWriter output) : IProgressView
{
    private const int Steps = 4;

    private readonly Dictionary<(JobId Job, int Stage), int> _said = [];

    public void Show(IReadOnlyCollection<JobProgress> jobs)
    {
        foreach (var job in jobs)
        {
            foreach (var stage in job.Stages.Where(stage => stage is { TasksTotal: > 0, TasksDone: > 0 }))
            {
                var step = (int)((long)stage.TasksDone * Steps / stage.TasksTotal);
                if (step > _said.GetValueOrDefault((job.Job, stage.StageId), -1))
                {
                    _said[(job.Job, stage.StageId)] = step;
                    output.WriteLine($"{job.Name} stage {stage.StageId} {stage.Operator}: {stage.TasksDone}/{stage.TasksTotal} tasks");
                }
            }
        }
    }

    public void Hide()
    {
    }
}
