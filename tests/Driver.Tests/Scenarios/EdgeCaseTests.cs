using System.Globalization;
using MicroSpark.Formats.Parquet.Metadata;
using MicroSpark.Formats.Parquet.Pages;
using MicroSpark.Tests.Formats.Parquet;
using static MicroSpark.Tests.Formats.Parquet.ParquetBytes;

namespace MicroSpark.Tests.Scenarios;

/// <summary>
/// Inputs on which programs of others once crashed, lost data or had two answers: times, lists and maps of Parquet files, time zones, keys
/// that hold arrays, and CSV with decimal commas. The worker processes are of two time zones and cultures.
/// </summary>
[Collection(ShapesCollection.Name)]
public sealed class EdgeCaseTests(Shapes shapes) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("microspark-test-").FullName;

    internal sealed record Spans(TimeSpan? T, int I);

    internal sealed record Clocks(TimeOnly? T, int I);

    internal sealed record Ints(List<int?>? L);

    internal sealed record Counts(Dictionary<string, int>? Map);

    internal sealed record Id(int? I);

    internal sealed record Stamp(DateTime? T);

    internal sealed record Flag(bool? D);

    internal sealed record Tags(string Name, int[] Ids);

    internal sealed record Price(decimal Amount, string Town);

    internal sealed record Name(string? S);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory, EveryShape]
    public async Task A_time_of_day_is_what_the_file_says_in_each_unit(string shape)
    {
        var spark = shapes.Of(shape);
        var time = new TimeSpan(0, 12, 30, 15, 500);
        foreach (var (type, unit, value) in new[]
        {
            (PhysicalType.Int32, LogicalType.Millis, time.Ticks / 10_000),
            (PhysicalType.Int64, LogicalType.Micros, time.Ticks / 10),
            (PhysicalType.Int64, LogicalType.Nanos, time.Ticks * 100),
        })
        {
            var bytes = BitConverter.GetBytes(value)[..(type == PhysicalType.Int32 ? 4 : 8)];
            var path = Write($"time{unit}.parquet", Build(
                [Leaf("T", type, Repetition.Optional, new LogicalType(LogicalKind.Time, unit)), Leaf("I", PhysicalType.Int32)], 2, 2, SnappyCodec,
                [new Page(2, PageEncoding.Plain, bytes, Def: [1, 0])], [new Page(2, PageEncoding.Plain, [1, 0, 0, 0, 2, 0, 0, 0])]));
            Assert.Equal([new Spans(time, 1), new Spans(null, 2)], await spark.ParquetFile<Spans>(path).CollectAsync());
            Assert.Equal([new Clocks(TimeOnly.FromTimeSpan(time), 1), new Clocks(null, 2)], await spark.ParquetFile<Clocks>(path).CollectAsync());
        }
    }

    [Theory, EveryShape]
    public async Task A_list_has_its_nulls_and_its_emptiness_whoever_wrote_it(string shape)
    {
        var spark = shapes.Of(shape);
        string[] expected = ["[1,null,3]", "[null]", "[]", "null"];
        foreach (var (group, element) in new[] { ("list", "element"), ("list", "item"), ("bag", "array_element"), ("a", "b") })
        {
            var path = Write($"{group}-{element}.parquet", Build(
                [Group("L", Repetition.Optional, 1, LogicalKind.List), Group(group, Repetition.Repeated, 1), Leaf(element, PhysicalType.Int32, Repetition.Optional)],
                1, 4, None, [new Page(6, PageEncoding.Plain, [1, 0, 0, 0, 3, 0, 0, 0], [0, 1, 1, 0, 0, 0], [3, 2, 3, 2, 1, 0])]));
            Assert.Equal(expected, (await spark.ParquetFile<Ints>(path).CollectAsync()).Select(Text));
        }

        await spark.Parallelize([new Ints([1, null, 3]), new Ints([null]), new Ints([]), new Ints(null)], 1).SaveAsParquetFileAsync(At("own"));
        Assert.Equal(expected, (await spark.ParquetFile<Ints>(At("own")).CollectAsync()).Select(Text));

        static string Text(Ints row) => row.L is null ? "null" : $"[{string.Join(',', row.L.Select(static x => x?.ToString(CultureInfo.InvariantCulture) ?? "null"))}]";
    }

    [Theory, EveryShape]
    public async Task A_map_of_a_file_leaves_its_task(string shape)
    {
        var spark = shapes.Of(shape);
        await spark.Parallelize([new Counts(new() { ["a"] = 1 }), new Counts(null), new Counts([])], 2).SaveAsParquetFileAsync(At("maps"));
        var read = spark.ParquetFile<Counts>(At("maps"));
        int[] found = [1, -1, 0];
        Assert.Equal(found, await read.Map(row => row.Map?.GetValueOrDefault("a") ?? -1).CollectAsync());
        var collected = await read.CollectAsync();
        Assert.Equal([1, null, 0], collected.Select(static row => row.Map?.Values.Sum()));
        Assert.IsType<Dictionary<string, int>>(collected[0].Map);
    }

    [Theory, EveryShape]
    public async Task Every_zone_of_the_system_travels(string shape)
    {
        var spark = shapes.Of(shape);
        var noon = new DateTime(2026, 7, 1, 12, 0, 0, DateTimeKind.Utc);
        var zones = TimeZoneInfo.GetSystemTimeZones().ToArray();
        var there = await spark.Parallelize([noon], 1).FlatMap(time => zones.Select(zone => TimeZoneInfo.ConvertTimeFromUtc(time, zone))).CollectAsync();
        Assert.Equal(zones.Select(zone => TimeZoneInfo.ConvertTimeFromUtc(noon, zone)), there);
    }

    [Theory, EveryShape]
    public async Task A_key_that_holds_an_array_is_refused_in_a_record_as_in_a_tuple(string shape)
    {
        var one = new Tags("a", [1, 2]);
        var three = shapes.Of(shape).Parallelize([one, one, one], 3);
        await RefusedAsync(() => three.Distinct().CountAsync());
        await RefusedAsync(() => three.Map(x => (x, 1)).Join(three.Map(x => (x, 2))).CountAsync());
        await RefusedAsync(() => three.Map(x => (x.Name, x.Ids)).Distinct().CountAsync());

        // At declaration: nothing of the job has been sent.
        static async Task RefusedAsync(Func<Task> declare) =>
            Assert.Contains("Int32[]", (await Assert.ThrowsAnyAsync<ArgumentException>(declare)).Message.Replace("int[]", "Int32[]", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Theory, EveryShape]
    public async Task A_decimal_comma_is_no_thousand_and_nulls_of_CSV_come_back(string shape)
    {
        var spark = shapes.Of(shape);
        var prices = Write("prices.csv", "Amount;Town\n1,5;Rome\n"u8.ToArray());
        var error = await Assert.ThrowsAsync<JobFailedException>(() => spark.CsvFile<Price>(prices, new CsvOptions { Delimiter = ';' }).CollectAsync());
        Assert.Contains("1,5", error.Message, StringComparison.Ordinal);
        var german = new CsvOptions { Delimiter = ';', Culture = "de-DE" };
        Assert.Equal([new Price(1.5m, "Rome")], await spark.CsvFile<Price>(prices, german).CollectAsync());

        Name[] names = [new(null), new("a"), new("")];
        await spark.Parallelize(names, 1).SaveAsCsvFileAsync(At("names"));
        Assert.Equal(names, await spark.CsvFile<Name>(At("names")).CollectAsync());
        Assert.Equal([new Name("a"), new Name(null), new Name("b")], await spark.CsvFile<Name>(Write("blank.csv", "S\na\n\nb\n"u8.ToArray())).CollectAsync());
    }

    [Theory, EveryShape]
    public async Task Numbers_of_text_are_the_same_in_each_culture(string shape)
    {
        var spark = shapes.Of(shape);
        await spark.Range(0, 8, 1, 8).Map(n => new Price(n / 4m, "a")).SaveAsCsvFileAsync(At("quarters"));
        Assert.Equal(Enumerable.Range(0, 8).Sum(static n => n / 4m), (await spark.CsvFile<Price>(At("quarters")).CollectAsync()).Sum(static row => row.Amount));
        await spark.Range(0, 8, 1, 8).Map(n => n / 4.0).SaveAsJsonFileAsync(At("json"));
        Assert.Equal(Enumerable.Range(0, 8).Sum(static n => n / 4.0), await spark.JsonFile<double>(At("json")).SumAsync());
    }

    [Theory, EveryShape]
    public async Task A_column_that_nobody_asked_for_does_no_harm(string shape)
    {
        var spark = shapes.Of(shape);
        var odd = Write("odd.parquet", Build(
            [Leaf("I", PhysicalType.Int32, Repetition.Optional), Leaf("Half", PhysicalType.FixedBytes, Repetition.Required, new LogicalType(LogicalKind.Half), 2), Leaf("Many", PhysicalType.Int32, Repetition.Repeated)],
            3, 2, None,
            [new Page(2, PageEncoding.Plain, [7, 0, 0, 0], Def: [1, 0])], [new Page(2, (PageEncoding)10, [0, 0, 0, 0])], [new Page(2, PageEncoding.Plain, [], [0, 0], [0, 0])]));
        Assert.Equal([new Id(7), new Id(null)], await spark.ParquetFile<Id>(odd).CollectAsync());

        long[] micros = [.. Enumerable.Range(0, 10_000).Select(static i => i * 1_000_000L)];
        var delta = Write("delta.parquet", Build(
            [Leaf("T", PhysicalType.Int64, Repetition.Required, new LogicalType(LogicalKind.Timestamp, LogicalType.Micros, true))], 1, 10_000, None,
            [new Page(10_000, PageEncoding.DeltaBinaryPacked, Delta(micros)) { IsV2 = true }]));
        Assert.Equal(10_000, await spark.ParquetFile<Stamp>(delta).CountAsync());
        Assert.Equal(DateTime.UnixEpoch.AddSeconds(9999), (await spark.ParquetFile<Stamp>(delta).CollectAsync())[^1].T);

        var flags = Write("flags.parquet", Build(
            [Leaf("D", PhysicalType.Boolean)], 1, 5, SnappyCodec, [new Page(5, PageEncoding.Rle, Hybrid([1, 0, 1, 1, 0], 1, withLength: true)) { IsV2 = true }]));
        Assert.Equal([true, false, true, true, false], (await spark.ParquetFile<Flag>(flags).CollectAsync()).Select(static row => row.D));
    }

    private string At(string name) => Path.Combine(_folder, name);

    private string Write(string name, byte[] bytes)
    {
        File.WriteAllBytes(At(name), bytes);
        return At(name);
    }
}
