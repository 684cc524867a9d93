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

    public sealed class Order
    {
        public int Id { get; set; }

        public List<Line>? Lines { get; set; }

        public Dictionary<string, int>? Counts { get; set; }

        public string Show() => $"{Id}: {string.Join('+', Lines!.Select(l => $"{l.Name}*{l.Price}"))} {string.Join('+', Counts!.OrderBy(c => c.Key).Select(c => c.Key + c.Value))}";
    }

    public sealed class Line
    {
        public string? Name { get; set; }

        public double? Price { get; set; }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public Task Lists_maps_and_objects_are_the_librarys(int workers, bool fused, bool simulated) =>
        OperatorGrid.RunAsync(workers, fused, simulated, async bench =>
        {
            var path = _folder.At($"{Guid.NewGuid():N}");
            var orders = Enumerable.Range(0, 50).Select(i => new Order
            {
                Id = i,
                Lines = [.. Enumerable.Range(0, i % 4).Select(l => new Line { Name = $"n{l}", Price = l == 2 ? null : i / 4.0 })],
                Counts = Enumerable.Range(1, i % 3).ToDictionary(c => $"c{c}", c => c),
            }).ToArray();
            await bench.Of(orders).SaveAsParquetFileAsync(path);
            Assert.Equal(orders.Select(o => o.Show()), await Source.ParquetFile<Order>(bench.Runner, path).Map(o => o.Show()).CollectAsync());
            Assert.Equal(orders.Select(o => o.Id), (await Source.ParquetFile<ValueTuple<int>>(bench.Runner, path).CollectAsync()).Select(t => t.Item1));
            var foreign = Source.ParquetFile<Foreign>(bench.Runner, await WriteForeignAsync(100, 40));
            Assert.Equal(3, foreign.NumPartitions);
            Assert.Equal(Enumerable.Range(0, 100), await foreign.Map(f => f.List!.Single()).CollectAsync());
        });

    public readonly record struct Two(int Count, double? HEIGHT);

    public sealed record NoNull(double Height);

    public sealed record Missing(int Absent, int Count);

    public sealed record Wrong(DateTime Count);

    public sealed record Nested(List<int> List);

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

    private static Everything Make(int i) => new(
        $"text {i}", i % 3 == 0 ? null : new string('x', i % 2), i % 2 == 0, (char)('a' + (i % 26)), (byte)i, (short)-i, (uint)i, i * 10_000_000_000, i / 3f, i / 7.0, i / 10m,
        new Guid(i, 0, 0, new byte[8]), new DateTime(2024, 1, 1, 1, 2, 3).AddTicks(i), new DateTimeOffset(2024, 1, 1, 1, 2, 3, TimeSpan.Zero).AddHours(i),
        new DateOnly(2024, 1, 1).AddDays(i), new TimeOnly(i * 1000L), TimeSpan.FromSeconds(-i), (Mood)(i % 2), i % 4 == 0 ? null : i, i % 5 == 0 ? null : Mood.Wild,
        i % 6 == 0 ? null : new DateTime(1999, 12, 31), i % 7 == 0 ? null : i / 4m);
}
