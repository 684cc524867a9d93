using System.Runtime.InteropServices;

namespace MicroSpark.Bench.Shapes;

/// <summary>Jobs whose keys or elements are strings.</summary>
internal static class StringShapes
{
    private const string Pairs = "data in memory: an array of (string, long), each row with a string of its own, DuckDB a table";

    public static IReadOnlyList<Func<IWorkload>> All =>
    [
        () => new Shape(
            "strings-reducebykey", $"sum by key of 10 M pairs with 1 M keys of 12 characters; {Pairs}",
            [Bound.Times(1, Contender.DuckDb), Bound.TimesMemory(1.3, Contender.HandWritten, 0)], ReduceByKey),
        () => new Shape(
            "strings-records", $"the same, a record of three numbers as the value; {Pairs}",
            [Bound.Times(1.3, Contender.DuckDb), Bound.TimesMemory(1.3, Contender.HandWritten, 0)], ReduceRecords),
        () => new Shape(
            "strings-distinct", "5 M strings of 12 characters, half of them duplicates; data in memory: an array, DuckDB a table",
            [Bound.Times(0.7, Contender.HandWritten), Bound.Times(1.3, Contender.DuckDb)], Distinct),
        () => new Shape(
            "strings-sort", "2 M strings of 12 characters, ordinal; data and result in memory: an array, DuckDB a table",
            [Bound.Times(0.5, Contender.HandWritten)], (settings, _) => Sort(settings, StringComparer.Ordinal)),
        () => new Shape(
            "strings-sort-culture", "2 M strings of 12 characters, by StringComparer.CurrentCulture; data and result in memory",
            [Bound.Times(0.5, Contender.HandWritten)], (settings, _) => Sort(settings, StringComparer.CurrentCulture)),
        () => new Shape(
            "strings-join", "2 M x 2 M pairs, keys of 12 characters, random of 2 M on both sides; data in memory: arrays, DuckDB tables",
            [Bound.Times(1, Contender.DuckDb)], Join),
    ];

    private static ShapeJob ReduceByKey(Settings settings, TemporaryFolder folder)
    {
        var pairs = Rows.Pairs(settings.Count(10_000_000), settings.Count(1_000_000), seed: 11);
        return new ShapeJob(
            spark =>
            {
                var rdd = spark.Parallelize(pairs, settings.Partitions);
                return async () => Rows.Of(await rdd
                    .ReduceByKey((a, b) => a + b)
                    .Map(sum => sum.Key.Length * (sum.Value % 1009))
                    .SumAsync());
            },
            () =>
            {
                var sums = Rows.Combined<(string Key, long Value), string, long>(
                    pairs, settings.Threads,
                    static (table, row) => CollectionsMarshal.GetValueRefOrAddDefault(table, row.Key, out _) += row.Value,
                    static (a, b) => a + b);
                long total = 0;
                foreach ((var key, var sum) in sums)
                {
                    total += key.Length * (sum % 1009);
                }

                return Rows.Of(total);
            })
        {
            Load = duck => duck.Load("pairs", pairs),
            Duck = duck => Rows.Of(duck.Query("SELECT sum(length(k) * (s % 1009)) FROM (SELECT k, sum(v)::BIGINT AS s FROM pairs GROUP BY k)")),
        };
    }

    private static ShapeJob ReduceRecords(Settings settings, TemporaryFolder folder)
    {
        var pairs = Rows.Pairs(settings.Count(10_000_000), settings.Count(1_000_000), seed: 12)
            .Select(pair => (pair.Key, Value: new Totals(1, pair.Value, pair.Value))).ToArray();
        return new ShapeJob(
            spark =>
            {
                var rdd = spark.Parallelize(pairs, settings.Partitions);
                return async () => Rows.Of(await rdd
                    .ReduceByKey((a, b) => new Totals(a.Count + b.Count, a.Sum + b.Sum, Math.Max(a.Most, b.Most)))
                    .Map(sum => (long)sum.Value.Sum % 1009 * sum.Value.Count + (long)sum.Value.Most)
                    .SumAsync());
            },
            () =>
            {
                var sums = Rows.Combined<(string Key, Totals Value), string, Totals>(
                    pairs, settings.Threads,
                    static (table, row) =>
                    {
                        ref var slot = ref CollectionsMarshal.GetValueRefOrAddDefault(table, row.Key, out var exists);
                        slot = exists ? Both(slot!, row.Value) : row.Value;
                    },
                    Both);
                long total = 0;
                foreach (var sum in sums.Values)
                {
                    total += ((long)sum.Sum % 1009 * sum.Count) + (long)sum.Most;
                }

                return Rows.Of(total);
            })
        {
            Load = duck =>
            {
                duck.Execute("CREATE TABLE pairs (k VARCHAR NOT NULL, n BIGINT NOT NULL, s DOUBLE NOT NULL, m DOUBLE NOT NULL)");
                duck.Append("pairs", pairs, static (row, pair) => row
                    .AppendValue(pair.Key).AppendValue(pair.Value.Count).AppendValue(pair.Value.Sum).AppendValue(pair.Value.Most));
            },
            Duck = duck => Rows.Of(duck.Query(
                "SELECT sum(s::BIGINT % 1009 * n + m::BIGINT)::BIGINT "
                + "FROM (SELECT k, sum(n)::BIGINT AS n, sum(s) AS s, max(m) AS m FROM pairs GROUP BY k)")),
        };

        static Totals Both(Totals a, Totals b) => new(a.Count + b.Count, a.Sum + b.Sum, Math.Max(a.Most, b.Most));
    }

