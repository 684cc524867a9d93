using System.Globalization;
using System.Runtime.InteropServices;

namespace MicroSpark.Bench.Shapes;

/// <summary>Jobs whose keys or elements are records of the program.</summary>
internal static class RecordShapes
{
    public static IReadOnlyList<Func<IWorkload>> All =>
    [
        () => new Shape(
            "records-key", "sum by key of 5 M pairs with 500,000 keys, each a record class of a string and an int; data in memory",
            [Bound.Times(0.5, Contender.HandWritten), Bound.TimesMemory(1.5, Contender.HandWritten, 0)], ByKey),
        () => new Shape(
            "records-groupby", "GroupBy of 2 M records by a string, 200,000 of them; data in memory",
            [Bound.Times(0.7, Contender.HandWritten)], GroupBy),
        () => new Shape(
            "records-orderby", "OrderByDescending a double, ThenBy a string: 5 M records, 50 of each double; data and result in memory",
            [Bound.Times(0.5, Contender.HandWritten), Bound.TimesMemory(1.3, Contender.HandWritten, 0)], OrderBy),
    ];

    private static ShapeJob ByKey(Settings settings, TemporaryFolder folder)
    {
        var keys = settings.Count(500_000);
        var pairs = Rows.Make(
            settings.Count(5_000_000), seed: 21,
            random => random.Next(keys) is var key ? (Key: new Place(Rows.Key(key / 100), key % 100), Value: (long)random.Next(1_000_000)) : default);
        return new ShapeJob(
            spark =>
            {
                var rdd = spark.Parallelize(pairs, settings.Partitions);
                return async () => Rows.Of(await rdd
                    .ReduceByKey((a, b) => a + b)
                    .Map(sum => sum.Key.Street * (sum.Value % 1009))
                    .SumAsync());
            },
            () =>
            {
                var sums = Rows.Combined<(Place Key, long Value), Place, long>(
                    pairs, settings.Threads,
                    static (table, row) => CollectionsMarshal.GetValueRefOrAddDefault(table, row.Key, out _) += row.Value,
                    static (a, b) => a + b);
                long total = 0;
                foreach ((var key, var sum) in sums)
                {
                    total += key.Street * (sum % 1009);
                }

                return Rows.Of(total);
            });
    }

    private static ShapeJob GroupBy(Settings settings, TemporaryFolder folder)
    {
        var sales = Rows.Sales(settings.Count(2_000_000), settings.Count(200_000), seed: 22);
        return new ShapeJob(
            spark =>
            {
                var rdd = spark.Parallelize(sales, settings.Partitions);
                return async () => Rows.Of(await rdd
                    .GroupBy(sale => sale.Town)
                    .Map(town => (long)town.Values.Sum(sale => sale.Count) * town.Values.Count)
                    .SumAsync());
            },
            () =>
            {
                var towns = Rows.Combined<Sale, string, List<Sale>>(
                    sales, settings.Threads,
                    static (table, sale) => (CollectionsMarshal.GetValueRefOrAddDefault(table, sale.Town, out _) ??= []).Add(sale),
                    static (a, b) =>
                    {
                        a.AddRange(b);
                        return a;
                    });
                long total = 0;
                foreach (var town in towns.Values)
                {
                    total += (long)town.Sum(sale => sale.Count) * town.Count;
                }

                return Rows.Of(total);
            });
    }

    private static ShapeJob OrderBy(Settings settings, TemporaryFolder folder)
    {
        var sales = Rows.Sales(settings.Count(5_000_000), settings.Count(200_000), seed: 23);
        return new ShapeJob(
            spark =>
            {
                var rdd = spark.Parallelize(sales, settings.Partitions);
                return async () =>
                {
                    var sorted = rdd.OrderByDescending(sale => sale.Price).ThenBy(sale => sale.Name).Cache();
                    await sorted.CountAsync();
                    return Rows.Probed(sorted, sales.Length, Text);
                };
            },
            () => Rows.Probed(
                Rows.Sorted(sales, settings.Threads, Comparer<Sale>.Create(static (a, b) =>
                    b.Price.CompareTo(a.Price) is var byPrice and not 0 ? byPrice : string.CompareOrdinal(a.Name, b.Name))),
                Text))
        {
            Load = duck =>
            {
                duck.Execute("CREATE TABLE sales (town VARCHAR NOT NULL, name VARCHAR NOT NULL, price DOUBLE NOT NULL, n INTEGER NOT NULL)");
                duck.Append("sales", sales, static (row, sale) => row
                    .AppendValue(sale.Town).AppendValue(sale.Name).AppendValue(sale.Price).AppendValue(sale.Count));
            },
            Duck = duck =>
            {
                duck.Execute("CREATE OR REPLACE TABLE sorted AS SELECT * FROM sales ORDER BY price DESC, name");
                return Rows.Probed(duck, sales.Length, "name || ' ' || (price * 100)::BIGINT");
            },
        };

        static string Text(Sale sale) => string.Create(CultureInfo.InvariantCulture, $"{sale.Name} {Math.Round(sale.Price * 100)}");
    }
}
