using System.Diagnostics;
using System.Globalization;

namespace MicroSpark.Bench.Workloads;

/// <summary>A tiny job in a group of its own, while other groups' tasks hold all slots and a thousand more wait.</summary>
internal sealed class SharingTiny(int partitions, SharingTiny.Neighbour neighbour) : IWorkload
{
    public enum Neighbour
    {
        /// <summary>1,000 tasks of 500 ms that leave the processor alone.</summary>
        Sleeps,

        /// <summary>1,000 tasks of 500 ms that do not.</summary>
        Spins,

        /// <summary>Two groups of tasks of 20 s.</summary>
        TakesLong,
    }

    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task<long>> _behind = [];
    private MicroSparkContext? _spark;

    public string Name => $"sharing-tiny-{partitions}-{neighbour switch { Neighbour.Sleeps => "sleep", Neighbour.Spins => "spin", _ => "long" }}";

    public string Description => $"CountAsync of {partitions} small partitions, warm, in a group of its own, behind " + neighbour switch
    {
        Neighbour.Sleeps => "1,000 tasks that sleep for 500 ms",
        Neighbour.Spins => "1,000 tasks that spin for 500 ms",
        _ => "tasks that sleep for 20 s, of two other groups",
    };

    public IReadOnlyList<Bound> AtLeast => [Bound.Percentile99(1000)];

    public IReadOnlyList<Bound> Goal => neighbour == Neighbour.TakesLong ? [Bound.Percentile99(1000)] : [Bound.Milliseconds(50), Bound.Percentile99(1000)];

    public int CallsPerRun => 40;

    public int WarmUps => 1;

    public async Task<IReadOnlyList<Contender>> PrepareAsync(Contexts contexts)
    {
        var spark = _spark = await contexts.StartAsync();
        var numbers = spark.Parallelize(Enumerable.Range(0, 800), partitions);
        await numbers.CountAsync();
        if (neighbour == Neighbour.TakesLong)
        {
            Behind("long", 40, TimeSpan.FromSeconds(20), spins: false);
            Behind("longer", 40, TimeSpan.FromSeconds(20), spins: false);
        }
        else
        {
            Behind("big", 1000, TimeSpan.FromMilliseconds(500), neighbour == Neighbour.Spins);
        }

        while ((await spark.WorkersAsync()).Sum(static worker => worker.SlotsBusy) < contexts.Settings.Threads)
        {
            await Task.Delay(10);
        }

        return
        [
            new Contender(Contender.Ours, async () =>
            {
                if (_behind.Find(static job => job.IsCompleted) is { } over)
                {
                    await over;
                    throw new InvalidOperationException("The neighbours' tasks have ended: nothing is measured any more.");
                }

                using (spark.JobGroup("tiny"))
                {
                    return (await numbers.CountAsync()).ToString(CultureInfo.InvariantCulture);
                }
            }),
        ];
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        foreach (var job in _behind)
        {
            await job.ContinueWith(static _ => { }, TaskScheduler.Default);
        }

        if (_spark is not null)
        {
            await _spark.DisposeAsync();
        }

        _stop.Dispose();
    }

    private void Behind(string group, int tasks, TimeSpan time, bool spins)
    {
        using (_spark!.JobGroup(group))
        {
            _behind.Add(_spark.Range(0, tasks, partitions: tasks).Map(n => Take(n, time, spins)).CountAsync(_stop.Token));
        }
    }

    private static long Take(long n, TimeSpan time, bool spins)
    {
        if (!spins)
        {
            Thread.Sleep(time);
            return n;
        }

        for (var start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < time;)
        {
            Thread.SpinWait(100);
        }

        return n;
    }
}
