using System.Diagnostics;
using MicroSpark.Tasks;

namespace MicroSpark.Driver.Events;

/// <summary>
/// The jobs of a context as traces: a span for each job, below it one for each stage, below that one for each attempt at a task. They are
/// made of the events that the context knows, so workers need no exporter, and a job's trace is whole where it was started. A job's span is
/// a child of what the caller is in, such as a request.
/// </summary>
/// <remarks>Called with one event at a time. Times of tasks are by their workers' clocks.</remarks>
internal sealed class JobTraces
{
    /// <summary>The name to listen to; the meter of the workers has the same.</summary>
    public const string SourceName = "MicroSpark";

    private static readonly ActivitySource s_source = new(SourceName, typeof(JobTraces).Assembly.GetName().Version?.ToString(3));

    private readonly Dictionary<JobId, Job> _jobs = [];

    /// <summary>Whether anybody listens.</summary>
    public static bool Wanted => s_source.HasListeners();

    public void On(EngineEvent one)
    {
        switch (one)
        {
            case EngineEvent.JobStarted started:
                Begin(started);
                break;
            case EngineEvent.TaskEnded ended when _jobs.TryGetValue(ended.Job, out var job):
                Tell(job, ended);
                break;
            case EngineEvent.JobEnded ended when _jobs.Remove(ended.Job, out var job):
                End(job, ended);
                break;
        }
    }

    /// <summary>The context is closed: what has not ended by now is not told of any more.</summary>
    public void Close()
    {
        foreach (var job in _jobs.Values)
        {
            job.Dispose();
        }

        _jobs.Clear();
    }

    /// <summary>Called where the job is started, so that what the caller is in becomes the parent.</summary>
    private void Begin(EngineEvent.JobStarted started)
    {
        if (Start(started.Name, Activity.Current?.Context ?? default, started.Time) is { } span)
        {
            span.SetTag("microspark.job", started.Job.ToString()).SetTag("microspark.job.group", started.Group);
            _jobs[started.Job] = new Job(span, started.Stages);
        }
    }

    private static void Tell(Job job, EngineEvent.TaskEnded ended)
    {
        var task = ended.Task;
        if (!job.Stages.TryGetValue(ended.Output, out var stage))
        {
            var plan = job.Plans.FirstOrDefault(plan => plan.Output == ended.Output);
            stage = Start($"stage {ended.Stage} {plan?.Operator}".TrimEnd(), job.Span.Context, task.Started);
            stage?.SetTag("microspark.stage", ended.Stage).SetTag("microspark.stage.partitions", plan?.Partitions);
            job.Stages.Add(ended.Output, stage);
        }

        if (stage is null)
        {
            return;
        }

        Widen(stage, task.Started, task.Started + task.Took);
        using var span = Start("task", stage.Context, task.Started);
        if (span is null)
        {
            return;
        }

        span.SetTag("microspark.stage", ended.Stage).SetTag("microspark.partition", task.Partition)
            .SetTag("microspark.attempt", task.Attempt).SetTag("microspark.worker", ended.Worker)
            .SetTag("microspark.end", task.End.ToString()).SetTag("microspark.records", task.Records)
            .SetTag("microspark.bytes", task.Bytes);
        if (task.End == TaskEnd.Failed)
        {
            span.SetStatus(ActivityStatusCode.Error, task.Error);
        }

        span.SetEndTime((task.Started + task.Took).UtcDateTime);
    }

    private static void End(Job job, EngineEvent.JobEnded ended)
    {
        job.Span.SetTag("microspark.job.state", ended.State.ToString());
        if (ended.State == JobState.Failed)
        {
            job.Span.SetStatus(ActivityStatusCode.Error, ended.Error);
        }

        job.Dispose();
    }

    /// <summary>A stage lasts from its first task's start to its last one's end, in whatever order they are told.</summary>
    private static void Widen(Activity stage, DateTimeOffset from, DateTimeOffset until)
    {
        var end = stage.StartTimeUtc + stage.Duration;
        if (from.UtcDateTime < stage.StartTimeUtc)
        {
            stage.SetStartTime(from.UtcDateTime);
        }

        stage.SetEndTime(until.UtcDateTime > end ? until.UtcDateTime : end);
    }

    /// <summary>Null when nobody wants this one. The caller's own span stays the current one.</summary>
    private static Activity? Start(string name, ActivityContext parent, DateTimeOffset time)
    {
        var current = Activity.Current;
        try
        {
            // Without a parent that it is given, a span would take the current one for it, which belongs to whoever brings the news.
            Activity.Current = null;
            return s_source.StartActivity(ActivityKind.Internal, parent, startTime: time, name: name);
        }
        finally
        {
            Activity.Current = current;
        }
    }

    private sealed record Job(Activity Span, IReadOnlyList<StagePlan> Plans) : IDisposable
    {
        public Dictionary<LineageId, Activity?> Stages { get; } = [];

        public void Dispose()
        {
            foreach (var stage in Stages.Values)
            {
                stage?.Dispose();
            }

            Span.Dispose();
        }
    }
}
