using System.Text.Json;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Figures;
using MicroSpark.Model;
using MicroSpark.Plans;
using MicroSpark.Tasks;

namespace MicroSpark.Grains.Archive;

/// <summary>
/// The parts of an event log's lines that have two writers: clients as events come, silos when a job has ended. docs/events.md describes
/// them. Names and meanings stay; new properties may come, which readers skip.
/// </summary>
internal static class EventParts
{
    public static void WriteStages(Utf8JsonWriter json, IEnumerable<StageOutline> stages)
    {
        json.WriteStartArray("stages");
        foreach (var stage in stages)
        {
            json.WriteStartObject();
            json.WriteNumber("stage", stage.Stage);
            json.WriteString("output", stage.Output.ToString());
            json.WriteString("operator", stage.Operator);
            json.WriteString("kind", Words.Of(stage.Kind));
            json.WriteNumber("partitions", stage.Partitions);
            json.WriteStartArray("parents");
            foreach (var parent in stage.Parents)
            {
                json.WriteStringValue(parent.ToString());
            }

            json.WriteEndArray();
            WriteTexts(json, "operators", stage.Operators);
            WriteTexts(json, "sources", stage.Sources);
            if (stage.Lines is { } lines && Array.Exists(lines, static line => line.Length > 0))
            {
                WriteTexts(json, "lines", lines);
            }

            if (stage.Captured > 0)
            {
                json.WriteNumber("captured", stage.Captured);
                json.WriteString("capturedAt", stage.CapturedAt);
            }

            if (stage.Debug)
            {
                json.WriteBoolean("debug", true);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    public static StageOutline[] Stages(JsonElement e) => [.. e.GetProperty("stages").EnumerateArray().Select(static stage =>
        new StageOutline(
            stage.GetProperty("stage").GetInt32(), Lineage(stage, "output"), Text(stage, "operator"),
            Enum.Parse<OutputKind>(Text(stage, "kind"), ignoreCase: true), stage.GetProperty("partitions").GetInt32(),
            [.. stage.GetProperty("parents").EnumerateArray().Select(static parent => LineageId.Parse(parent.GetString()!))],
            Texts(stage, "operators"), Texts(stage, "sources"),
            stage.TryGetProperty("captured", out var captured) ? captured.GetInt64() : 0, TextOrNull(stage, "capturedAt"),
            stage.TryGetProperty("debug", out var debug) && debug.GetBoolean(),
            stage.TryGetProperty("lines", out _) ? Texts(stage, "lines") : null))];

    public static void Write(Utf8JsonWriter json, string worker, TaskSpan task)
    {
        json.WriteNumber("partition", task.Partition);
        json.WriteNumber("attempt", task.AttemptNumber);
        json.WriteString("worker", worker);
        json.WriteString("result", Words.Of(task.End));
        json.WriteString("started", task.Began.ToUniversalTime());
        json.WriteNumber("milliseconds", task.Took.TotalMilliseconds);
        json.WriteNumber("records", task.Records);
        json.WriteNumber("bytes", task.Bytes);
        Write(json, task.Traffic);
        if (task.Copy)
        {
            json.WriteBoolean("copy", true);
        }

        if (task.Key is { } key)
        {
            json.WriteString("key", key);
            json.WriteNumber("keyValues", task.KeyValues);
        }

        if (task.Error is { } error)
        {
            json.WriteString("error", error);
        }

        if (task.At is { } at)
        {
            json.WriteString("at", at);
        }
    }

    public static TaskSpan Task(JsonElement e) => new(
        e.GetProperty("partition").GetInt32(), default, e.GetProperty("attempt").GetInt32(),
        e.GetProperty("started").GetDateTimeOffset(), Milliseconds(e), End(e), Number(e, "records"), Number(e, "bytes"), Traffic(e),
        TextOrNull(e, "error"), e.TryGetProperty("copy", out var copy) && copy.GetBoolean(), TextOrNull(e, "key"),
        e.TryGetProperty("keyValues", out var values) ? values.GetInt64() : 0, TextOrNull(e, "at"));

    /// <summary>What a note says, but for when and where it belongs.</summary>
    public static void Write(Utf8JsonWriter json, TaskNote note)
    {
        WriteOptional(json, "partition", note.Partition);
        WriteOptional(json, "attempt", note.AttemptNumber);
        if (note.Worker is { } worker)
        {
            json.WriteString("worker", worker.Value);
        }

        if (note.End is { } end)
        {
            json.WriteString("result", Words.Of(end));
        }

        json.WriteBoolean("again", note.Again);
        json.WriteString("reason", note.Reason);
    }

    public static TaskNote Note(DateTimeOffset time, JsonElement e) => new(
        time, NumberOrNull(e, "partition"), NumberOrNull(e, "attempt"),
        TextOrNull(e, "worker") is { } worker ? new WorkerId(worker) : null, e.TryGetProperty("result", out _) ? End(e) : null,
        e.GetProperty("again").GetBoolean(), Text(e, "reason"));

    public static void Write(Utf8JsonWriter json, TaskTraffic traffic)
    {
        json.WriteNumber("inputBytes", traffic.Input);
        json.WriteNumber("shuffleReadBytes", traffic.ShuffleRead);
        json.WriteNumber("remoteReadBytes", traffic.RemoteRead);
        json.WriteNumber("shuffleWrittenBytes", traffic.ShuffleWritten);
        json.WriteNumber("spilledBytes", traffic.Spilled);
        json.WriteNumber("readRecords", traffic.ReadRecords);
    }

    public static TaskTraffic Traffic(JsonElement e) => new(
        Number(e, "inputBytes"), Number(e, "shuffleReadBytes"), Number(e, "remoteReadBytes"), Number(e, "shuffleWrittenBytes"),
        Number(e, "spilledBytes"), e.TryGetProperty("readRecords", out var records) ? records.GetInt64() : 0);

    public static void WriteOptional(Utf8JsonWriter json, string name, int? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
    }

    /// <exception cref="FormatException">It is null.</exception>
    public static string Text(JsonElement e, string name) =>
        e.GetProperty(name).GetString() ?? throw new FormatException($"Property '{name}' is null.");

    public static string? TextOrNull(JsonElement e, string name) => e.TryGetProperty(name, out var text) ? text.GetString() : null;

    public static long Number(JsonElement e, string name) => e.GetProperty(name).GetInt64();

    public static LineageId Lineage(JsonElement e, string name) => LineageId.Parse(Text(e, name));

    public static JobId Job(JsonElement e) => JobId.Parse(Text(e, "job"));

    /// <summary>In ticks, all of them: <see cref="TimeSpan.FromMilliseconds(double)"/> would lose some.</summary>
    public static TimeSpan Milliseconds(JsonElement e, string name = "milliseconds") =>
        new((long)Math.Round(e.GetProperty(name).GetDouble() * TimeSpan.TicksPerMillisecond));

    private static TaskEnd End(JsonElement e) =>
        Enum.Parse<TaskEnd>(Text(e, "result").Replace("-", "", StringComparison.Ordinal), ignoreCase: true);

    private static int? NumberOrNull(JsonElement e, string name) => e.TryGetProperty(name, out var number) ? number.GetInt32() : null;

    private static void WriteTexts(Utf8JsonWriter json, string name, string[] texts)
    {
        if (texts.Length == 0)
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
}
