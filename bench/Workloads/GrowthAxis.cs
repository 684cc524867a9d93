namespace MicroSpark.Bench.Workloads;

/// <summary>
/// The same data cut finer, or on more slots than there are cores, beside two partitions on two slots: costs follow the data. Each run has a
/// process of its own.
/// </summary>
internal sealed class GrowthAxis(string job, int partitions, int slots, double times) : IWorkload
{
    private const string TwoOfEach = "2 partitions, 2 slots";

    /// <summary>More slots may take so many megabytes each: their stacks, buffers and streams.</summary>
    private const double MegabytesPerSlot = 16;

    /// <summary>Every operator over partitions and over slots, with the goals of each.</summary>
    public static IEnumerable<Func<IWorkload>> All =>
        from job in GrowthJobs.All
        let times = job is GrowthJobs.Sort or GrowthJobs.SortStrings ? 1.3 : 1.5
        from point in new[] { (16, 2), (64, 2), (200, 2), (1000, 2), (64, 16), (64, 64) }
        select new Func<IWorkload>(() => new GrowthAxis(job, point.Item1, point.Item2, times));

    public string Name => slots == 2 ? $"growth-{job}-{partitions}" : $"growth-{job}-{partitions}-on-{slots}";

    public string Description => $"{GrowthJobs.Describe(job)} in {partitions} partitions on {slots} slots, beside {TwoOfEach}, each run in a new process";

    public IReadOnlyList<Bound> AtLeast => Goal;

    public IReadOnlyList<Bound> Goal => slots == 2
        ? [Bound.Times(times, TwoOfEach), Bound.TimesMemory(times, TwoOfEach, 0)]
        : [Bound.TimesCpu(times, TwoOfEach), Bound.TimesMemory(1.5, TwoOfEach, MegabytesPerSlot * slots)];

    // A process that is new every time learns nothing from the runs before; it warms up by itself.
    public int WarmUps => 0;

    public Task<IReadOnlyList<Contender>> PrepareAsync(Contexts contexts)
    {
        var settings = contexts.Settings;
        long size = settings.Count(GrowthJobs.Size(job));
        return Task.FromResult<IReadOnlyList<Contender>>(
        [
            new Contender(Contender.Ours, () => ChildRun.StartAsync(ChildRun.Growth + job, size, null, settings with { Threads = slots }, partitions)),
            new Contender(TwoOfEach, () => ChildRun.StartAsync(ChildRun.Growth + job, size, null, settings with { Threads = 2 }, 2)),
        ]);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
