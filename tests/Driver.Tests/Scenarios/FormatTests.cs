using System.Text.Json.Serialization;
using Microsoft.Data.Sqlite;

namespace MicroSpark.Tests.Scenarios;

/// <summary>Typed files and tables, with element types that travel.</summary>
[Collection(ShapesCollection.Name)]
public sealed class FormatTests(Shapes shapes) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("microspark-test-").FullName;

    public enum Mood { Calm, Wild }

    public sealed record Trip(string Town, int Nights, decimal Cost, DateOnly Start, Mood? Mood, [property: JsonPropertyName("guide's name")] string? Guide = null);

    internal readonly record struct Point(int X, double? Y);

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory, EveryShape]
    public async Task Elements_survive_each_format_in_turn(string shape)
    {
        var spark = shapes.Of(shape);
        var trips = Trips(500);
        await spark.Parallelize(trips, 3).SaveAsCsvFileAsync(At("csv"));
        var fromCsv = spark.CsvFile<Trip>(At("csv"), new CsvOptions { MinPartitions = 5 });
        Assert.Equal(trips, await fromCsv.CollectAsync());
        await fromCsv.SaveAsJsonFileAsync(At("json"), new JsonFileOptions { Compression = Compression.Zstd });
        var fromJson = spark.JsonFile<Trip>(At("json"));
        Assert.Equal(trips, await fromJson.CollectAsync());
        await fromJson.SaveAsParquetFileAsync(At("parquet"));
        var fromParquet = spark.ParquetFile<Trip>(At("parquet/part-*.parquet"));
        Assert.Equal(trips, await fromParquet.CollectAsync());
        var costs = await fromParquet.Map(t => (t.Town, t.Cost)).ReduceByKey((a, b) => a + b).CollectAsMapAsync();
        Assert.Equal(trips.GroupBy(t => t.Town).ToDictionary(g => g.Key, g => g.Sum(t => t.Cost)), costs);
        Assert.True(File.Exists(At("parquet/_SUCCESS")));
        await Assert.ThrowsAsync<IOException>(() => fromParquet.SaveAsParquetFileAsync(At("csv")));
        Assert.Equal(trips, await spark.CsvFile<Trip>(At("csv")).CollectAsync());
    }

    internal sealed record Stock(int Id, Dictionary<string, int?>? Counts, List<string?>? Tags, List<Point>? Points, TimeOnly At, (int, string?) Pair);

    [Theory, EveryShape]
    public async Task Lists_maps_and_records_of_Parquet_files_travel(string shape)
    {
        var spark = shapes.Of(shape);
        Stock[] stock = [.. Enumerable.Range(0, 60).Select(i => new Stock(
            i, i % 5 == 0 ? null : Enumerable.Range(0, i % 4).ToDictionary(c => $"c{c}", c => c == 2 ? null : (int?)c),
            i % 4 == 0 ? null : [.. Enumerable.Range(0, i % 3).Select(t => t == 1 ? null : $"t{t}")], i % 3 == 0 ? null : [new(i, null)],
            new TimeOnly(12, 30, 15, 500), (i, null)))];
        await spark.Parallelize(stock, 3).SaveAsParquetFileAsync(At("stock"));
        var read = spark.ParquetFile<Stock>(At("stock"));
        Assert.Equal(stock.Select(Show), (await read.CollectAsync()).Select(Show));
        var groups = await read.Map(s => (s.Id % 4, s.Counts)).GroupByKey().CollectAsync();
        Assert.Equal(stock.Sum(s => s.Counts?.Count ?? -1), groups.Sum(g => g.Values.Sum(counts => counts?.Count ?? -1)));
        var wrong = await Assert.ThrowsAsync<JobFailedException>(() => spark.ParquetFile<(int, List<int>)>(At("stock")).CountAsync());
        Assert.Contains("column 'Counts.key_value': expected Int32, found a group of columns", wrong.InnerException!.Message, StringComparison.Ordinal);
        static string Show(Stock s) => System.Text.Json.JsonSerializer.Serialize(s, s_fields);
    }

    private static readonly System.Text.Json.JsonSerializerOptions s_fields = new() { IncludeFields = true };

    [Theory, EveryShape]
    public async Task A_job_that_fails_leaves_no_file(string shape)
    {
        var points = shapes.Of(shape).Parallelize(Enumerable.Range(0, 100), 4).Map(i => i < 90 ? new Point(i, null) : throw new InvalidOperationException("at ninety"));
        await Assert.ThrowsAsync<JobFailedException>(() => points.SaveAsCsvFileAsync(At("a")));
        await Assert.ThrowsAsync<JobFailedException>(() => points.SaveAsJsonFileAsync(At("a")));
        await Assert.ThrowsAsync<JobFailedException>(() => points.SaveAsParquetFileAsync(At("a")));
        Assert.False(Path.Exists(At("a")));
    }

    [Theory, EveryShape]
    public async Task A_wrong_row_fails_the_job_with_its_place_or_is_kept_aside(string shape)
    {
        var spark = shapes.Of(shape);
        File.WriteAllText(At("points.csv"), "x,y\n1,2\n2,two\n3,\n,4\n");
        var error = await Assert.ThrowsAsync<JobFailedException>(() => spark.CsvFile<Point>(At("points.csv")).CountAsync());
        var inner = Assert.IsType<InvalidDataException>(error.InnerException);
        Assert.Contains("points.csv', row 3 (byte 8), column 'Y': Expected Double, found 'two'.", inner.Message, StringComparison.Ordinal);
        Assert.Equal("CsvFile", error.Operator);
        var options = new CsvOptions { BadRows = BadRows.Skip };
        Assert.Equal([new Point(1, 2), new(3, null)], await spark.CsvFile<Point>(At("points.csv"), options).CollectAsync());
        var bad = await spark.CsvBadRows<Point>(At("points.csv"), options).CollectAsync();
        Assert.Equal([("Y", "2,two", 8L), ("X", ",4", 17)], bad.Select(row => (row.Column!, row.Text, row.Offset)));
    }

    [Theory, EveryShape]
    public async Task A_table_is_read_by_ranges_of_its_key(string shape)
    {
        var spark = shapes.Of(shape);
        var connection = $"Data Source={At("trips.db")}";
        var trips = Trips(200);
        await using (var open = new SqliteConnection(connection))
        {
            await open.OpenAsync();
            using var all = open.BeginTransaction();
            var command = open.CreateCommand();
            command.CommandText = "CREATE TABLE trips (id INTEGER PRIMARY KEY, town TEXT, nights INTEGER, cost TEXT, start TEXT, mood TEXT, guide TEXT)";
            await command.ExecuteNonQueryAsync();
            command.CommandText = "INSERT INTO trips VALUES ($id, $town, $nights, $cost, $start, $mood, $guide)";
            for (var i = 0; i < trips.Length; i++)
            {
                command.Parameters.Clear();
                command.Parameters.AddWithValue("$id", i);
                command.Parameters.AddWithValue("$town", trips[i].Town);
                command.Parameters.AddWithValue("$nights", trips[i].Nights);
                command.Parameters.AddWithValue("$cost", trips[i].Cost);
                command.Parameters.AddWithValue("$start", trips[i].Start);
                command.Parameters.AddWithValue("$mood", trips[i].Mood is { } mood ? mood.ToString() : DBNull.Value);
                command.Parameters.AddWithValue("$guide", trips[i].Guide is { } guide ? guide : DBNull.Value);
                await command.ExecuteNonQueryAsync();
            }

            await all.CommitAsync();
        }

        const string Query = "SELECT town, nights, cost, start, mood, guide AS \"Guide's name\" FROM trips WHERE id BETWEEN @lower AND @upper ORDER BY id";
        foreach (var partitions in new[] { 1, 3, 300 })
        {
            var read = spark.SqlQuery<Trip>(() => new SqliteConnection(connection), Query, 0, 199, partitions);
            Assert.Equal(partitions, read.NumPartitions);
            Assert.Equal(trips, await read.CollectAsync());
        }

        var pairs = spark.SqlQuery<(long, string?)>(() => new SqliteConnection(connection), "SELECT id, guide FROM trips WHERE id BETWEEN @lower AND @upper", 10, 19, 2);
        Assert.Equal(trips.Select((t, i) => ((long)i, t.Guide)).Skip(10).Take(10), await pairs.CollectAsync());
        var wrong = spark.SqlQuery<Point>(() => new SqliteConnection(connection), "SELECT town AS x, cost AS y FROM trips WHERE id BETWEEN @lower AND @upper", 0, 9, 1);
        var error = await Assert.ThrowsAsync<JobFailedException>(() => wrong.CountAsync());
        Assert.Contains("column 'X': expected Int32, found 'town 0' (TEXT)", error.InnerException!.Message, StringComparison.Ordinal);
        var missing = spark.SqlQuery<Trip>(() => new SqliteConnection(connection), "SELECT town FROM trips WHERE id BETWEEN @lower AND @upper", 0, 9);
        Assert.Contains("no column 'Nights'", (await Assert.ThrowsAsync<JobFailedException>(() => missing.CountAsync())).InnerException!.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => spark.SqlQuery<Trip>(() => new SqliteConnection(connection), "SELECT * FROM trips", 0, 9));
        Assert.Throws<ArgumentOutOfRangeException>(() => spark.SqlQuery<Trip>(() => new SqliteConnection(connection), Query, 9, 0));
    }

    private static Trip[] Trips(int count) => [.. Enumerable.Range(0, count).Select(i => new Trip(
        $"town {i % 7}", i, i / 4m, new DateOnly(2024, 1, 1).AddDays(i), i % 3 == 0 ? null : (Mood)(i % 2), i % 5 == 0 ? null : $"\"{i}\",\n"))];

    private string At(string name) => Path.Combine(_folder, name);
}
