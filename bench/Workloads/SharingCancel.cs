using System.Diagnostics;
using System.Globalization;

namespace MicroSpark.Bench.Workloads;

/// <summary>From the cancel of a job that holds all slots to the end of a job that needs all of them.</summary>
internal sealed class SharingCancel(string what) : IWorkload
{
    /// <summary>A million cheap elements in each task, and then elements of 10 ms.</summary>
    public const string Elements = "elements";

    /// <summary>A lambda that never wakes up.</summary>
    public const string Sleep = "sleep";

    private const int Tasks = 2;
    private const long PerTask = 1_000_000_000;
    private const long Cheap = 1_000_000;

    private static readonly CountdownEvent s_slow = new(Tasks);
    private static readonly Barrier s_all = new(Tasks);

    private MicroSparkContext? _spark;

    public string Name => $"sharing-cancel-{what}";

    public string Description => "from the cancel of a job " + (what == Elements ? "of 10 ms elements, after a million cheap ones," : "that sleeps for ever")
        + " to the end of one of the same group that needs both slots";

    public IReadOnlyList<Bound> AtLeast => [Bound.Milliseconds(what == Elements ? 250 : 2000)];

    public IReadOnlyList<Bound> Goal => [Bound.Milliseconds(what == Elements ? 110 : 1250)];

    public int WarmUps => 1;

    public async Task<IReadOnlyList<Contender>> PrepareAsync(Contexts contexts)
    {
        _spark = await contexts.StartAsync();
        return [new Contender(Contender.Ours, RunAsync)];
    }

    public ValueTask DisposeAsync() => _spark?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async Task<Outcome> RunAsync()
    {
        s_slow.Reset();
        using var stop = new CancellationTokenSource();
        var cheap = what == Elements ? Cheap : 0;
        var held = _spark!.Range(0, Tasks * PerTask, partitions: Tasks).Map(n => Take(n, cheap)).CountAsync(stop.Token);
        await Task.Run(() => s_slow.Wait());
        var start = Stopwatch.GetTimestamp();
        await stop.CancelAsync();
        var count = await _spark.Range(0, Tasks, partitions: Tasks).Map(static n => Together(n)).CountAsync();
        var elapsed = Stopwatch.GetElapsedTime(start);
        await held.ContinueWith(static _ => { }, TaskScheduler.Default);
        return held.IsCanceled
            ? new Outcome(count.ToString(CultureInfo.InvariantCulture), elapsed, Cpu: TimeSpan.Zero)
            : throw new InvalidOperationException($"The cancelled job ended as {held.Status}.");
    }

    private static long Take(long n, long cheap)
    {
        if (n % PerTask < cheap)
        {
            return n;
        }

        if (n % PerTask == cheap)
        {
            s_slow.Signal();
        }

        if (cheap == 0)
        {
            Thread.Sleep(Timeout.Infinite);
        }

        for (var start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < TimeSpan.FromMilliseconds(10);)
        {
            Thread.SpinWait(100);
        }

        return n;
    }

    private static long Together(long n)
    {
        s_all.SignalAndWait();
        return n;
    }
}
