using System.Globalization;
using System.Text.Json;
using MicroSpark.Driver.Events;
using MicroSpark.Plans;
using MicroSpark.Tasks;

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
                WriteOptional(json, "partition", e.Partition);
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
                time, Text(e, "worker"), Text(e, "name"), Text(e, "address"), e.GetProperty("slots").GetInt32(), Number(e, "memoryBudget")),
            "worker-lost" => new EngineEvent.WorkerLost(time, Text(e, "worker")),
            "no-worker" => new EngineEvent.NoWorker(time, Milliseconds(e), Milliseconds(e, "most")),
            "job-started" =>
                new EngineEvent.JobStarted(
                    time, Job(e), Text(e, "name"), e.GetProperty("group").GetString(),
                    [.. e.GetProperty("stages").EnumerateArray().Select(Stage)]),
            "task-ended" =>
                new EngineEvent.TaskEnded(
                    time, Job(e), Lineage(e, "output"), e.GetProperty("stage").GetInt32(), Text(e, "worker"), Task(e)),
            "task-noted" => Note(time, e),
            "stage-completed" =>
                new EngineEvent.StageCompleted(
                    time, Job(e), Lineage(e, "output"), e.GetProperty("stage").GetInt32(), e.GetProperty("partitions").GetInt32()),
            "block-moved" => new EngineEvent.BlockMoved(
                time, Text(e, "worker"), Lineage(e, "output"),
                e.TryGetProperty("partition", out var partition) ? partition.GetInt32() : null,
                Number(e, "bytes"), Text(e, "to") == "disk"),
            "events-missed" => new EngineEvent.EventsMissed(time, Text(e, "worker"), Number(e, "count")),
            "job-ended" =>
                new EngineEvent.JobEnded(
                    time, Job(e), Enum.Parse<JobState>(Text(e, "state"), ignoreCase: true), Milliseconds(e),
                    e.GetProperty("error").GetString()),
            _ => null,
        };
    }

    private static void WriteJobStarted(Utf8JsonWriter json, EngineEvent.JobStarted e)
    {
        json.WriteString("job", e.Job.ToString());
        json.WriteString("name", e.Name);
        json.WriteString("group", e.Group);
        json.WriteStartArray("stages");
        foreach (var stage in e.Stages)
        {
            json.WriteStartObject();
            json.WriteNumber("stage", stage.Stage);
            json.WriteString("output", stage.Output.ToString());
            json.WriteString("operator", stage.Operator);
            json.WriteString("kind", Text(stage.Kind));
            json.WriteNumber("partitions", stage.Partitions);
            json.WriteStartArray("parents");
            foreach (var parent in stage.Parents)
            {
                json.WriteStringValue(parent.ToString());
            }

            json.WriteEndArray();
            WriteTexts(json, "operators", stage.Operators);
            WriteTexts(json, "sources", stage.Sources);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static StagePlan Stage(JsonElement e) => new(
        e.GetProperty("stage").GetInt32(), Lineage(e, "output"), Text(e, "operator"), Enum.Parse<OutputKind>(
            Text(e, "kind"), ignoreCase: true),
        e.GetProperty("partitions")
            .GetInt32(), [.. e.GetProperty("parents").EnumerateArray().Select(p => LineageId.Parse(p.GetString()!))])
    {
        Operators = Texts(e, "operators"),
        Sources = Texts(e, "sources"),
    };

    private static void WriteTexts(Utf8JsonWriter json, string name, IReadOnlyList<string> texts)
    {
        if (texts.Count == 0)
        {
            return;
        }

        json.WriteStartArray(name);
        foreach (var text in texts)
        {
            json.WriteStringValue(text);
        }

        json.WriteEndArray();
    }

    /// <summary>None in a log of an earlier version.</summary>
    private static string[] Texts(JsonElement e, string name) =>
        e.TryGetProperty(name, out var texts) ? [.. texts.EnumerateArray().Select(static text => text.GetString()!)] : [];

    private static void WriteTask(Utf8JsonWriter json, EngineEvent.TaskEnded e)
    {
        json.WriteString("job", e.Job.ToString());
        json.WriteString("output", e.Output.ToString());
        json.WriteNumber("stage", e.Stage);
        json.WriteNumber("partition", e.Task.Partition);
        json.WriteNumber("attempt", e.Task.Attempt);
        json.WriteString("worker", e.Worker);
        json.WriteString("result", Text(e.Task.End));
        json.WriteString("started", e.Task.Started.ToUniversalTime());
        json.WriteNumber("milliseconds", e.Task.Took.TotalMilliseconds);
        json.WriteNumber("records", e.Task.Records);
        json.WriteNumber("bytes", e.Task.Bytes);
        WriteTraffic(json, e.Task.Traffic);
        if (e.Task.Copy)
        {
            json.WriteBoolean("copy", true);
        }

        if (e.Task.Error is { } error)
        {
            json.WriteString("error", error);
        }
    }

    private static TaskAttempt Task(JsonElement e) => new(
        e.GetProperty("partition").GetInt32(), e.GetProperty("attempt").GetInt32(), End(e),
        e.GetProperty("started").GetDateTimeOffset(), Milliseconds(e), Number(e, "records"), Number(e, "bytes"),
        new TaskTraffic(
            Number(e, "inputBytes"), Number(e, "shuffleReadBytes"), Number(e, "remoteReadBytes"), Number(e, "shuffleWrittenBytes"),
            Number(e, "spilledBytes")),
        e.TryGetProperty("error", out var error) ? error.GetString() : null, e.TryGetProperty("copy", out var copy) && copy.GetBoolean());

    private static void WriteNote(Utf8JsonWriter json, EngineEvent.TaskNoted e)
    {
        json.WriteString("job", e.Job.ToString());
        json.WriteString("output", e.Output.ToString());
        json.WriteNumber("stage", e.Stage);
        WriteReason(json, e);
    }

    /// <summary>What a note says, but for where it belongs.</summary>
    public static void WriteReason(Utf8JsonWriter json, EngineEvent.TaskNoted e)
    {
        WriteOptional(json, "partition", e.Partition);
        WriteOptional(json, "attempt", e.Attempt);
        if (e.Worker is not null)
        {
            json.WriteString("worker", e.Worker);
        }

        if (e.End is { } end)
        {
            json.WriteString("result", Text(end));
        }

        json.WriteBoolean("again", e.Again);
        json.WriteString("reason", e.Reason);
    }

    private static EngineEvent.TaskNoted Note(DateTimeOffset time, JsonElement e) => new(
        time, Job(e), Lineage(e, "output"), e.GetProperty("stage").GetInt32(), OptionalNumber(e, "partition"), OptionalNumber(e, "attempt"),
        e.TryGetProperty("worker", out var worker) ? worker.GetString() : null,
        e.TryGetProperty("result", out _) ? End(e) : null, e.GetProperty("again").GetBoolean(), Text(e, "reason"));

    private static TaskEnd End(JsonElement e) =>
        Enum.Parse<TaskEnd>(Text(e, "result").Replace("-", "", StringComparison.Ordinal), ignoreCase: true);

    public static void WriteTraffic(Utf8JsonWriter json, TaskTraffic traffic)
    {
        json.WriteNumber("inputBytes", traffic.Input);
        json.WriteNumber("shuffleReadBytes", traffic.ShuffleRead);
        json.WriteNumber("remoteReadBytes", traffic.RemoteRead);
        json.WriteNumber("shuffleWrittenBytes", traffic.ShuffleWritten);
        json.WriteNumber("spilledBytes", traffic.Spilled);
    }

    private static void WriteOptional(Utf8JsonWriter json, string name, int? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
    }

    private static string NameOf(EngineEvent one) => Text(one.GetType().Name);

    /// <summary>As the documents write it: <c>InputLost</c> is input-lost.</summary>
    public static string Text<E>(E value) where E : notnull => string.Concat(value.ToString()!.Select((c, i) =>
        char.IsUpper(c) ? (i == 0 ? "" : "-") + char.ToLower(c, CultureInfo.InvariantCulture) : c.ToString()));

    private static string Text(JsonElement e, string name) =>
        e.GetProperty(name).GetString() ?? throw new FormatException($"Property '{name}' is null.");

    private static long Number(JsonElement e, string name) => e.GetProperty(name).GetInt64();

    private static int? OptionalNumber(JsonElement e, string name) => e.TryGetProperty(name, out var number) ? number.GetInt32() : null;

    private static LineageId Lineage(JsonElement e, string name) => LineageId.Parse(Text(e, name));

    private static JobId Job(JsonElement e) => JobId.Parse(Text(e, "job"));

    /// <summary>In ticks, all of them: <see cref="TimeSpan.FromMilliseconds(double)"/> would lose some.</summary>
    private static TimeSpan Milliseconds(JsonElement e, string name = "milliseconds") =>
        new((long)Math.Round(e.GetProperty(name).GetDouble() * TimeSpan.TicksPerMillisecond));
}
