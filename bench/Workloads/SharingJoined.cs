using System.Diagnostics;
using System.Globalization;

namespace MicroSpark.Bench.Workloads;

/// <summary>A third worker process that joins two others which have a stage's tasks: how long until it has its first one.</summary>
internal sealed class SharingJoined : IWorkload
{
    private const int Tasks = 120;
    private const int Milliseconds = 250;

    public string Name => "sharing-joined";

    public string Description =>
        $"from a third worker being listed as active to its first task of a stage of {Tasks} tasks of {Milliseconds} ms, all with a slot each";

    public IReadOnlyList<Bound> AtLeast => [Bound.Milliseconds(2000)];

    public IReadOnlyList<Bound> Goal => [Bound.Milliseconds(1000)];

    // What it compiles is nothing beside the time that it waits.
    public int WarmUps => 0;

    public Task<IReadOnlyList<Contender>> PrepareAsync(Contexts contexts) =>
        Task.FromResult<IReadOnlyList<Contender>>([new Contender(Contender.Ours, RunAsync)]);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>On workers of its own: each run has a third one to come.</summary>
    private static async Task<Outcome> RunAsync()
    {
        await using var silos = await SiloProcesses.StartAsync(count: 2, slots: 1);
        await using var spark = await silos.ConnectAsync();
        var job = spark.Range(0, Tasks, partitions: Tasks).Map(static _ => Begin()).CollectAsync();
        var third = (await silos.AddAsync(slots: 1)).Id;
        while ((await spark.WorkersAsync()).Count < 3)
        {
            await Task.Delay(5);
        }

        var active = Stopwatch.GetTimestamp();
        var tasks = await job;
        long[] its = [.. tasks.Where(task => task.Process == third).Select(static task => task.Began)];
        if (its.Length == 0)
        {
            throw new InvalidOperationException("The worker that joined got no task.");
        }

        // All processes read one clock. It may have got its task before the list was asked for.
        var elapsed = Stopwatch.GetElapsedTime(active, Math.Max(active, its.Min()));
        return new Outcome(
            tasks.Length.ToString(CultureInfo.InvariantCulture), elapsed, Cpu: TimeSpan.Zero,
            Note: $"it did {its.Length} of the {tasks.Count(task => task.Began >= its.Min())} tasks that began from then on");
    }

    private static (int Process, long Began) Begin()
    {
        var began = Stopwatch.GetTimestamp();
        Thread.Sleep(Milliseconds);
        return (Environment.ProcessId, began);
    }
}
