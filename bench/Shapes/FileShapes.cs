using System.Globalization;
using System.Text.Json;

namespace MicroSpark.Bench.Shapes;

/// <summary>Jobs that read files; see the Parquet row too.</summary>
internal static class FileShapes
{
    private const byte NewLine = (byte)'\n';

    public static IReadOnlyList<Func<IWorkload>> All =>
    [
        () => new Shape(
            "files-json", "1 M lines of JSON read as records, and something of each member summed; the file is in the page cache",
            [Bound.Times(1.5, Contender.DuckDb)], JsonLines),
    ];

    private static ShapeJob JsonLines(Settings settings, TemporaryFolder folder)
    {
        var path = folder.File("sales.jsonl");
        using (var text = new StreamWriter(path))
        {
            foreach (var sale in Rows.Sales(settings.Count(1_000_000), 5_000, seed: 41))
            {
                text.Write(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{{\"Town\":\"{sale.Town}\",\"Name\":\"{sale.Name}\",\"Price\":{sale.Price},\"Count\":{sale.Count}}}\n"));
            }
        }

        return new ShapeJob(
            spark =>
            {
                var rdd = spark.JsonFile<Sale>(path);
                return async () => Rows.Of(await rdd.Map(sale => sale.Town.Length + sale.Name.Length + (long)sale.Price + sale.Count).SumAsync());
            },
            () =>
            {
                var bytes = File.ReadAllBytes(path);
                var sums = new long[settings.Threads];
                Threads.Run(settings.Threads, index =>
                {
                    // A line belongs to the share that it begins in.
                    var at = StartOf(bytes, Threads.Start(bytes.Length, index, settings.Threads));
                    var end = StartOf(bytes, Threads.Start(bytes.Length, index + 1, settings.Threads));
                    while (at < end)
                    {
                        var line = bytes.AsSpan(at, bytes.AsSpan(at).IndexOf(NewLine));
                        var sale = JsonSerializer.Deserialize<Sale>(line)!;
                        sums[index] += sale.Town.Length + sale.Name.Length + (long)sale.Price + sale.Count;
                        at += line.Length + 1;
                    }
                });
                return Rows.Of(sums.Sum());
            })
        {
            Load = _ => { },
            Duck = duck => Rows.Of(duck.Query(
                "SELECT sum(length(Town) + length(Name) + floor(Price)::BIGINT + \"Count\")::BIGINT FROM read_json("
                + $"'{path}', format = 'newline_delimited', columns = {{Town: 'VARCHAR', Name: 'VARCHAR', Price: 'DOUBLE', Count: 'INTEGER'}})")),
        };
    }

    private static int StartOf(ReadOnlySpan<byte> bytes, int at) =>
        at == 0 ? 0 : at >= bytes.Length ? bytes.Length : at - 1 + bytes[(at - 1)..].IndexOf(NewLine) + 1;
}
