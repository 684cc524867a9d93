using System.Text.Encodings.Web;
using System.Text.Json;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Figures;
using MicroSpark.Model;
using MicroSpark.Tasks;

namespace MicroSpark.Grains.Archive;

/// <summary>
/// One job's event log, in the order of a client's own: <c>microspark history</c> reads it. Beside what a client writes, a failed task has
/// its stack, and the last line what lists show of the job, so that a list needs no more than that.
/// </summary>
internal sealed class JobLogWriter(Stream file, JobId job) : IDisposable
{
    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Utf8JsonWriter _json = new(file, s_options);

    /// <summary>Bytes so far.</summary>
    public long Length { get; private set; }

    public void Joined(DateTimeOffset time, WorkerDescription worker)
    {
        Begin("worker-joined", time);
        _json.WriteString("worker", worker.Id.Value);
        _json.WriteString("name", worker.Name);
        _json.WriteString("address", worker.Address);
        _json.WriteNumber("slots", worker.Slots);
        _json.WriteNumber("memoryBudget", worker.MemoryBudget);
        End();
    }

    public void Started(JobSummary summary, IEnumerable<StageOutline> stages)
    {
        BeginOfJob("job-started", summary.Started);
        _json.WriteString("name", summary.Name);
        _json.WriteString("group", summary.Group);
        EventParts.WriteStages(_json, stages);
        End();
    }

    /// <param name="stack">Of a failed task, where it is known.</param>
    public void Ended(LineageId output, int stage, WorkerId worker, TaskSpan task, string? failedOperator, string? stack)
    {
        BeginOfStage("task-ended", task.Began + task.Took, output, stage);
        EventParts.Write(_json, worker.Value, task);
        if (failedOperator is not null)
        {
            _json.WriteString("operator", failedOperator);
        }

        if (stack is not null)
        {
            _json.WriteString("stack", stack);
        }

        End();
    }

    public void Noted(LineageId output, int stage, TaskNote note)
    {
        BeginOfStage("task-noted", note.Time, output, stage);
        EventParts.Write(_json, note);
        End();
    }

    public void Completed(DateTimeOffset time, LineageId output, int stage, int partitions)
    {
        BeginOfStage("stage-completed", time, output, stage);
        _json.WriteNumber("partitions", partitions);
        End();
    }

    /// <summary>Task ends of a worker that are not in the log.</summary>
    public void Missed(DateTimeOffset time, WorkerId worker, long count)
    {
        Begin("events-missed", time);
        _json.WriteString("worker", worker.Value);
        _json.WriteNumber("count", count);
        End();
    }

    public void Ended(JobSummary summary)
    {
        var ended = summary.Ended ?? summary.Started;
        BeginOfJob("job-ended", ended);
        _json.WriteString("state", Words.Of(summary.Phase));
        _json.WriteNumber("milliseconds", (ended - summary.Started).TotalMilliseconds);
        _json.WriteString("error", summary.Error);
        _json.WriteString("name", summary.Name);
        _json.WriteString("group", summary.Group);
        _json.WriteString("started", summary.Started.ToUniversalTime());
        if (summary.Owner is { } owner)
        {
            _json.WriteString("owner", owner);
        }

        _json.WriteNumber("epoch", summary.Epoch);
        _json.WriteNumber("sequence", summary.Sequence);
        _json.WriteNumber("stagesDone", summary.StagesDone);
        _json.WriteNumber("stagesTotal", summary.StagesTotal);
        _json.WriteNumber("tasksDone", summary.TasksDone);
        _json.WriteNumber("tasksTotal", summary.TasksTotal);
        EventParts.Write(_json, summary.Traffic);
        End();
    }

    public void Dispose() => _json.Dispose();

    private void BeginOfStage(string name, DateTimeOffset time, LineageId output, int stage)
    {
        BeginOfJob(name, time);
        _json.WriteString("output", output.ToString());
        _json.WriteNumber("stage", stage);
    }

    private void BeginOfJob(string name, DateTimeOffset time)
    {
        Begin(name, time);
        _json.WriteString("job", job.ToString());
    }

    private void Begin(string name, DateTimeOffset time)
    {
        _json.WriteStartObject();
        _json.WriteString("event", name);
        _json.WriteString("time", time.ToUniversalTime());
    }

    private void End()
    {
        _json.WriteEndObject();
        _json.Flush();
        Length += _json.BytesCommitted + 1;
        _json.Reset();
        file.WriteByte((byte)'\n');
    }
}
