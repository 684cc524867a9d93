using MicroSpark.Tasks;

namespace MicroSpark.Client.Output;

/// <summary>
/// For a log: a line when a stage has come a quarter further or has ended, and when a job waits for slots; never the same line twice.
/// </summary>
internal sealed class PlainProgress(TextWriter output) : IProgressView
{
    private const int Steps = 4;

    private readonly Dictionary<(JobId Job, LineageId Output), int> _said = [];
    private readonly HashSet<(JobId Job, bool NoWorker)> _queued = [];

    public void Show(IReadOnlyCollection<StageLine> stages, IReadOnlyCollection<JobProgress> queued)
    {
        foreach (var job in queued)
        {
            if (_queued.Add((job.Job, job.NoWorker)))
            {
                output.WriteLine($"{job.Name} waits for {(job.NoWorker ? "a worker: none answers" : "slots")} (job {job.Job})");
            }
        }

        foreach (var line in stages)
        {
            var stage = line.Stage;
            if (stage.TasksDone == 0)
            {
                continue;
            }

            var step = (int)((long)stage.TasksDone * Steps / stage.TasksTotal);
            if (step > _said.GetValueOrDefault((line.Job, stage.Output), -1))
            {
                _said[(line.Job, stage.Output)] = step;
                var details = line.Details();
                output.WriteLine(
                    $"{line.JobName} stage {stage.StageId} {stage.Operator}: {stage.TasksDone}/{stage.TasksTotal} "
                    + $"tasks{(details.Length > 0 ? ", " : "")}{details}");
            }
        }
    }

    public void Hide()
    {
    }
}
