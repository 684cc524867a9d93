using System.Globalization;
using DuckDB.NET.Data;

namespace MicroSpark.Bench.Shapes;

/// <summary>Sorts of what has an order and is no number of 64 bits.</summary>
internal static class DateShapes
{
    public static IReadOnlyList<Func<IWorkload>> All =>
    [
        () => Sort(
            "dates-sort-guids", "Guids", "UUID", static random => RandomGuid(random), static value => value.ToString("D"),
            static (row, value) => row.AppendValue(value)),
        () => Sort(
            "dates-sort-decimals", "decimals of two places, both signs", "DECIMAL(18, 2)",
            static random => new decimal(random.NextInt64(-100_000_000_000, 100_000_000_000)) / 100,
            static value => value.ToString("F2", CultureInfo.InvariantCulture), static (row, value) => row.AppendValue(value)),
        () => Sort(
            "dates-sort-offsets", "DateTimeOffsets of three offsets", "TIMESTAMP",
            static random => new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.FromHours(random.Next(3))).AddSeconds(random.Next()),
            static value => value.UtcDateTime.ToString("s", CultureInfo.InvariantCulture), static (row, value) => row.AppendValue(value.UtcDateTime)),
    ];

    private static Shape Sort<T>(
        string name, string what, string type, Func<Random, T> make, Func<T, string> text, Action<IDuckDBAppenderRow, T> append) => new(
        name, $"5 M random {what}; data and result in memory: an array, DuckDB a table",
        [Bound.Times(0.5, Contender.HandWritten)],
        (settings, _) =>
        {
            var values = Rows.Make(settings.Count(5_000_000), seed: 31, make);
            return new ShapeJob(
                spark =>
                {
                    var rdd = spark.Parallelize(values, settings.Partitions);
                    return async () =>
                    {
                        var sorted = rdd.SortBy(value => value).Cache();
                        await sorted.CountAsync();
                        return Rows.Probed(sorted, values.Length, text);
                    };
                },
                () => Rows.Probed(Rows.Sorted(values, settings.Threads), text))
            {
                Load = duck =>
                {
                    duck.Execute($"CREATE TABLE entries (k {type} NOT NULL)");
                    duck.Append("entries", values, append);
                },
                Duck = duck =>
                {
                    duck.Execute("CREATE OR REPLACE TABLE sorted AS SELECT k FROM entries ORDER BY k");
                    return Rows.Probed(duck, values.Length, type == "TIMESTAMP" ? "strftime(k, '%Y-%m-%dT%H:%M:%S')" : "k::VARCHAR");
                },
            };
        });

    private static Guid RandomGuid(Random random)
    {
        Span<byte> bytes = stackalloc byte[16];
        random.NextBytes(bytes);
        return new Guid(bytes);
    }
}
