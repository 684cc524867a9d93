using System.Globalization;
using System.Text.Json;
using MicroSpark.Driver.Events;
using MicroSpark.Grains.Archive;
using MicroSpark.Grains.Contracts;
using MicroSpark.Model;

namespace MicroSpark.Client.Events;

/// <summary>
/// Events as JSON objects, one a line; docs/events.md describes them. Names and meanings stay; new properties and events may come, which
/// readers skip.
/// </summary>
internal static class EventJson
{
    public static void Write(Utf8JsonWriter json, EngineEvent one)
    {
        json.WriteStartObject();
        json.WriteString("event", NameOf(one));
        json.WriteString("time", one.Time.ToUniversalTime());
        switch (one)
        {
            case EngineEvent.WorkerJoined e:
                json.WriteString("worker", e.Worker);
                json.WriteString("name", e.Name);
                json.WriteString("address", e.Address);
                json.WriteNumber("slots", e.Slots);
                json.WriteNumber("memoryBudget", e.MemoryBudget);
                break;
            case EngineEvent.WorkerLost e:
                json.WriteString("worker", e.Worker);
                break;
            case EngineEvent.NoWorker e:
                json.WriteNumber("milliseconds", e.Waited.TotalMilliseconds);
                json.WriteNumber("most", e.Most.TotalMilliseconds);
                break;
            case EngineEvent.JobStarted e:
                WriteJobStarted(json, e);
                break;
            case EngineEvent.TaskEnded e:
                WriteTask(json, e);
                break;
            case EngineEvent.TaskNoted e:
                WriteNote(json, e);
                break;
            case EngineEvent.StageCompleted e:
                json.WriteString("job", e.Job.ToString());
                json.WriteString("output", e.Output.ToString());
                json.WriteNumber("stage", e.Stage);
                json.WriteNumber("partitions", e.Partitions);
                break;
            case EngineEvent.BlockMoved e:
                json.WriteString("worker", e.Worker);
                json.WriteString("output", e.Output.ToString());
                EventParts.WriteOptional(json, "partition", e.Partition);
                json.WriteNumber("bytes", e.Bytes);
                json.WriteString("to", e.ToDisk ? "disk" : "nowhere");
                break;
            case EngineEvent.EventsMissed e:
                json.WriteString("worker", e.Worker);
                json.WriteNumber("count", e.Count);
                break;
            case EngineEvent.JobEnded e:
                json.WriteString("job", e.Job.ToString());
                json.WriteString("state", Text(e.State));
                json.WriteNumber("milliseconds", e.Took.TotalMilliseconds);
                json.WriteString("error", e.Error);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(one), one, "An event is one of the closed set of EngineEvent.");
        }

