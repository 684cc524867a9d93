using System.Diagnostics;

namespace MicroSpark.Bench.Workloads;

/// <summary>Many tasks with nothing to do on two worker processes, started for each run: what the larger worker holds at most.</summary>
internal sealed class SharingEmptyProcesses(int tasks) : IWorkload
{
    private const int Workers = 2;
    private const int WarmUpTasks = 10_000;

    public string Name => $"sharing-empty-processes-{tasks}";

    public string Description => $"CountAsync of {tasks:N0} empty partitions on {Workers} new worker processes with a slot each";

    public IReadOnlyList<Bound> AtLeast => Goal;

    public IReadOnlyList<Bound> Goal => [Bound.PeakMegabytes(600)];

    // Processes that are new every time learn nothing from the runs before; they warm up by themselves.
    public int WarmUps => 0;

    public Task<IReadOnlyList<Contender>> PrepareAsync(Contexts contexts) =>
        Task.FromResult<IReadOnlyList<Contender>>([new Contender(Contender.Ours, RunAsync)]);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task<Outcome> RunAsync()
    {
        await using var silos = await SiloProcesses.StartAsync(Workers, slots: 1);
        await using var spark = await silos.ConnectAsync();
        await spark.Parallelize<int>([], WarmUpTasks).CountAsync();
        var cpu = silos.Cpu();
        var started = Stopwatch.GetTimestamp();
        var count = await spark.Parallelize<int>([], tasks).CountAsync();
        var elapsed = Stopwatch.GetElapsedTime(started);
        cpu = silos.Cpu() - cpu;
        double[] peaks = [.. silos.Processes.Select(static silo => ChildRun.PeakMegabytes(silo.Id))];
        return new Outcome($"{count} elements", elapsed, peaks.Max(), cpu, $"peaks {string.Join(" and ", peaks.Select(static p => $"{p:0}"))} MB");
    }
}
