using System.Globalization;
using MicroSpark.Options;
using MicroSpark.Tasks;

namespace MicroSpark.Client.Output;

/// <summary>One running stage as a line says it.</summary>
/// <param name="Rate">Tasks per second since the stage was first seen; null while none has ended.</param>
/// <param name="Left">At that rate; null while it is not known.</param>
internal sealed record StageLine(JobId Job, string JobName, StageProgress Stage, double? Rate, TimeSpan? Left)
{
    /// <summary>The running tasks, their speed, the bytes shuffled and the time left; unknown parts are left out.</summary>
    public string Details()
    {
        var parts = new List<string>(4);
        if (Stage.Running > 0)
        {
            parts.Add($"{Stage.Running} running");
        }

        if (Rate is { } rate)
        {
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"{rate:0.#}/s"));
        }

        if (Stage.Traffic.ShuffleWritten > 0)
        {
            parts.Add($"{ByteSize.Show(Stage.Traffic.ShuffleWritten)} shuffled");
        }

        if (Left is { } left && Stage.TasksDone < Stage.TasksTotal)
        {
            parts.Add($"{Units.Clock(TimeSpan.FromSeconds(Math.Ceiling(left.TotalSeconds)))} left");
        }

        return string.Join(", ", parts);
    }
}
