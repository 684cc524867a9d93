using System.Globalization;
using System.Numerics;

namespace MicroSpark.Bench.Workloads;

/// <summary>An inner join of two inputs of the same size, a row of one with about one row of the other.</summary>
internal sealed class Join : IWorkload
{
    private (int Key, long Value)[] _left = [];
    private (int Key, long Value)[] _right = [];
    private Rdd<(int Key, long Value)>? _leftRdd;
    private Rdd<(int Key, long Value)>? _rightRdd;
    private DuckDatabase? _duck;

    public string Name => "join";

    public string Description => "5 M x 5 M (int, long) pairs, keys random below 5 M on both sides; data in memory: arrays, DuckDB tables";

    public IReadOnlyList<Bound> AtLeast => [Bound.Times(1.5, Contender.DuckDb)];

    public IReadOnlyList<Bound> Goal => [Bound.Times(1, Contender.DuckDb)];

    public Task<IReadOnlyList<Contender>> PrepareAsync(Contexts contexts)
    {
        var settings = contexts.Settings;
        var threads = settings.Threads;
        var count = settings.Count(5_000_000);
        _left = Data.Pairs(count, keys: count, seed: 3);
        _right = Data.Pairs(count, keys: count, seed: 4);
        _duck = new DuckDatabase(settings);
        _duck.Load("l", _left);
        _duck.Load("r", _right);
        return Task.FromResult<IReadOnlyList<Contender>>(
        [
            new Contender(Contender.Ours, async () => Text(await _leftRdd!
                .Join(_rightRdd!)
                .Map(row => row.Value.Left - 3 * row.Value.Right)
                .SumAsync()))
            {
                Before = async () =>
                {
                    var spark = await contexts.RenewAsync();
                    _leftRdd = spark.Parallelize(_left);
                    _rightRdd = spark.Parallelize(_right);
                },
            },
            Contender.Of(Contender.HandWritten, () => Text(Loop(_left, _right, threads))),
            Contender.Of(Contender.Plinq, () => Text(_left.AsParallel().WithDegreeOfParallelism(threads)
                .Join(_right.AsParallel(), row => row.Key, row => row.Key, (left, right) => left.Value - 3 * right.Value)
                .Sum())),
            Contender.Of(Contender.DuckDb, () => _duck.Query("SELECT sum(l.v - 3 * r.v) FROM l JOIN r ON l.k = r.k")),
        ]);
    }

    public ValueTask DisposeAsync()
    {
        _duck?.Dispose();
        return ValueTask.CompletedTask;
    }

    // Every thread joins the keys of its own remainder: a chained table over the left rows, then the right rows look in it.
    private static long Loop((int Key, long Value)[] left, (int Key, long Value)[] right, int threads)
    {
        var sums = new long[threads];
        Threads.Run(threads, index =>
        {
            var mask = (int)BitOperations.RoundUpToPowerOf2((uint)(left.Length / threads)) - 1;
            var first = new int[mask + 1];
            var next = new int[left.Length];
            for (var row = 0; row < left.Length; row++)
            {
                if ((uint)left[row].Key % (uint)threads == index)
                {
                    var slot = left[row].Key / threads & mask;
                    (next[row], first[slot]) = (first[slot], row + 1);
                }
            }

            long sum = 0;
            foreach ((var key, var value) in right)
            {
                if ((uint)key % (uint)threads == index)
                {
                    for (var row = first[key / threads & mask] - 1; row >= 0; row = next[row] - 1)
                    {
                        if (left[row].Key == key)
                        {
                            sum += left[row].Value - 3 * value;
                        }
                    }
                }
            }

            sums[index] = sum;
        });
        return sums.Sum();
    }

    private static string Text(long sum) => sum.ToString(CultureInfo.InvariantCulture);
}
