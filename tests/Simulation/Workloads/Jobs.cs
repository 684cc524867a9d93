using MicroSpark.Driver.Jobs;
using MicroSpark.SharedVariables;
using MicroSpark.Simulation.Loop;
using MicroSpark.Sources;

namespace MicroSpark.Simulation.Workloads;

/// <summary>
/// The programs that clients of a simulated cluster run. Each knows its result, computed without a cluster; elements are numbers of which
/// no two are equal, so that none can be lost or doubled unseen.
/// </summary>
internal static partial class Jobs
{
    private static readonly TimeSpan s_short = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan s_long = TimeSpan.FromMilliseconds(1500);

    /// <summary>All of them: each runs to its end, and says what is wrong with its result, or null.</summary>
    private static readonly Func<Shape, Task<string?>>[] s_all =
        [
            CollectAsync, CountAsync, SumByKeyAsync, TwoShufflesAsync, PersistedTwiceAsync, JoinedAsync, CountedAsync, FailingAsync,
            DistinctAsync, CancelledAsync, GroupCancelledAsync, CountedBehindAShuffleAsync, UnpersistedAsync, SubmittedAsync,
            FailedAsync, UnevenAsync, IteratedAsync,
        ];

    public static IEnumerable<string> Names => s_all.Select(static job => job.Method.Name);

    /// <summary>Draws one and how large it is.</summary>
    /// <param name="stage">Where it runs.</param>
    /// <param name="varied">Whether it may be one that is not deterministic.</param>
    /// <param name="held">Keeps the recipes: when the collector takes one is not in the seed, and its outputs would go then.</param>
    public static (string Name, Func<Task<string?>> Run) Draw(ClusterJobRunner runner, Stage stage, List<object> held, bool varied)
    {
        var world = stage.World;
        var random = world.Random;
        var shape = new Shape(
            runner, random.Next(1, 60), random.Next(1, 9), random.Next(1, 6), world.Draw(0.2) ? s_long : s_short, random.Next(3), held, stage);
        var drawn = random.Next(s_all.Length + (varied ? 1 : 0));
        var job = drawn < s_all.Length ? s_all[drawn] : VariedAsync;
        return (job.Method.Name, () => job(shape));
    }

    private static async Task<string?> CollectAsync(Shape shape)
    {
        var result = await shape.Numbers().CollectAsync().ConfigureAwait(false);
        return Same(result, shape.Expected);
    }

    private static async Task<string?> CountAsync(Shape shape)
    {
        var count = await shape.Numbers().CountAsync().ConfigureAwait(false);
        return count == shape.Size ? null : $"counted {count} of {shape.Size}";
    }

    private static async Task<string?> SumByKeyAsync(Shape shape)
    {
        var sums = shape.Held(shape.Numbers().Map(static x => (x % 5, x)).ReduceByKey(static (a, b) => a + b, shape.Reducers));
        var result = await sums.CollectAsync().ConfigureAwait(false);
        return Same(result.Order(), shape.Expected.GroupBy(static x => x % 5).Select(static g => (g.Key, g.Sum())).Order());
    }

    private static async Task<string?> TwoShufflesAsync(Shape shape)
    {
        var about = shape.About;
        var sums = shape.Held(shape.Numbers().Map(static x => (x % 7, x)).ReduceByKey(static (a, b) => a + b, shape.Reducers)
            .Map(pair => Work.Take((pair.Key % 2, pair.Value), about)).ReduceByKey(static (a, b) => a + b, shape.Reducers));
        var result = await sums.CollectAsync().ConfigureAwait(false);
        return Same(result.Order(), shape.Expected.GroupBy(static x => x % 7 % 2).Select(static g => (g.Key, g.Sum())).Order());
    }

    private static async Task<string?> PersistedTwiceAsync(Shape shape)
    {
        var kept = shape.Held(shape.Numbers().Persist(shape.Variant == 0 ? StorageLevel.MemoryOnly2 : StorageLevel.MemoryOnly));
        var count = await kept.CountAsync().ConfigureAwait(false);
        var result = await kept.Filter(static x => x % 2 == 0).CollectAsync().ConfigureAwait(false);
        return count != shape.Size ? $"counted {count} of {shape.Size}" : Same(result, shape.Expected.Where(static x => x % 2 == 0));
    }

    private static async Task<string?> JoinedAsync(Shape shape)
    {
        var left = shape.Numbers().Map(static x => (x, x + 1));
        var right = Source.Range(shape.Runner, 0, 2 * shape.Size, 2, shape.Reducers).Map(static x => (x, -x));
        var joined = shape.Held(left.Join(right, shape.Reducers));
        var result = await joined.CollectAsync().ConfigureAwait(false);
        return Same(result.Order(), shape.Expected.Select(static x => (x, (x + 1, -x))).Order());
    }

