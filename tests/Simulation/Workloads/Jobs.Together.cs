using MicroSpark.Driver.Jobs;
using MicroSpark.Errors;
using MicroSpark.Plans;
using MicroSpark.SharedVariables;
using MicroSpark.Sources;

namespace MicroSpark.Simulation.Workloads;

// Programs whose actions touch each other, or outlive them.
internal static partial class Jobs
{
    /// <summary>From the last fault: each death is known by then, and each call that was lost has been made again.</summary>
    private static readonly TimeSpan s_settled = TimeSpan.FromSeconds(75);

    private static readonly TimeSpan s_part = TimeSpan.FromSeconds(4);

    private const int LastingParts = 8;

    /// <summary>Of workers under one task, by the defaults: then the job fails.</summary>
    private const int MostDeaths = 4;

    /// <summary>One group is cancelled; an action of another one goes on.</summary>
    private static async Task<string?> GroupCancelledAsync(Shape shape)
    {
        var runner = shape.Runner;
        var endless = shape with { About = TimeSpan.FromHours(1), Partitions = Math.Min(3, shape.Partitions) };
        var group = $"group {shape.Size}";
        var stopped = InGroup(runner, new ActionGroup(group, 1 + shape.Variant, null), () => endless.Numbers().CountAsync());
        var other = InGroup(runner, new ActionGroup("other", 1, null), () => shape.Numbers().CollectAsync());
        await Wait(shape, TimeSpan.FromSeconds(1 + (4 * shape.Variant))).ConfigureAwait(false);
        runner.CancelJobs(group);
        try
        {
            return $"counted {await stopped.ConfigureAwait(false)} and was cancelled";
        }
        catch (OperationCanceledException)
        {
            return Same(await other.ConfigureAwait(false), shape.Expected);
        }
    }

    /// <summary>What the last stage adds is exact also when what it reads has to be computed again.</summary>
    private static async Task<string?> CountedBehindAShuffleAsync(Shape shape)
    {
        var seen = SharedVariable.Register(shape.Runner, new LongAccumulator(), "seen");
        var sums = shape.Held(shape.Numbers().Map(static x => (x % 5, x)).ReduceByKey(static (a, b) => a + b, shape.Reducers));
        var result = await sums.Map(pair =>
        {
            seen.Add(pair.Value);
            return pair.Key;
        }).CollectAsync().ConfigureAwait(false);
        return seen.Value != shape.Expected.Sum()
            ? $"the accumulator has {seen.Value}, not {shape.Expected.Sum()}"
            : Same(result.Order(), shape.Expected.Select(static x => x % 5).Distinct().Order());
    }

    /// <summary>Two actions at once compute what is persisted, which is dropped then, and computed again.</summary>
    private static async Task<string?> UnpersistedAsync(Shape shape)
    {
        var kept = shape.Held(shape.Numbers().Persist(shape.Variant == 0 ? StorageLevel.MemoryOnly2 : StorageLevel.MemoryOnly));
        var count = kept.CountAsync();
        var result = await kept.CollectAsync().ConfigureAwait(false);
        if (await count.ConfigureAwait(false) is var counted && counted != shape.Size)
        {
            return $"counted {counted} of {shape.Size}";
        }

        await kept.UnpersistAsync().ConfigureAwait(false);
        return Same(result, shape.Expected) ?? Same(await kept.Map(static x => x + 1).CollectAsync().ConfigureAwait(false), shape.Expected.Select(static x => x + 1));
    }

