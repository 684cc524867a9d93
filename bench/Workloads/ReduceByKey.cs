using System.Globalization;
using System.Runtime.InteropServices;

namespace MicroSpark.Bench.Workloads;

/// <summary>A sum by key, with enough keys that the table outgrows the caches.</summary>
internal sealed class ReduceByKey : IWorkload
{
    private (int Key, long Value)[] _pairs = [];
    private Rdd<(int Key, long Value)>? _rdd;
    private DuckDatabase? _duck;

    public string Name => "reducebykey";

    public string Description => "sum by key of 20 M (int, long) pairs with 1 M keys; data in memory: an array, DuckDB a table";

    public IReadOnlyList<Bound> AtLeast => [Bound.Times(1, Contender.DuckDb)];

    public IReadOnlyList<Bound> Goal => [Bound.Times(0.6, Contender.DuckDb)];

    public Task<IReadOnlyList<Contender>> PrepareAsync(Contexts contexts)
    {
        var settings = contexts.Settings;
        var threads = settings.Threads;
        _pairs = Data.Pairs(settings.Count(20_000_000), keys: settings.Count(1_000_000), seed: 1);
        _duck = new DuckDatabase(settings);
        _duck.Load("pairs", _pairs);
        return Task.FromResult<IReadOnlyList<Contender>>(
        [
            new Contender(Contender.Ours, async () => Text(await _rdd!
                .ReduceByKey((a, b) => a + b)
                .Map(sum => sum.Key % 1009 * sum.Value)
                .SumAsync()))
            {
                Before = async () => _rdd = (await contexts.RenewAsync()).Parallelize(_pairs),
            },
            Contender.Of(Contender.HandWritten, () => Text(Loop(_pairs, threads))),
            Contender.Of(Contender.Plinq, () => Text(_pairs.AsParallel().WithDegreeOfParallelism(threads)
                .GroupBy(pair => pair.Key, pair => pair.Value)
                .Select(group => group.Key % 1009 * group.Sum())
                .Sum())),
            Contender.Of(Contender.DuckDb, () => _duck.Query("SELECT sum(k % 1009 * s) FROM (SELECT k, sum(v)::BIGINT AS s FROM pairs GROUP BY k)")),
        ]);
    }

    public ValueTask DisposeAsync()
    {
        _duck?.Dispose();
        return ValueTask.CompletedTask;
    }

    // A table for each thread over its share, then one of them all.
    private static long Loop((int Key, long Value)[] pairs, int threads)
    {
        var tables = new Dictionary<int, long>[threads];
        Threads.Run(threads, index =>
        {
            var sums = new Dictionary<int, long>();
            foreach ((var key, var value) in pairs.AsSpan(Threads.Start(pairs.Length, index, threads)..Threads.Start(pairs.Length, index + 1, threads)))
            {
                CollectionsMarshal.GetValueRefOrAddDefault(sums, key, out _) += value;
            }

            tables[index] = sums;
        });
        foreach (var table in tables.Skip(1))
        {
            foreach ((var key, var sum) in table)
            {
                CollectionsMarshal.GetValueRefOrAddDefault(tables[0], key, out _) += sum;
            }
        }

        long total = 0;
        foreach ((var key, var sum) in tables[0])
        {
            total += key % 1009 * sum;
        }

        return total;
    }

    private static string Text(long total) => total.ToString(CultureInfo.InvariantCulture);
}