    private static ShapeJob Distinct(Settings settings, TemporaryFolder folder)
    {
        var count = settings.Count(5_000_000);
        var texts = Enumerable.Range(0, count).Select(i => Rows.Key(i % (count / 2))).ToArray();
        new Random(13).Shuffle(texts);
        return new ShapeJob(
            spark =>
            {
                var rdd = spark.Parallelize(texts, settings.Partitions);
                return async () => Rows.Of(await rdd.Distinct().CountAsync());
            },
            () =>
            {
                var sets = new HashSet<string>[settings.Threads];
                Threads.Run(settings.Threads, index =>
                {
                    var set = new HashSet<string>();
                    foreach (var text in texts.AsSpan(
                        Threads.Start(count, index, settings.Threads)..Threads.Start(count, index + 1, settings.Threads)))
                    {
                        set.Add(text);
                    }

                    sets[index] = set;
                });
                foreach (var set in sets.Skip(1))
                {
                    sets[0].UnionWith(set);
                }

                return Rows.Of(sets[0].Count);
            })
        {
            Load = duck => duck.Load("texts", texts),
            Duck = duck => Rows.Of(duck.Query("SELECT count(*) FROM (SELECT DISTINCT k FROM texts)")),
        };
    }

    private static ShapeJob Sort(Settings settings, StringComparer order)
    {
        var texts = Rows.Make(settings.Count(2_000_000), seed: 14, random => Rows.Key(random.NextInt64()));
        var natural = order == StringComparer.Ordinal;
        return new ShapeJob(
            spark =>
            {
                var rdd = spark.Parallelize(texts, settings.Partitions);
                return async () =>
                {
                    var sorted = rdd.SortBy(text => text, comparer: natural ? null : order).Cache();
                    await sorted.CountAsync();
                    return Rows.Probed(sorted, texts.Length, static text => text);
                };
            },
            () => Rows.Probed(Rows.Sorted(texts, settings.Threads, order), static text => text))
        {
            Load = natural ? duck => duck.Load("texts", texts) : null,
            Duck = duck =>
            {
                duck.Execute("CREATE OR REPLACE TABLE sorted AS SELECT k FROM texts ORDER BY k");
                return Rows.Probed(duck, texts.Length, "k");
            },
        };
    }

    private static ShapeJob Join(Settings settings, TemporaryFolder folder)
    {
        var count = settings.Count(2_000_000);
        var left = Rows.Pairs(count, count, seed: 15);
        var right = Rows.Pairs(count, count, seed: 16);
        return new ShapeJob(
            spark =>
            {
                var (lefts, rights) = (spark.Parallelize(left, settings.Partitions), spark.Parallelize(right, settings.Partitions));
                return async () => Rows.Of(await lefts.Join(rights).Map(row => row.Value.Left - 3 * row.Value.Right).SumAsync());
            },
            () =>
            {
                // Every thread joins the keys of its own remainder: a chained table over the left rows, then the right rows look in it.
                var sums = new long[settings.Threads];
                Threads.Run(settings.Threads, index =>
                {
                    var first = new Dictionary<string, int>();
                    var next = new int[left.Length];
                    for (var row = 0; row < left.Length; row++)
                    {
                        if (IsOf(left[row].Key, index))
                        {
                            ref var slot = ref CollectionsMarshal.GetValueRefOrAddDefault(first, left[row].Key, out _);
                            (next[row], slot) = (slot, row + 1);
                        }
                    }

                    foreach ((var key, var value) in right)
                    {
                        if (IsOf(key, index) && first.TryGetValue(key, out var row))
                        {
                            for (; row > 0; row = next[row - 1])
                            {
                                sums[index] += left[row - 1].Value - (3 * value);
                            }
                        }
                    }
                });
                return Rows.Of(sums.Sum());

                // The last digit of a key is spread evenly.
                bool IsOf(string key, int index) => key[^1] % settings.Threads == index;
            })
        {
            Load = duck =>
            {
                duck.Load("l", left);
                duck.Load("r", right);
            },
            Duck = duck => Rows.Of(duck.Query("SELECT sum(l.v - 3 * r.v)::BIGINT FROM l JOIN r ON l.k = r.k")),
        };
    }
}
