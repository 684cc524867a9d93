using System.Globalization;

namespace MicroSpark.Bench.Workloads;

/// <summary>A total order of numbers without any pattern. The result stays where each contender keeps data, sorted and whole.</summary>
internal sealed class Sort : IWorkload
{
    // The check reads this many elements of the result, at equal distances: a wrong order would show.
    private const int Probes = 1000;

    private long[] _values = [];
    private long[] _sorted = [];
    private Rdd<long>? _rdd;
    private Rdd<long>? _sortedRdd;
    private DuckDatabase? _duck;

    public string Name => "sort";

    public string Description =>
        "20 M random longs; data in memory: an array, DuckDB a table; the result too: cached partitions, an array, a table in order";

    public IReadOnlyList<Bound> AtLeast => [Bound.Times(1, Contender.DuckDb)];

    public IReadOnlyList<Bound> Goal => [Bound.Times(0.5, Contender.DuckDb)];

    public Task<IReadOnlyList<Contender>> PrepareAsync(Contexts contexts)
    {
        var settings = contexts.Settings;
        var threads = settings.Threads;
        _values = Data.Longs(settings.Count(20_000_000), seed: 2);
        var step = _values.Length / Probes;
        _duck = new DuckDatabase(settings);
        _duck.Load("longs", _values);
        return Task.FromResult<IReadOnlyList<Contender>>(
        [
            new Contender(Contender.Ours, async () =>
            {
                _sortedRdd = _rdd!.SortBy(value => value).Cache();
                return Number(await _sortedRdd.CountAsync());
            })
            {
                Before = async () => _rdd = (await contexts.RenewAsync()).Parallelize(_values),
                Check = async () => Text(await _sortedRdd!.ZipWithIndex().Filter(entry => entry.Index % step == 0).Map(entry => entry.Value).CollectAsync()),
            },
            new Contender(Contender.HandWritten, () => Keep(Loop(_values, threads))) { Check = CheckArray },
            new Contender(Contender.Plinq, () => Keep(_values.AsParallel().WithDegreeOfParallelism(threads).OrderBy(value => value).ToArray())) { Check = CheckArray },
            new Contender(Contender.DuckDb, () =>
            {
                _duck.Execute("CREATE OR REPLACE TABLE sorted AS SELECT v FROM longs ORDER BY v");
                return Task.FromResult<Outcome>("");
            })
            {
                Check = () => Task.FromResult(_duck.Query($"SELECT v FROM sorted WHERE rowid % {step} = 0 ORDER BY rowid")),
            },
        ]);

        Task<Outcome> Keep(long[] sorted)
        {
            _sorted = sorted;
            return Task.FromResult<Outcome>("");
        }

        Task<string> CheckArray() => Task.FromResult(Text(_sorted.Where((_, index) => index % step == 0)));
    }

    public ValueTask DisposeAsync()
    {
        _duck?.Dispose();
        return ValueTask.CompletedTask;
    }

    // Each thread sorts its share; then two threads merge two shares, one from either end.
    private static long[] Loop(long[] values, int threads)
    {
        var shares = new long[threads][];
        Threads.Run(threads, index =>
        {
            shares[index] = values[Threads.Start(values.Length, index, threads)..Threads.Start(values.Length, index + 1, threads)];
            Array.Sort(shares[index]);
        });
        return shares.Aggregate(Merge);
    }

    private static long[] Merge(long[] left, long[] right)
    {
        var merged = new long[left.Length + right.Length];
        var half = merged.Length / 2;
        Threads.Run(2, index =>
        {
            if (index == 0)
            {
                for (int l = 0, r = 0, to = 0; to < half; to++)
                {
                    merged[to] = r == right.Length || (l < left.Length && left[l] <= right[r]) ? left[l++] : right[r++];
                }
            }
            else
            {
                for (int l = left.Length - 1, r = right.Length - 1, to = merged.Length - 1; to >= half; to--)
                {
                    merged[to] = l < 0 || (r >= 0 && left[l] <= right[r]) ? right[r--] : left[l--];
                }
            }
        });
        return merged;
    }

    private static string Text(IEnumerable<long> values) => string.Join(' ', values.Select(Number));

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
