using MicroSpark.Grains.History;

namespace MicroSpark.Grains.Figures;

/// <summary>The tasks of a job as tiles, one row a slot: no more of them than pixels, however many tasks there are.</summary>
internal static class TaskStream
{
    private const int MostPixels = 20_000;

    /// <param name="from">Milliseconds after the job's start.</param>
    /// <param name="to">The end of the job, or of what is known of it, when it is not after <paramref name="from"/>.</param>
    /// <param name="pixels">The width at which the stream is drawn.</param>
    public static StreamShape Of(JobRecording job, double from, double to, int pixels)
    {
        var origin = JobFigures.StartOf(job);
        var end = Math.Max(1, (JobFigures.EndOf(job) - origin) / (double)TimeSpan.TicksPerMillisecond);
        to = to > from ? to : end;
        var pixel = (to - from) / Math.Clamp(pixels, 1, MostPixels);
        var rows = new List<StreamRow>();
        var tiles = new List<double>();
        foreach (var part in job.Workers)
        {
            var all = part.Rows.Concat(part.Running).ToArray();
            Array.Sort(all, static (a, b) => a.Lane != b.Lane ? a.Lane.CompareTo(b.Lane) : a.Began.CompareTo(b.Began));
            for (var i = 0; i < all.Length;)
            {
                var lane = all[i].Lane;
                var after = i + 1;
                while (after < all.Length && all[after].Lane == lane)
                {
                    after++;
                }

                AddTiles(tiles, rows.Count, all.AsSpan(i, after - i), origin, from, to, pixel);
                rows.Add(new StreamRow(part.Worker.Value, lane));
                i = after;
            }
        }

        return new StreamShape(from, to, end, [.. rows], [.. job.Outputs.Select(static output => output.ToString())], [.. tiles]);
    }

    private static void AddTiles(
        List<double> tiles, int row, ReadOnlySpan<TaskRow> tasks, long origin, double from, double to, double pixel)
    {
        const int Numbers = 7;

        // By stage and end: where two stages take turns, each has a tile a pixel, and not each task one.
        var open = new Dictionary<int, int>();
        foreach (ref readonly var task in tasks)
        {
            var start = (task.Began - origin) / (double)TimeSpan.TicksPerMillisecond;
            var length = task.Took / (double)TimeSpan.TicksPerMillisecond;
            if (start + length < from || start > to)
            {
                continue;
            }

            var kind = (task.Stage << 8) | task.End;
            if (length < pixel && open.TryGetValue(kind, out var tile) && start - (tiles[tile + 1] + tiles[tile + 2]) < pixel)
            {
                tiles[tile + 2] = start + length - tiles[tile + 1];
                tiles[tile + 6]++;
                continue;
            }

            tiles.AddRange([row, Math.Round(start, 3), Math.Round(length, 3), task.Stage, task.End, task.Partition, 1]);

            // Only what is narrow itself is one with its neighbours: a long task stays alone.
            if (length < pixel)
            {
                open[kind] = tiles.Count - Numbers;
            }
            else
            {
                open.Remove(kind);
            }
        }
    }
}
