using System.Text.Json;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Figures;
using MicroSpark.Model;
using MicroSpark.Tasks;

namespace MicroSpark.Grains.Archive;

/// <summary>
/// Reads one job's event log, piece by piece, into what figures are made of. Who can write to the folder may have written anything: a line
/// that is none is left out, and what is read is text and numbers.
/// </summary>
internal sealed class JobLogReader(JobRecording job)
{
    private readonly Dictionary<WorkerId, List<(LineageId Output, TaskSpan Task)>> _tasks = [];
    private byte[] _rest = [];

    /// <summary>The next piece of the file, which may end anywhere.</summary>
    public void Add(byte[] piece)
    {
        var bytes = _rest.Length == 0 ? piece : [.. _rest, .. piece];
        var at = 0;
        while (bytes.AsSpan(at).IndexOf((byte)'\n') is >= 0 and var length)
        {
            Read(bytes.AsMemory(at, length));
            at += length + 1;
        }

        _rest = bytes[at..];
    }

    /// <summary>The file is over: true when it was whole, and the job is what the log says from now on.</summary>
    public bool End()
    {
        if (job.Summary is not { Phase: not JobPhase.Running })
        {
            return false; // cut off: it is read again from its beginning
        }

        foreach (var (worker, tasks) in _tasks)
        {
            job.Add(worker, tasks);
        }

        job.Failures.Sort(static (a, b) => a.Trouble.Task.Began.CompareTo(b.Trouble.Task.Began));
        return job.IsRead = true;
    }

    /// <summary>What lists show of a job, from the last line of its log.</summary>
    public static JobSummary Summary(JsonElement e)
    {
        var started = e.GetProperty("started").GetDateTimeOffset();
        return new JobSummary(
            EventParts.Job(e), default, EventParts.Text(e, "name"), EventParts.TextOrNull(e, "group"), EventParts.Number(e, "epoch"),
            EventParts.Number(e, "sequence"), Enum.Parse<JobPhase>(EventParts.Text(e, "state"), ignoreCase: true),
            e.GetProperty("stagesDone").GetInt32(), e.GetProperty("stagesTotal").GetInt32(), e.GetProperty("tasksDone").GetInt32(),
            e.GetProperty("tasksTotal").GetInt32(), started, started + EventParts.Milliseconds(e), EventParts.TextOrNull(e, "error"),
            EventParts.Traffic(e), Owner: EventParts.TextOrNull(e, "owner")).Shortened();
    }

    /// <summary>Whether an exception says that bytes are no event of a log.</summary>
    public static bool IsDamage(Exception e) =>
        e is JsonException or KeyNotFoundException or InvalidOperationException or ArgumentException or FormatException
            or OverflowException;

    private void Read(ReadOnlyMemory<byte> line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            Read(document.RootElement);
        }
        catch (Exception e) when (IsDamage(e))
        {
            // What is whole counts.
        }
    }

    private void Read(JsonElement e)
    {
        switch (EventParts.Text(e, "event"))
        {
            case "job-started":
                job.Learn(EventParts.Stages(e));
                break;
            case "task-ended":
                ReadTask(e, EventParts.Lineage(e, "output"), new WorkerId(EventParts.Text(e, "worker")));
                break;
            case "task-noted":
                job.Notes.Add((EventParts.Lineage(e, "output"), EventParts.Note(e.GetProperty("time").GetDateTimeOffset(), e)));
                break;
            case "stage-completed":
                job.Completed[EventParts.Lineage(e, "output")] = e.GetProperty("partitions").GetInt32();
                break;
            case "job-ended" when EventParts.Job(e) == job.Job:
                job.Summary = Summary(e);
                break;
        }
    }

    private void ReadTask(JsonElement e, LineageId output, WorkerId worker)
    {
        var task = EventParts.Task(e);
        if (!_tasks.TryGetValue(worker, out var tasks))
        {
            _tasks.Add(worker, tasks = []);
        }

        tasks.Add((output, task));
        if (task.End == TaskEnd.Failed)
        {
            var stage = new SpanStage(job.Job, default, output, e.GetProperty("stage").GetInt32(), default, null, 0);
            job.Failures.Add((worker, new TaskTrouble(
                stage, task, EventParts.TextOrNull(e, "operator"), EventParts.TextOrNull(e, "stack"))));
        }
    }
}
