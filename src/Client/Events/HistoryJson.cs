using System.Text.Json;
using MicroSpark.Driver.Events;
using MicroSpark.Grains.Archive;
using MicroSpark.Grains.Figures;

namespace MicroSpark.Client.Events;

/// <summary>A recorded job for programs.</summary>
internal static class HistoryJson
{
    public static void Write(Utf8JsonWriter json, RecordedJob job)
    {
        json.WriteString("job", job.Start.Job.ToString());
        json.WriteString("name", job.Start.Name);
        json.WriteString("group", job.Start.Group);
        json.WriteString("started", job.Start.Time);
        json.WriteString("state", job.End?.State.ToString());
        if (job.End is { } end)
        {
            json.WriteNumber("milliseconds", end.Took.TotalMilliseconds);
        }

        json.WriteString("error", job.End?.Error);
        json.WriteStartArray("stages");
        foreach (var stage in job.Stages)
        {
            Write(json, stage);
        }

        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, RecordedStage stage)
    {
        json.WriteStartObject();
        json.WriteNumber("stage", stage.Plan.Stage);
        json.WriteString("operator", stage.Plan.Operator);
        json.WriteString("kind", stage.Plan.Kind.ToString());
        json.WriteNumber("partitions", stage.Plan.Partitions);
        json.WriteNumber("reused", stage.Reused);
        json.WriteNumber("succeeded", stage.Succeeded.Count());
        json.WriteNumber("failures", stage.Failures);
        json.WriteNumber("retries", stage.Retries);
        json.WriteNumber("records", stage.Succeeded.Sum(r => r.Records));
        json.WriteNumber("bytes", stage.Succeeded.Sum(r => r.Bytes));
        EventParts.Write(json, stage.Traffic);
        if (stage.Succeeded.Any())
        {
            json.WriteStartArray("milliseconds");
            foreach (var ticks in Quartiles.Of(stage.Succeeded.Select(r => r.Took.Ticks).ToArray()))
            {
                json.WriteNumberValue((double)ticks / TimeSpan.TicksPerMillisecond);
            }

            json.WriteEndArray();
        }

        if (stage.Notes.Count > 0)
        {
            json.WriteStartArray("triedAgain");
            foreach (var note in stage.Notes)
            {
                json.WriteStartObject();
                json.WriteString("time", note.Time);
                EventParts.Write(json, EventJson.Note(note));
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }
}
