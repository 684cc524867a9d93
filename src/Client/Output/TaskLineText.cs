using System.Text.Json;
using MicroSpark.Grains.Contracts;
using Microsoft.Extensions.Logging;

namespace MicroSpark.Client.Output;

/// <summary>Lines that tasks said, on a terminal and as JSON.</summary>
internal static class TaskLineText
{
    private const int ShortId = 8;

    /// <summary>Between what a command shows of its own job.</summary>
    public static string Of(JobId job, SaidLine line) =>
        $"job {job.ToString()[..ShortId]}{(line.Stage < 0 ? "" : $", {TaskOf(line)}")}: {Text(line)}";

    /// <summary>In a list of one job's lines.</summary>
    public static string Of(SaidLine line) => $"{line.Time.ToLocalTime():HH:mm:ss.fff}  {TaskOf(line)}: {Text(line)}";

    public static void WriteProperties(Utf8JsonWriter json, SaidLine line)
    {
        json.WriteString("time", line.Time);
        json.WriteString("worker", line.Worker.Value);
        json.WriteNumber("stage", line.Stage);
        json.WriteNumber("partition", line.Partition);
        json.WriteNumber("attempt", line.Attempt);
        json.WriteString("level", line.Level.ToString());
        json.WriteString("category", line.Category);
        json.WriteString("text", line.Text);
    }

    private static string TaskOf(SaidLine line) =>
        $"stage {line.Stage}, partition {line.Partition}{(line.Attempt > 0 ? $", attempt {line.Attempt + 1}" : "")}";

    private static string Text(SaidLine line) =>
        $"{(line.Level >= LogLevel.Warning && line.Stage >= 0 ? $"{line.Level.ToString().ToLowerInvariant()}: " : "")}"
        + $"{(line.Category is null ? "" : $"{line.Category}: ")}{line.Text}";
}
