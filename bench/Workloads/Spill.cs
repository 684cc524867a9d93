namespace MicroSpark.Bench.Workloads;

/// <summary>Data several times larger than the memory that the engine may use.</summary>
internal sealed class Spill(string job) : IWorkload
{
    private const string InMemory = "in memory";
    private const string Budget = "512MB";

    public string Name => $"spill-{job.ToLowerInvariant()}";

    public string Description =>
        $"{job} of 4 GB (--mb) of numbers, or 20 M strings, computed on the way, MemoryBudget {Budget}, each run in a new process; in memory: the same with the default budget";

    public IReadOnlyList<Bound> AtLeast => [Bound.PeakMegabytes(1500)];

    public IReadOnlyList<Bound> Goal => job.StartsWith("strings", StringComparison.Ordinal)
        ? [Bound.PeakMegabytes(700), Bound.Times(1.5, InMemory)]
        : [Bound.PeakMegabytes(1000), Bound.Times(3, InMemory)];

    // A process that is new every time learns nothing from the runs before; it warms up by itself.
    public int WarmUps => 0;

    public Task<IReadOnlyList<Contender>> PrepareAsync(Contexts contexts)
    {
        var settings = contexts.Settings;
        var bytes = (long)(settings.Megabytes * settings.Scale * (1 << 20));
        return Task.FromResult<IReadOnlyList<Contender>>(
        [
            new Contender(Contender.Ours, () => ChildRun.StartAsync(job, bytes, Budget, settings)),
            new Contender(InMemory, () => ChildRun.StartAsync(job, bytes, budget: null, settings)),
        ]);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
