using System.Diagnostics;
using System.Globalization;

namespace MicroSpark.Bench.Workloads;

/// <summary>A third worker process that joins two others which have a stage's tasks: how long until it has its first one.</summary>
internal sealed class SharingJoined : IWorkload
{
    private const int Tasks = 120;
    private const int Milliseconds = 250;

    private SiloProcesses? _silos;
    private MicroSparkContext? _spark;

    public string Name => "sharing-joined";

    public string Description =>
        $"from a third worker being listed as active to its first task of a stage of {Tasks} tasks of {Milliseconds} ms, all with a slot each";

    public IReadOnlyList<Bound> AtLeast => [Bound.Milliseconds(2000)];

    public IReadOnlyList<Bound> Goal => [Bound.Milliseconds(1000)];

    // What it compiles is nothing beside the time that it waits.
    public int WarmUps => 0;

    public async Task<IReadOnlyList<Contender>> PrepareAsync(Contexts contexts)
    {
        _silos = await SiloProcesses.StartAsync(count: 2, slots: 1);
        _spark = await _silos.ConnectAsync();
        return [new Contender(Contender.Ours, RunAsync)];
    }

    public async ValueTask DisposeAsync()
    {
        if (_spark is not null)
        {
            await _spark.DisposeAsync();
        }

        if (_silos is not null)
        {
            await _silos.DisposeAsync();
        }
    }

    private async Task<Outcome> RunAsync()
    {
        var job = _spark!.Range(0, Tasks, partitions: Tasks).Map(static _ => Begin()).CollectAsync();
        var third = await _silos!.AddAsync(slots: 1);
        await UntilAsync(3);
        var active = Stopwatch.GetTimestamp();
        var tasks = await job;
        var process = third.Id;
        third.Kill();
        await UntilAsync(2);
        long[] its = [.. tasks.Where(task => task.Process == process).Select(static task => task.Began)];
        if (its.Length == 0)
        {
            throw new InvalidOperationException("The worker that joined got no task.");
        }

        // All processes read one clock. It may have got its task before the list was asked for.
        var elapsed = Stopwatch.GetElapsedTime(active, Math.Max(active, its.Min()));
        return new Outcome(
            tasks.Length.ToString(CultureInfo.InvariantCulture), elapsed, Cpu: TimeSpan.Zero,
            Note: $"it did {its.Length} of {tasks.Count(task => task.Began >= its.Min())} tasks from then on");
    }

    private async Task UntilAsync(int workers)
    {
        while ((await _spark!.WorkersAsync()).Count != workers)
        {
            await Task.Delay(5);
        }
    }

    private static (int Process, long Began) Begin()
    {
        var began = Stopwatch.GetTimestamp();
        Thread.Sleep(Milliseconds);
        return (Environment.ProcessId, began);
    }
}