    /// <summary>
    /// A job that needs no client: nobody asks for it until all faults are over. By then it has ended, and another program reads its result.
    /// </summary>
    private static async Task<string?> SubmittedAsync(Shape shape)
    {
        var (runner, world) = (shape.Runner, shape.Stage.World);
        var sums = shape.Held(shape.Numbers().Map(static x => (x % 5, x)).ReduceByKey(static (a, b) => a + b, shape.Reducers));
        var capture = new ActionCapture();
        runner.Capture = capture;
        _ = sums.CollectAsync();
        runner.Capture = null;
        var action = capture.Action!;
        var deaths = shape.Stage.Deaths();
        var id = await runner.SubmitAsync(action, CancellationToken.None).ConfigureAwait(false);
        if (shape.Variant > 0)
        {
            await Wait(shape, shape.Stage.Quiet() + s_settled - world.Now).ConfigureAwait(false);
        }

        var other = shape.Variant == 1 ? runner : shape.Stage.NewClient();
        try
        {
            if ((await other.LookAsync(id, -1, CancellationToken.None).ConfigureAwait(false)).Summary!.Ended is null && shape.Variant > 0)
            {
                return "submitted a job that nobody drives";
            }

            var result = await new SubmittedJob<(long Key, long Value)[]>(other, id, action.Name, action.Joined, other == runner ? action : null)
                .ResultAsync().ConfigureAwait(false);
            return Same(result.Order(), shape.Expected.GroupBy(static x => x % 5).Select(static g => (g.Key, g.Sum())).Order());
        }
        catch (KeyNotFoundException) when (shape.Stage.Deaths() - deaths > 1)
        {
            // Both that kept its record have died.
            return null;
        }
        finally
        {
            if (other != runner)
            {
                other.Close();
            }
        }
    }

    /// <summary>Among many short tasks two that last: a worker that has one is still asked when a call that was lost is made again.</summary>
    private static async Task<string?> UnevenAsync(Shape shape)
    {
        var (size, about) = (16 + (4 * shape.Partitions), shape.About);
        try
        {
            var result = await Source.Range(shape.Runner, 0, size, 1, size)
                .MapPartitions(items => items.Select(x => x is 0 or 9 ? Last(x * 2) : Work.Take(x * 2, about / 4))).CollectAsync()
                .ConfigureAwait(false);
            return Same(result, Enumerable.Range(0, size).Select(static x => 2L * x));
        }
        catch (JobFailedException e) when (shape.Stage.Deaths() >= MostDeaths && e.Message.Contains($"Each of {MostDeaths} workers", StringComparison.Ordinal))
        {
            // So it is promised: nobody can tell that from a task that kills its workers.
            return null;
        }
    }

    /// <summary>How long a program takes for its tasks alone: on one slot, if it comes to that.</summary>
    public static TimeSpan Lasting(string name) => name == nameof(UnevenAsync) ? 2 * LastingParts * 2 * s_part : TimeSpan.Zero;

    /// <summary>Takes longer than a call waits for its answer: some 40 s.</summary>
    private static long Last(long item)
    {
        for (var part = 0; part < LastingParts; part++)
        {
            Work.Take(item, s_part);
        }

        return item;
    }

    /// <summary>A program of many rounds over what it keeps: it is at work when deaths become known here and there.</summary>
    private static async Task<string?> IteratedAsync(Shape shape)
    {
        var kept = shape.Held(shape.Numbers().Map(static x => (x % 5, x)).ReduceByKey(static (a, b) => a + b, shape.Reducers));
        for (var round = 0; round < 4 + (4 * shape.Variant); round++)
        {
            var added = round;
            var sums = shape.Held(kept.Map(pair => (pair.Key % 2, pair.Value + added)).ReduceByKey(static (a, b) => a + b, shape.Reducers));
            var result = await sums.CollectAsync().ConfigureAwait(false);
            var expected = shape.Expected.GroupBy(static x => x % 5).Select(g => (Key: g.Key % 2, Value: g.Sum() + added))
                .GroupBy(static p => p.Key).Select(static g => (g.Key, g.Sum(static p => p.Value)));
            if (Same(result.Order(), expected.Order()) is { } wrong)
            {
                return $"in round {round} {wrong}";
            }

            await Wait(shape, s_long).ConfigureAwait(false);
        }

        return null;
    }

    private static async Task<R> InGroup<R>(ClusterJobRunner runner, ActionGroup group, Func<Task<R>> action)
    {
        runner.Group = group;
        return await action().ConfigureAwait(false);
    }

    private static Task Wait(Shape shape, TimeSpan time) =>
        time > TimeSpan.Zero ? shape.Runner.Time.PauseAsync(time, CancellationToken.None) : Task.CompletedTask;
}
