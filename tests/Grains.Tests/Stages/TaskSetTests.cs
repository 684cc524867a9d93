using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Placement;
using MicroSpark.Grains.Stages;
using MicroSpark.Model;
using MicroSpark.Plans;
using MicroSpark.Tasks;
using MicroSpark.Tests.Infrastructure;

namespace MicroSpark.Tests.Stages;

/// <summary>Sets of tasks on one thread, with manual time and workers that do as they are told: every interleaving is the test's own.</summary>
public abstract class TaskSetTests
{
    private protected ManualTime Clock { get; } = new();

    private protected List<TaskReport> Ended { get; } = [];

    private protected static Task OnOneThread(Func<Task> test) =>
        Task.Factory.StartNew(test, CancellationToken.None, TaskCreationOptions.None, new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler).Unwrap();

    private protected static StageSpec Stage(int maxFailures, bool speculation = false, bool sideEffects = false, int partitions = 8) => new(
        JobId.New(), ContextId.New(), new PlanRef(default, [], []), 0, new LineageId(0, 0), 3, OutputKind.Shuffle, "test", 0, partitions, sideEffects,
        new TaskPolicy(maxFailures, speculation));

    private protected static PlacedPartition[] Placed(int count, string? prefer) =>
        [.. Enumerable.Range(0, count).Select(p => new PlacedPartition(p, prefer is null ? null : new WorkerId(prefer)))];

    private protected FakeWorkers Workers(Func<TaskItem, TaskOutcome>? automatic, params string[] names)
    {
        var workers = new FakeWorkers(Clock, names);
        foreach (var name in names)
        {
            workers[name].Automatic = automatic;
        }

        return workers;
    }

    private protected Task Run(FakeWorkers workers, int count, int maxFailures = 4, string? prefer = null, bool speculation = false, bool sideEffects = false) =>
        new TaskSetRunner(Stage(maxFailures, speculation, sideEffects), workers, Clock).RunAsync(Placed(count, prefer), [], Ended.Add);

    /// <summary>Lets time pass in small steps, with room for what each step sets going.</summary>
    private protected async Task AdvanceUntil(Task done, TimeSpan most)
    {
        for (var passed = TimeSpan.Zero; passed < most && !done.IsCompleted; passed += TimeSpan.FromMilliseconds(50))
        {
            await Advance(TimeSpan.FromMilliseconds(50));
        }

        Assert.True(done.IsCompleted, $"Nothing after {most}.");
        await done;
    }

    /// <summary>
    /// Two steps, and then as many small ones as a busy machine needs to come to what is waited for: a thread of the pool may rest in the
    /// middle of a report while others go on, and that must not become a worker's silence of two seconds.
    /// </summary>
    private protected async Task AdvanceUntil(Func<bool> there)
    {
        const int Most = 1000;
        await AdvanceInSteps(TimeSpan.FromMilliseconds(100));
        for (var step = 0; step < Most && !there(); step++)
        {
            await Advance(TimeSpan.FromMilliseconds(1));
        }
    }

    private protected async Task AdvanceInSteps(TimeSpan by)
    {
        for (var passed = TimeSpan.Zero; passed < by; passed += TimeSpan.FromMilliseconds(50))
        {
            await Advance(TimeSpan.FromMilliseconds(50));
        }
    }

    private protected async Task Advance(TimeSpan by)
    {
        Clock.Advance(by);
        for (var i = 0; i < 50; i++)
        {
            await Task.Yield();

            // A report goes through the thread pool, which no manual time waits for: to the end of its common queue.
            await Task.Factory.StartNew(
                static () => { }, CancellationToken.None, TaskCreationOptions.PreferFairness, TaskScheduler.Default);
        }
    }
}