        json.WriteEndObject();
    }

    /// <summary>Null for an event that this version does not know.</summary>
    /// <exception cref="FormatException">A property is missing or of another kind.</exception>
    public static EngineEvent? Read(ReadOnlyMemory<byte> line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            return Read(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or ArgumentException)
        {
            throw new FormatException(e.Message, e);
        }
    }

    private static EngineEvent? Read(JsonElement e)
    {
        var time = e.GetProperty("time").GetDateTimeOffset();
        return e.GetProperty("event").GetString() switch
        {
            "worker-joined" => new EngineEvent.WorkerJoined(
                time, EventParts.Text(e, "worker"), EventParts.Text(e, "name"), EventParts.Text(e, "address"),
                e.GetProperty("slots").GetInt32(), EventParts.Number(e, "memoryBudget")),
            "worker-lost" => new EngineEvent.WorkerLost(time, EventParts.Text(e, "worker")),
            "no-worker" => new EngineEvent.NoWorker(time, EventParts.Milliseconds(e), EventParts.Milliseconds(e, "most")),
            "job-started" =>
                new EngineEvent.JobStarted(
                    time, EventParts.Job(e), EventParts.Text(e, "name"), e.GetProperty("group").GetString(),
                    [.. EventParts.Stages(e).Select(Plan)]),
            "task-ended" =>
                new EngineEvent.TaskEnded(
                    time, EventParts.Job(e), EventParts.Lineage(e, "output"), e.GetProperty("stage").GetInt32(),
                    EventParts.Text(e, "worker"), TaskAttempts.Of(EventParts.Task(e))),
            "task-noted" => Note(time, e),
            "stage-completed" =>
                new EngineEvent.StageCompleted(
                    time, EventParts.Job(e), EventParts.Lineage(e, "output"), e.GetProperty("stage").GetInt32(),
                    e.GetProperty("partitions").GetInt32()),
            "block-moved" => new EngineEvent.BlockMoved(
                time, EventParts.Text(e, "worker"), EventParts.Lineage(e, "output"),
                e.TryGetProperty("partition", out var partition) ? partition.GetInt32() : null,
                EventParts.Number(e, "bytes"), EventParts.Text(e, "to") == "disk"),
            "events-missed" => new EngineEvent.EventsMissed(time, EventParts.Text(e, "worker"), EventParts.Number(e, "count")),
            "job-ended" =>
                new EngineEvent.JobEnded(
                    time, EventParts.Job(e), Enum.Parse<JobState>(EventParts.Text(e, "state"), ignoreCase: true),
                    EventParts.Milliseconds(e),
                    e.GetProperty("error").GetString()),
            _ => null,
        };
    }

    private static void WriteJobStarted(Utf8JsonWriter json, EngineEvent.JobStarted e)
    {
        json.WriteString("job", e.Job.ToString());
        json.WriteString("name", e.Name);
        json.WriteString("group", e.Group);
        EventParts.WriteStages(json, e.Stages.Select(Outline));
    }

    /// <summary>A plan's stage as the page's figures have it.</summary>
    public static StageOutline Outline(StagePlan stage) => new(
        stage.Stage, stage.Output, stage.Operator, stage.Kind, stage.Partitions, [.. stage.Parents], [.. stage.Operators],
        [.. stage.Sources], stage.Captured, stage.CapturedAt, stage.Debug, stage.Lines?.ToArray());

    private static StagePlan Plan(StageOutline stage) =>
        new(stage.Stage, stage.Output, stage.Operator, stage.Kind, stage.Partitions, stage.Parents)
        {
            Operators = stage.Operators,
            Sources = stage.Sources,
            Captured = stage.Captured,
            CapturedAt = stage.CapturedAt,
            Debug = stage.Debug,
            Lines = stage.Lines,
        };

    private static void WriteTask(Utf8JsonWriter json, EngineEvent.TaskEnded e)
    {
        json.WriteString("job", e.Job.ToString());
        json.WriteString("output", e.Output.ToString());
        json.WriteNumber("stage", e.Stage);
        EventParts.Write(json, e.Worker, Span(e.Task));
    }

    /// <summary>An attempt as the cluster tells of it.</summary>
    public static TaskSpan Span(TaskAttempt task) => new(
        task.Partition, default, task.Attempt, task.Started, task.Took, task.End, task.Records, task.Bytes, task.Traffic, task.Error,
        task.Copy, task.Key, task.KeyValues, task.At);

    private static void WriteNote(Utf8JsonWriter json, EngineEvent.TaskNoted e)
    {
        json.WriteString("job", e.Job.ToString());
        json.WriteString("output", e.Output.ToString());
        json.WriteNumber("stage", e.Stage);
        EventParts.Write(json, Note(e));
    }

    /// <summary>A note as the cluster tells it.</summary>
    public static TaskNote Note(EngineEvent.TaskNoted e) => new(
        e.Time, e.Partition, e.Attempt, e.Worker is { } worker ? new WorkerId(worker) : null, e.End, e.Again, e.Reason);

    private static EngineEvent.TaskNoted Note(DateTimeOffset time, JsonElement e)
    {
        var note = EventParts.Note(time, e);
        return new EngineEvent.TaskNoted(
            time, EventParts.Job(e), EventParts.Lineage(e, "output"), e.GetProperty("stage").GetInt32(), note.Partition,
            note.AttemptNumber, note.Worker?.Value, note.End, note.Again, note.Reason);
    }

    private static string NameOf(EngineEvent one) => Text(one.GetType().Name);

    /// <summary>As the documents write it: <c>InputLost</c> is input-lost.</summary>
    public static string Text<E>(E value) where E : notnull => string.Concat(value.ToString()!.Select((c, i) =>
        char.IsUpper(c) ? (i == 0 ? "" : "-") + char.ToLower(c, CultureInfo.InvariantCulture) : c.ToString()));
}
