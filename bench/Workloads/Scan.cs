using System.Globalization;
using System.Runtime.CompilerServices;

namespace MicroSpark.Bench.Workloads;

/// <summary>A chain of narrow operators: what the stage compiler is for.</summary>
internal sealed class Scan : IWorkload
{
    private DuckDatabase? _duck;

    public string Name => "scan";

    public string Description => "sum of a map of a filter of a map of the numbers below 20 M, which nobody stores";

    public IReadOnlyList<Bound> AtLeast => [Bound.Times(1.5, Contender.HandWritten)];

    public IReadOnlyList<Bound> Goal => [Bound.Times(1, Contender.HandWritten)];

    public int CallsPerRun => 10;

    public async Task<IReadOnlyList<Contender>> PrepareAsync(Contexts contexts)
    {
        var settings = contexts.Settings;
        var length = settings.Count(20_000_000);
        var threads = settings.Threads;
        var compiled = await contexts.CompiledAsync();
        var interpreted = await contexts.InterpretedAsync();
        _duck = new DuckDatabase(settings);
        return
        [
            new Contender(Contender.Ours, () => SumAsync(compiled, length)),
            Contender.Of(Contender.HandWritten, () => Text(Loop(length, threads))),
            Contender.Of(Contender.Plinq, () => Text(ParallelEnumerable.Range(0, length).WithDegreeOfParallelism(threads)
                .Select(x => (long)x * 3 + 1)
                .Where(x => (x & 7) != 0)
                .Select(x => x ^ (x >> 3))
                .Sum())),
            Contender.Of(Contender.DuckDb, () => _duck.Query(
                $"SELECT sum(xor(x, x >> 3)) FROM (SELECT i * 3 + 1 AS x FROM range({length}) t(i)) WHERE x & 7 <> 0")),
            new Contender(Contender.Interpreted, () => SumAsync(interpreted, length)),
        ];
    }

    public ValueTask DisposeAsync()
    {
        _duck?.Dispose();
        return ValueTask.CompletedTask;
    }

    private static async Task<Outcome> SumAsync(MicroSparkContext spark, int length) => Text(await spark.Range(0, length)
        .Map(x => x * 3 + 1)
        .Filter(x => (x & 7) != 0)
        .Map(x => x ^ (x >> 3))
        .SumAsync());

    // What somebody writes who does not mind the threads: a share of the range each.
    private static long Loop(int length, int threads)
    {
        var sums = new long[threads];
        Threads.Run(threads, index => sums[index] = LoopOver(Threads.Start(length, index, threads), Threads.Start(length, index + 1, threads)));
        return sums.Sum();
    }

    // Optimised from its first call on, as MicroSpark's emitted loop is.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static long LoopOver(long start, long end)
    {
        long sum = 0;
        for (var i = start; i < end; i++)
        {
            var x = i * 3 + 1;
            if ((x & 7) != 0)
            {
                checked
                {
                    sum += x ^ (x >> 3);
                }
            }
        }

        return sum;
    }

    private static string Text(long sum) => sum.ToString(CultureInfo.InvariantCulture);
}