    /// <summary>What the last stage adds to an accumulator is exact.</summary>
    private static async Task<string?> CountedAsync(Shape shape)
    {
        var seen = SharedVariable.Register(shape.Runner, new LongAccumulator(), "seen");
        var count = await shape.Numbers().Filter(x =>
        {
            seen.Add(x);
            return x % 2 == 0;
        }).CountAsync().ConfigureAwait(false);
        return count != shape.Size ? $"counted {count} of {shape.Size}"
            : seen.Value != shape.Expected.Sum() ? $"the accumulator has {seen.Value}, not {shape.Expected.Sum()}" : null;
    }

    /// <summary>First attempts fail, by chance: later ones do not.</summary>
    private static async Task<string?> FailingAsync(Shape shape)
    {
        var least = shape.Variant;
        var groups = shape.Held(shape.Numbers().Map(x => Work.Fail(x, least)).Map(static x => (x % 3, x)).GroupByKey(shape.Reducers));
        var result = await groups.FlatMap(static group => group.Values).CollectAsync().ConfigureAwait(false);
        return Same(result.Order(), shape.Expected);
    }

    /// <summary>A lambda that throws whenever it is tried fails the job, with its own message.</summary>
    private static async Task<string?> FailedAsync(Shape shape)
    {
        try
        {
            var failing = shape.Numbers().Map(static x => x == 0 ? throw new FormatException("always") : x);
            var count = shape.Variant == 0
                ? await failing.CountAsync().ConfigureAwait(false)
                : await shape.Held(failing.Map(static x => (x % 3, x)).GroupByKey(shape.Reducers)).CountAsync().ConfigureAwait(false);
            return $"counted {count} and was to fail";
        }
        catch (JobFailedException e)
        {
            return e.ToString().Contains("always", StringComparison.Ordinal) ? null : $"failed with {e}";
        }
    }

    /// <summary>
    /// Keys that are drawn anew by each attempt, in part, as a change of values under the same keys is not noticed: what was computed again
    /// is another content, and of two contents none may be mixed. When results of the first one have been committed, the job says so and
    /// fails.
    /// </summary>
    private static async Task<string?> VariedAsync(Shape shape)
    {
        try
        {
            var numbers = shape.Numbers();
            if (shape.Variant > 0)
            {
                numbers = shape.Held(numbers.Map(static x => ((100 * x) + Work.Draw(100), x)).GroupByKey(shape.Partitions)).FlatMap(static group => group.Values);
            }

            var groups = shape.Held(numbers.Map(static x => ((100 * x) + Work.Draw(100), x)).GroupByKey(shape.Reducers));
            var result = await groups.FlatMap(static group => group.Values).CollectAsync().ConfigureAwait(false);
            return Same(result.Order(), shape.Expected);
        }
        catch (JobFailedException e)
        {
            return e.Message.Contains("non-deterministic", StringComparison.Ordinal) ? null : $"failed with {e}";
        }
    }

    private static async Task<string?> DistinctAsync(Shape shape)
    {
        var distinct = shape.Held(shape.Numbers().Repartition(shape.Reducers).Distinct());
        var result = await distinct.CollectAsync().ConfigureAwait(false);
        return Same(result.Order(), shape.Expected);
    }

    /// <summary>Its tasks would take an hour: the program gives up before.</summary>
    private static async Task<string?> CancelledAsync(Shape shape)
    {
        var endless = shape with { About = TimeSpan.FromHours(1), Partitions = Math.Min(3, shape.Partitions) };
        var sums = shape.Held(endless.Numbers().Map(static x => (x % 5, x)).ReduceByKey(static (a, b) => a + b, shape.Reducers));
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(1 + (5 * shape.Variant)), shape.Runner.Time);
        try
        {
            return shape.Variant == 0
                ? $"counted {await endless.Numbers().CountAsync(stop.Token).ConfigureAwait(false)} and was cancelled"
                : $"collected {(await sums.CollectAsync(stop.Token).ConfigureAwait(false)).Length} and was cancelled";
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    private static string? Same<T>(IEnumerable<T> result, IEnumerable<T> expected) =>
        result.SequenceEqual(expected) ? null : $"gave {string.Join(", ", result)} and not {string.Join(", ", expected)}";

    /// <summary>What a program may know of the world around it.</summary>
    /// <param name="Quiet">From then on nothing fails, and no program has tasks that last.</param>
    /// <param name="NewClient">Another program's runner.</param>
    /// <param name="Deaths">Silos that have gone, or that the others take for dead.</param>
    internal sealed record Stage(World World, Func<TimeSpan> Quiet, Func<ClusterJobRunner> NewClient, Func<int> Deaths);

    /// <param name="Size">Elements.</param>
    /// <param name="About">What one partition takes.</param>
    private sealed record Shape(
        ClusterJobRunner Runner, int Size, int Partitions, int Reducers, TimeSpan About, int Variant, List<object> All, Stage Stage)
    {
        public IEnumerable<long> Expected => Enumerable.Range(0, Size).Select(static x => 2L * x);

        public Rdd<T> Held<T>(Rdd<T> rdd)
        {
            All.Add(rdd);
            return rdd;
        }

        public Rdd<long> Numbers()
        {
            var about = About;
            return Source.Range(Runner, 0, Size, 1, Partitions)
                .MapPartitions(items => Work.Take(items, about).Select(static x => x * 2));
        }
    }
}
