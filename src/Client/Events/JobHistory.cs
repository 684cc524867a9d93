using System.Text;
using MicroSpark.Client.Output;
using MicroSpark.Driver.Events;
using MicroSpark.Tasks;

namespace MicroSpark.Client.Events;

/// <summary>Jobs as their events tell them, live or from a file.</summary>
internal sealed class JobHistory
{
    private readonly Dictionary<JobId, RecordedJob> _jobs = [];
    private readonly Dictionary<string, EngineEvent.WorkerJoined> _workers = [];
    private readonly List<RecordedJob> _order = [];

    /// <summary>In the order in which they began.</summary>
    public IReadOnlyList<RecordedJob> Jobs => _order;

    /// <summary>All workers there were, by id.</summary>
    public IReadOnlyDictionary<string, EngineEvent.WorkerJoined> Workers => _workers;

    public int WorkersLost { get; private set; }

    /// <summary>Of blocks that workers moved to disk because memory was short.</summary>
    public long BytesToDisk { get; private set; }

    /// <summary>Of blocks that they dropped.</summary>
    public long BytesDropped { get; private set; }

    /// <summary>Events that workers dropped before they were asked for: then the numbers are no longer all.</summary>
    public long Missed { get; private set; }

    /// <summary>Lines of the file that are no events.</summary>
    public int Unreadable { get; private set; }

    /// <summary>Reads a log, or all logs of a folder in which a cluster keeps them.</summary>
    /// <exception cref="UsageException">The file cannot be read or is no event log.</exception>
    public static JobHistory Read(string path)
    {
        var history = new JobHistory();
        var read = 0;
        FormatException? wrong = null;
        try
        {
            foreach (var line in FilesOf(path).SelectMany(File.ReadLines).Where(line => line.Length > 0))
            {
                try
                {
                    if (EventJson.Read(Encoding.UTF8.GetBytes(line)) is { } one)
                    {
                        history.Add(one);
                    }

                    read++;
                }
                catch (FormatException e)
                {
                    // A writer that is killed leaves half a line, which others may append to: what is whole counts.
                    wrong ??= e;
                    history.Unreadable++;
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{e.Message} Give a file that --event-log wrote.", e);
        }

        return read > 0 || wrong is null
            ? history
            : throw new UsageException($"{path} holds no event: {wrong.Message} Give a file that --event-log wrote.", wrong);
    }

    /// <summary>The logs of a folder in the order in which their jobs ended.</summary>
    private static IEnumerable<string> FilesOf(string path) => Directory.Exists(path)
        ? new DirectoryInfo(path).EnumerateFiles("*.jsonl").OrderBy(static file => file.LastWriteTimeUtc)
            .Select(static file => file.FullName)
        : [path];

    /// <summary>Gives a job out and forgets it.</summary>
    public RecordedJob? Take(JobId id)
    {
        if (_jobs.Remove(id, out var job))
        {
            _order.Remove(job);
        }

        return job;
    }

    public void Add(EngineEvent one)
    {
        switch (one)
        {
            case EngineEvent.WorkerJoined e:
                _workers[e.Worker] = e;
                break;
            case EngineEvent.WorkerLost:
                WorkersLost++;
                break;
            case EngineEvent.BlockMoved { ToDisk: true } e:
                BytesToDisk += e.Bytes;
                break;
            case EngineEvent.BlockMoved e:
                BytesDropped += e.Bytes;
                break;
            case EngineEvent.EventsMissed e:
                Missed += e.Count;
                break;
            case EngineEvent.JobStarted e:
                _jobs[e.Job] = new RecordedJob(e);
                _order.Add(_jobs[e.Job]);
                break;
            case EngineEvent.TaskEnded e:
                _jobs.GetValueOrDefault(e.Job)?.StageOf(e.Output)?.Tasks.Add((e.Worker, e.Task));
                break;
            case EngineEvent.TaskNoted e:
                _jobs.GetValueOrDefault(e.Job)?.StageOf(e.Output)?.Notes.Add(e);
                break;
            case EngineEvent.StageCompleted e:
                if (_jobs.GetValueOrDefault(e.Job)?.StageOf(e.Output) is { } stage)
                {
                    stage.Completed = e.Partitions;
                }

                break;
            case EngineEvent.JobEnded e:
                _jobs.GetValueOrDefault(e.Job)?.End = e;
                break;
        }
    }
}

/// <summary>One job.</summary>
internal sealed class RecordedJob(EngineEvent.JobStarted start)
{
    private readonly Dictionary<LineageId, RecordedStage> _stages = start.Stages.ToDictionary(s => s.Output, s => new RecordedStage(s));

    public EngineEvent.JobStarted Start => start;

    /// <summary>Null while it runs, and when its log ends before it did.</summary>
    public EngineEvent.JobEnded? End { get; set; }

    /// <summary>Those that are read before those that read them.</summary>
    public IEnumerable<RecordedStage> Stages => start.Stages.Select(s => _stages[s.Output]);

    public RecordedStage? StageOf(LineageId output) => _stages.GetValueOrDefault(output);
}

/// <summary>One stage of one job.</summary>
internal sealed class RecordedStage(StagePlan plan)
{
    public StagePlan Plan => plan;

    /// <summary>Attempts that have ended, in the order in which they were told.</summary>
    public List<(string Worker, TaskAttempt Run)> Tasks { get; } = [];

    /// <summary>Why tasks were tried again, in the order in which their owners said so.</summary>
    public List<EngineEvent.TaskNoted> Notes { get; } = [];

    /// <summary>Partitions that were there when the stage was complete; null when it never was.</summary>
    public int? Completed { get; set; }

    /// <summary>Those that computed an output.</summary>
    public IEnumerable<TaskAttempt> Succeeded => Tasks.Select(t => t.Run).Where(r => r is { End: TaskEnd.Succeeded, Copy: false });

    /// <summary>Partitions that were there already, computed by another job or kept: no task of this job made them.</summary>
    public int Reused => Math.Max(0, (Completed ?? 0) - Succeeded.Select(r => r.Partition).Distinct().Count());

    /// <summary>Of the tasks that succeeded.</summary>
    public TaskTraffic Traffic => Succeeded.Aggregate(default(TaskTraffic), (sum, run) => sum + run.Traffic);

    public int Failures => Tasks.Count(t => t.Run.End == TaskEnd.Failed);

    public int Retries => Tasks.Count(t => t.Run is { Attempt: > 0, Copy: false });
}
