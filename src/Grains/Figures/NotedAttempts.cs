using System.Globalization;
using System.Runtime.InteropServices;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.History;
using MicroSpark.Model;
using MicroSpark.Tasks;

namespace MicroSpark.Grains.Figures;

/// <summary>The attempts at the tasks that notes are about: how long one took, and what became of its task after it.</summary>
internal sealed class NotedAttempts
{
    private readonly Dictionary<(LineageId, int), List<(TaskRow Row, WorkerId Worker)>> _attempts = [];

    public NotedAttempts(JobRecording job)
    {
        foreach (var (output, note) in job.Notes)
        {
            if (note.Partition is { } partition)
            {
                _attempts.TryAdd((output, partition), []);
            }
        }

        if (_attempts.Count == 0)
        {
            return;
        }

        foreach (var part in job.Workers)
        {
            foreach (ref readonly var row in CollectionsMarshal.AsSpan(part.Rows))
            {
                if (row.Copy == 0 && _attempts.TryGetValue((job.Outputs[row.Stage], row.Partition), out var attempts))
                {
                    attempts.Add((row, part.Worker));
                }
            }
        }
    }

    /// <summary>How long the attempt had a slot; null when that is not known.</summary>
    public double? SecondsOf(LineageId output, TaskNote note)
    {
        foreach (var (row, _) in AttemptsOf(output, note))
        {
            if (row.Attempt == note.AttemptNumber)
            {
                return TimeSpan.FromTicks(row.Took).TotalSeconds;
            }
        }

        return null;
    }

    /// <summary>What became of the task, for people; null when it was not tried again, or that has not ended.</summary>
    public string? After(LineageId output, TaskNote note)
    {
        if (!note.Again)
        {
            return null;
        }

        var attempts = AttemptsOf(output, note);
        if (NextOf(attempts, note.AttemptNumber) is not var (found, worker))
        {
            return null;
        }

        var failed = attempts.Find(one => one.Row.Attempt == note.AttemptNumber);
        var later = failed.Worker == default ? "" : $", {Show(Math.Max(0, found.Began - failed.Row.Ended))} later,";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"attempt {found.Attempt + 1} began{later} on {worker.Value.Split('@')[0]} and "
            + $"{Words.Of((TaskEnd)found.End).Replace('-', ' ')} in {Show(found.Took)}");
    }

    private static string Show(long ticks) => Durations.Show(TimeSpan.FromTicks(ticks).TotalSeconds);

    /// <summary>
    /// The next one of a computation. Where the number is not known an output was lost that had been there: what is made since is the
    /// newest, and counts from 0 again.
    /// </summary>
    private static (TaskRow Row, WorkerId Worker)? NextOf(List<(TaskRow Row, WorkerId Worker)> attempts, int? number) => number is null
        ? attempts.Count < 2 ? null : attempts.MaxBy(static one => one.Row.Began)
        : attempts.Where(one => one.Row.Attempt > number).OrderBy(static one => one.Row.Attempt)
            .Select(static one => ((TaskRow, WorkerId)?)one).FirstOrDefault();

    private List<(TaskRow Row, WorkerId Worker)> AttemptsOf(LineageId output, TaskNote note) =>
        note.Partition is { } partition && _attempts.TryGetValue((output, partition), out var attempts) ? attempts : [];
}
