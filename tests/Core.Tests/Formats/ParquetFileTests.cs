using MicroSpark.Sources;
using MicroSpark.Tests.Engine;
using MicroSpark.Tests.Files;
using MicroSpark.Tests.Operators;
using Parquet;
using Parquet.Serialization;

namespace MicroSpark.Tests.Formats;

/// <summary>Parquet files as elements, and elements as Parquet files.</summary>
public sealed class ParquetFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<int, bool, bool> Shapes => OperatorGrid.Shapes();

    public enum Mood { Calm, Wild }

    public sealed record Everything(
        string Text, string? Maybe, bool Flag, char Letter, byte Small, short Short, uint Unsigned, long Large, float Single, double Double, decimal Exact, Guid Id,
        DateTime Time, DateTimeOffset Offset, DateOnly Date, TimeOnly Clock, TimeSpan Span, Mood Mood, int? Number, Mood? Feeling, DateTime? When, decimal? Price);

    /// <summary>What another program wrote.</summary>
    public sealed class Foreign
    {
        public string? Name { get; set; }

        public int Count { get; set; }

        public double? Height { get; set; }

        public DateTime When { get; set; }

        public List<int>? List { get; set; }
    }

    public sealed record Wider(decimal Count, string Name, DateOnly When);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Shapes))]
    public Task What_is_saved_is_read_back(int workers, bool fused, bool simulated) =>
        OperatorGrid.RunAsync(workers, fused, simulated, async bench =>
        {
            var everything = Enumerable.Range(0, 100).Select(Make).ToArray();
            var path = _folder.At($"{Guid.NewGuid():N}");
            await bench.Of(everything).SaveAsParquetFileAsync(path);
            Assert.True(File.Exists(Path.Join(path, "_SUCCESS")));
            var read = Source.ParquetFile<Everything>(bench.Runner, path);
            Assert.Equal(bench.Partitions, read.NumPartitions);
            Assert.Equal(everything, await read.CollectAsync());
            Assert.Equal(everything.Select(e => (e.Text, e.Maybe)), await Source.ParquetFile<(string, string?)>(bench.Runner, path).CollectAsync());
            await bench.Of(Array.Empty<Wider>()).SaveAsParquetFileAsync(path + "e");
            Assert.Equal(0, await Source.ParquetFile<Wider>(bench.Runner, path + "e").CountAsync());
        });

    [Fact]
    public async Task A_row_group_is_a_partition_and_only_the_elements_columns_are_read()
    {
        using var runner = new LocalRunner(1, true, false);
        var path = await WriteForeignAsync(1000, 300);
        var rows = Source.ParquetFile<Wider>(runner, path);
        Assert.Equal(4, rows.NumPartitions);
        Assert.Equal([300, 300, 300, 100], (await rows.Glom().CollectAsync()).Select(g => g.Length));
        Assert.Equal(Enumerable.Range(0, 1000).Select(i => new Wider(i, $"n{i}", new DateOnly(1970, 1, 1).AddDays(i))), await rows.CollectAsync());
        Assert.Equal(Enumerable.Range(0, 5).Select(i => (i, i % 2 == 0 ? null : (double?)i)), await Source.ParquetFile<Two>(runner, path).Map(r => (r.Count, r.HEIGHT)).TakeAsync(5));
    }

    public sealed record Order(
        int Id, List<Line>? Lines, Dictionary<string, int?>? Counts, int?[]? Codes, IReadOnlyList<IReadOnlyList<string?>?>? Words, Place? Where,
        (int X, string? Name) Pair, Dictionary<int, List<Line>?>? Deep, IEnumerable<DateTime> Times, List<decimal?>? Prices)
    {
        public string Show() => System.Text.Json.JsonSerializer.Serialize(this, s_fields);
    }

    public sealed record Line(string? Name, double? Price = null);

    public readonly record struct Place(TimeOnly? At, byte[]? Data, Half Half);

    private static readonly System.Text.Json.JsonSerializerOptions s_fields = new() { IncludeFields = true };

    [Theory]
    [MemberData(nameof(Shapes))]
    public Task Lists_maps_and_objects_are_read_back_and_travel(int workers, bool fused, bool simulated) =>
        OperatorGrid.RunAsync(workers, fused, simulated, async bench =>
        {
            var path = _folder.At($"{Guid.NewGuid():N}");
            var orders = Enumerable.Range(0, 60).Select(MakeOrder).ToArray();
            await bench.Of(orders).SaveAsParquetFileAsync(path);
            var read = Source.ParquetFile<Order>(bench.Runner, path);
            Assert.Equal(orders.Select(o => o.Show()), (await read.CollectAsync()).Select(o => o.Show()));
            Assert.Equal(orders.Select(o => o.Id), (await Source.ParquetFile<ValueTuple<int>>(bench.Runner, path).CollectAsync()).Select(t => t.Item1));

            // A map goes through a shuffle, and comes out as it was.
            var byKey = await read.Map(o => (Key: o.Id % 3, o.Counts)).GroupByKey().CollectAsync();
            Assert.Equal(3, byKey.Length);
            Assert.Equal(
                orders.Sum(o => o.Counts?.Values.Sum() ?? 0), byKey.Sum(group => group.Values.Sum(counts => counts?.Values.Sum() ?? 0)));
            var foreign = Source.ParquetFile<Foreign>(bench.Runner, await WriteForeignAsync(100, 40));
            Assert.Equal(3, foreign.NumPartitions);
            Assert.Equal(Enumerable.Range(0, 100), await foreign.Map(f => f.List!.Single()).CollectAsync());
        });

    [Fact]
    public async Task Another_library_reads_what_is_written()
    {
        using var runner = new LocalRunner(1, true, false);
        var path = _folder.At("ours");
        var rows = Enumerable.Range(0, 40_000).Select(i => new Foreign
        {
            Name = i % 7 == 0 ? null : $"n{i % 100}",
            Count = i,
            Height = i % 2 == 0 ? null : i / 4.0,
            When = DateTime.UnixEpoch.AddTicks(i),
            List = [i, i + 1],
        }).ToArray();
        await Source.Parallelize(runner, rows, 1).SaveAsParquetFileAsync(path);
        await using var file = File.OpenRead(Path.Join(path, "part-00000.parquet"));
        var read = (await ParquetSerializer.DeserializeAsync<Foreign>(file)).Data;
        Assert.Equal(rows.Select(Show), read.Select(Show));
        static string Show(Foreign row) => $"{row.Name} {row.Count} {row.Height} {row.When.Ticks} {string.Join('+', row.List!)}";
    }

    [Fact]
    public async Task What_a_column_cannot_hold_is_refused_and_not_rounded()
    {
        using var runner = new LocalRunner(1, true, false);
        await Refused([1m / 3], "cannot store the decimal 0.3333333333333333333333333333");
        await Refused([decimal.MaxValue], "cannot store the decimal 79228162514264337593543950335");
        await Refused(["\uD800"], "");
        await Refused([new Line(null!), null!], "Element 1 of partition 0 is null");
        await Refused([new Strict(null!)], "null in the member 'Name', which is declared without a '?'");
        async Task Refused<T>(T[] rows, string said)
        {
            var rdd = Source.Parallelize(runner, rows, 1);
            var error = typeof(T) == typeof(Line) || typeof(T) == typeof(Strict)
                ? await Assert.ThrowsAsync<TaskFailedException>(() => rdd.SaveAsParquetFileAsync(_folder.At("refused")))
                : await Assert.ThrowsAsync<TaskFailedException>(() => rdd.Map(row => ValueTuple.Create(row)).SaveAsParquetFileAsync(_folder.At("refused")));
            Assert.Contains(said, error.Message, StringComparison.Ordinal);
        }
    }

    public sealed record Strict(string Name);

    public readonly record struct Two(int Count, double? HEIGHT);

    public sealed record NoNull(double Height);

    public sealed record Missing(int Absent, int Count);

    public sealed record Wrong(DateTime Count);

    public sealed record Nested(List<System.Numerics.BigInteger> List);

    public sealed record Endless(int Id, List<Endless>? Children);

    [Fact]
    public async Task What_does_not_fit_is_named()
    {
        using var runner = new LocalRunner(1, true, false);
        var path = await WriteForeignAsync(10, 5);
        await Fails<NoNull>("row group 0, row 0, column 'Height': expected Double, found null");
        await Fails<Missing>("no column 'Absent'; its columns are 'Name', 'Count', 'Height', 'When', 'List'");
        await Fails<Wrong>("column 'Count': expected DateTime, found Int32");
        Assert.Contains("'List'", Assert.Throws<ArgumentException>(() => Source.ParquetFile<Nested>(runner, path)).Message);
        Assert.Throws<ArgumentException>(() => Source.ParquetFile<int>(runner, path));
        Assert.Contains("'Children'", (await Assert.ThrowsAsync<ArgumentException>(() => Source.Parallelize(runner, [new Endless(1, null)], 1).SaveAsParquetFileAsync(_folder.At("n")))).Message);
        Assert.Contains("'List'", (await Assert.ThrowsAsync<ArgumentException>(() => Source.Parallelize(runner, [new Nested([])], 1).SaveAsParquetFileAsync(_folder.At("n")))).Message);
        await Assert.ThrowsAsync<FileNotFoundException>(() => Source.ParquetFile<Two>(runner, _folder.At("none")).CountAsync());

        async Task Fails<T>(string expected)
        {
            var error = await Assert.ThrowsAsync<TaskFailedException>(() => Source.ParquetFile<T>(runner, path).CountAsync());
            Assert.Equal(typeof(InvalidDataException).FullName, error.Failure.TypeName);
            Assert.Contains(expected, error.Message);
            Assert.Contains("foreign.parquet", error.Message);
        }
    }

    [Fact]
    public async Task A_file_that_was_cut_off_is_named()
    {
        using var runner = new LocalRunner(1, true, false);
        var whole = File.ReadAllBytes(await WriteForeignAsync(1000, 300));
        foreach (var length in new[] { 0, 3, 100, whole.Length / 2, whole.Length - 1 })
        {
            var path = _folder.Write($"cut/{length}.parquet", whole[..length]);
            var error = await Assert.ThrowsAsync<InvalidDataException>(() => Source.ParquetFile<Two>(runner, path).CountAsync());
            Assert.Contains($"'{path}' is no whole Parquet file", error.Message);
        }

        Array.Fill(whole, (byte)7, 4, 3000);
        var damaged = Source.ParquetFile<Two>(runner, _folder.Write("damaged.parquet", whole));
        Assert.Contains("damaged.parquet", (await Assert.ThrowsAsync<TaskFailedException>(() => damaged.CountAsync())).Message);
    }

    private async Task<string> WriteForeignAsync(int rows, int group)
    {
        var path = _folder.At("foreign.parquet");
        await using var file = File.Create(path);
        await ParquetSerializer.SerializeAsync(
            Enumerable.Range(0, rows).Select(i => new Foreign { Name = $"n{i}", Count = i, Height = i % 2 == 0 ? null : i, When = DateTime.UnixEpoch.AddDays(i), List = [i] }),
            file, new ParquetOptions { RowGroupSize = group });
        return path;
    }

    private static Order MakeOrder(int i) => new(
        i, i % 5 == 0 ? null : [.. Enumerable.Range(0, i % 4).Select(l => new Line(l == 1 ? null : $"n{l}", l == 2 ? null : i / 4.0))],
        i % 6 == 0 ? null : Enumerable.Range(1, i % 3).ToDictionary(c => $"c{c}", c => c == 2 ? null : (int?)c),
        i % 7 == 0 ? null : [.. Enumerable.Range(0, i % 3).Select(c => c == 1 ? null : (int?)c)],
        i % 4 == 0 ? null : [.. Enumerable.Range(0, i % 4).Select(w => w == 1 ? null : new List<string?>(Enumerable.Range(0, w).Select(t => t == 1 ? null : $"w{t}")))],
        i % 3 == 0 ? null : new Place(i % 2 == 0 ? null : new TimeOnly(i * 7L), i % 5 == 1 ? null : [1, (byte)i], (Half)i),
        (i, i % 2 == 0 ? null : "p"), i % 9 == 0 ? null : new() { [i] = null, [i + 1] = [], [i + 2] = [new Line("d")] },
        [.. Enumerable.Range(0, i % 3).Select(t => DateTime.MaxValue.AddTicks(-t - i))], [i / 8m, null, -i]);

    private static Everything Make(int i) => new(
        $"text {i}", i % 3 == 0 ? null : new string('x', i % 2), i % 2 == 0, (char)('a' + (i % 26)), (byte)i, (short)-i, (uint)i, i * 10_000_000_000, i / 3f, i / 7.0, i / 10m,
        new Guid(i, 0, 0, new byte[8]), new DateTime(2024, 1, 1, 1, 2, 3).AddTicks(i), new DateTimeOffset(2024, 1, 1, 1, 2, 3, TimeSpan.Zero).AddHours(i),
        new DateOnly(2024, 1, 1).AddDays(i), new TimeOnly(i * 1000L), TimeSpan.FromSeconds(-i), (Mood)(i % 2), i % 4 == 0 ? null : i, i % 5 == 0 ? null : Mood.Wild,
        i % 6 == 0 ? null : new DateTime(1999, 12, 31), i % 7 == 0 ? null : i / 4m);
}
