namespace MicroSpark.Bench.Workloads;

/// <summary>Many tasks with nothing to do, in a process of their own: what a task costs, and what it leaves in memory.</summary>
internal sealed class SharingEmpty(int tasks) : IWorkload
{
    public string Name => $"sharing-empty-{tasks}";

    public string Description => $"CountAsync of {tasks:N0} empty partitions, each run in a new process";

    public IReadOnlyList<Bound> AtLeast => Goal;

    public IReadOnlyList<Bound> Goal => [Bound.CpuPerTask(20, tasks), Bound.PeakMegabytes(600)];

    // A process that is new every time learns nothing from the runs before; it warms up by itself.
    public int WarmUps => 0;

    public Task<IReadOnlyList<Contender>> PrepareAsync(Contexts contexts) => Task.FromResult<IReadOnlyList<Contender>>(
        [new Contender(Contender.Ours, () => ChildRun.StartAsync(ChildRun.EmptyTasks, tasks, budget: null, contexts.Settings))]);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
