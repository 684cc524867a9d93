using System.Globalization;

namespace MicroSpark.Bench.Workloads;

/// <summary>A Parquet file that DuckDB wrote, all columns of all rows read as elements.</summary>
internal sealed class ParquetScan : IWorkload
{
    private readonly TemporaryFolder _folder = new();
    private DuckDatabase? _duck;

    public string Name => "files-parquet";

    public string Description => "5 M rows of six columns, read from a Parquet file that is in the page cache, and something of each column summed";

    public IReadOnlyList<Bound> AtLeast => [Bound.Times(2.5, Contender.DuckDb)];

    public IReadOnlyList<Bound> Goal => [Bound.Times(1.5, Contender.DuckDb)];

    public async Task<IReadOnlyList<Contender>> PrepareAsync(Contexts contexts)
    {
        var settings = contexts.Settings;
        var path = _folder.File("rows.parquet");
        _duck = new DuckDatabase(settings);
        _duck.Execute(
            "COPY (SELECT i AS id, (i * 7919) % 1000003 AS key, i / 4.0::DOUBLE AS price, "
            + "CASE WHEN i % 10 = 0 THEN NULL ELSE (i % 1000)::INTEGER END AS small, 'name ' || (i % 5000) AS name, "
            + "TIMESTAMP '2024-01-01' + to_seconds(i) AS at "
            + $"FROM range({settings.Count(5_000_000)}) r(i)) TO '{path}' (FORMAT PARQUET)");
        var spark = await contexts.CompiledAsync();
        return
        [
            new Contender(Contender.Ours, async () => Text(await spark.ParquetFile<Row>(path)
                .Map(row => row.Id + row.Key + (long)row.Price + (row.Small ?? 0) + row.Name.Length + row.At.Minute)
                .SumAsync())),
            Contender.Of(Contender.DuckDb, () => _duck.Query(
                "SELECT sum(id + key + floor(price)::BIGINT + coalesce(small, 0) + length(name) + minute(\"at\")) "
                + $"FROM read_parquet('{path}')")),
        ];
    }

    public ValueTask DisposeAsync()
    {
        _duck?.Dispose();
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    private static Outcome Text(long sum) => sum.ToString(CultureInfo.InvariantCulture);

    /// <summary>A row of the file.</summary>
    internal readonly record struct Row(long Id, long Key, double Price, int? Small, string Name, DateTime At);
}
