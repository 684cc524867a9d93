using System.Text.Json.Serialization;
using MicroSpark.Sources;
using MicroSpark.Tests.Engine;
using MicroSpark.Tests.Files;
using MicroSpark.Tests.Operators;

namespace MicroSpark.Tests.Formats;

/// <summary>CSV files as elements, and elements as CSV files.</summary>
public sealed class CsvFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<int, bool, bool> Shapes => OperatorGrid.Shapes();

    public enum Mood { Calm, Wild }

    public sealed record Person(string Name, int Age, double? Height = null);

    public readonly record struct Point(int X, long Y);

    public sealed class Plain
    {
        public string? Text { get; set; }

        public decimal Price;

        public Mood Mood { get; init; }

        [JsonPropertyName("when it was")]
        public DateTime When { get; set; }

        [JsonIgnore]
        public object? Other { get; set; }

        public int Twice => (int)(2 * Price);
    }

    public sealed record Everything(
        string Text, string? Maybe, bool Flag, char Letter, byte Small, long Large, float Single, double Double, decimal Exact, Guid Id, DateTime Time,
        DateTimeOffset Offset, DateOnly Date, TimeOnly Clock, TimeSpan Span, Mood Mood, int? Number, Mood? Feeling, Int128 Huge);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Shapes))]
    public Task What_is_saved_is_read_back(int workers, bool fused, bool simulated) =>
        OperatorGrid.RunAsync(workers, fused, simulated, async bench =>
        {
            var everything = Enumerable.Range(0, 100).Select(Make).ToArray();
            var path = _folder.At($"{Guid.NewGuid():N}");
            await bench.Of(everything).SaveAsCsvFileAsync(path, new CsvOptions { NullValues = ["\\N"], Compression = (Compression)(bench.Partitions % 3) });
            Assert.True(File.Exists(Path.Join(path, "_SUCCESS")));
            Assert.Equal(bench.Partitions, Directory.GetFiles(path, "part-*").Length);
            Assert.Equal(everything, await Source.CsvFile<Everything>(bench.Runner, path, new() { NullValues = ["\\N"] }).CollectAsync());
            var points = bench.Of(Enumerable.Range(0, 50).Select(i => new Point(i, -i)));
            await points.SaveAsCsvFileAsync(path + "p", new CsvOptions { HasHeader = false, Delimiter = ';' });
            Assert.Equal(
                Enumerable.Range(0, 50).Select(i => (i, (long?)-i)),
                await Source.CsvFile<(int, long?)>(bench.Runner, path + "p", new() { HasHeader = false, Delimiter = ';' }).CollectAsync());
        });

    [Fact]
    public async Task Columns_are_matched_by_name_and_others_are_left_out()
    {
        using var runner = new LocalRunner(1, true, false);
        _folder.Write("a.csv", "age,Surplus,NAME\n7,x,\"Ann, the \"\"first\"\"\nof two\"\n8,,Bo\n");
        _folder.Write("b.csv", "\uFEFFname,height,age\r\nCy,1.5,9\r\n\r\nDi,,10");
        Assert.Equal(
            [new Person("Ann, the \"first\"\nof two", 7), new("Bo", 8), new("Cy", 9, 1.5), new("Di", 10)],
            await Source.CsvFile<Person>(runner, _folder.Path, null).CollectAsync());
        Assert.Equal(
            ["7/x/Ann, the \"first\"\nof two", "8//Bo"],
            (await Source.CsvFile<string[]>(runner, _folder.At("a.csv"), null).CollectAsync()).Select(row => string.Join('/', row)));
        Assert.Equal([("Cy", 1.5), ("Di", null)], await Source.CsvFile<(string, double?)>(runner, _folder.At("b.csv"), null).CollectAsync());
    }

    [Fact]
    public async Task Classes_fields_enums_attributes_and_cultures()
    {
        using var runner = new LocalRunner(1, true, false);
        var path = _folder.Write("plain.csv", "# made by hand\ntext; PRICE ;mood;when_it_was\n# more\n; 1.234,5 ;wild;2024-02-03T04:05:06+02:00\n\"\";2;1;2024-02-03\n");
        var options = new CsvOptions { Delimiter = ';', Culture = "de-DE", Comment = '#', TrimWhitespace = true };
        var rows = await Source.CsvFile<Plain>(runner, path, options).CollectAsync();
        Assert.Equal((null, 1234.5m, Mood.Wild), (rows[0].Text, rows[0].Price, rows[0].Mood));
        Assert.Equal((new DateTime(2024, 2, 3, 2, 5, 6), DateTimeKind.Utc), (rows[0].When, rows[0].When.Kind));
        Assert.Equal(("", Mood.Wild, DateTimeKind.Unspecified), (rows[1].Text, rows[1].Mood, rows[1].When.Kind));
        await Source.Parallelize(runner, rows, 1).SaveAsCsvFileAsync(_folder.At("saved"), options);
        Assert.Equal(
            ["Text;Mood;when it was;Twice;Price", ";Wild;2024-02-03T02:05:06.0000000Z;2469;1234,5", "\"\";Wild;2024-02-03T00:00:00.0000000;4;2"],
            File.ReadAllLines(_folder.At("saved/part-00000.csv")));
    }

    [Theory]
    [InlineData("Name,Age\nAnn,7\nBo,x\n", "row 3 (byte 15), column 'Age': Expected Int32, found 'x'")]
    [InlineData("Name,Age\nBo,\n", "row 2 (byte 9), column 'Age': Expected Int32, found nothing")]
    [InlineData("Name,Age\nBo,7,8\n", "Expected 2 fields, found 3")]
    [InlineData("Name,Age\nBo\n", "Expected 2 fields, found 1")]
    [InlineData("Name,Age\n\"Bo,7\n", "A quote is opened and never closed")]
    [InlineData("Name,Age\n\"Bo\"s,7\n", "Text follows a closing quote")]
    [InlineData("Name,Years\nBo,7\n", "has no column 'Age'; its columns are 'Name', 'Years'")]
    [InlineData("Name,Age,age\nBo,7,8\nAl,1,2", null)]
    [InlineData("Name,AGE,age\nBo,7,8\nAl,1,2", "several columns that fit 'Age'")]
    [InlineData("", null)]
    [InlineData("Name,Age", null)]
    public async Task A_wrong_row_is_named(string text, string? expected)
    {
        using var runner = new LocalRunner(1, true, false);
        var path = _folder.Write("wrong.csv", text);
        var job = Source.CsvFile<Person>(runner, path, null).CountAsync();
        if (expected is null)
        {
            Assert.Equal(Math.Max(0, text.Count(c => c == '\n')), await job);
            return;
        }

        var error = await Assert.ThrowsAsync<TaskFailedException>(() => job);
        Assert.Equal(typeof(InvalidDataException).FullName, error.Failure.TypeName);
        Assert.Contains("wrong.csv'", error.Message);
        Assert.Contains(expected, error.Message);
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public Task Bad_rows_are_left_out_and_kept_aside(int workers, bool fused, bool simulated) =>
        OperatorGrid.RunAsync(workers, fused, simulated, async bench =>
        {
            var path = _folder.Write("mixed.csv", "Name,Age\n" + string.Concat(Enumerable.Range(0, 500).Select(i => i % 7 == 0 ? $"n{i},?{i}\n" : $"n{i},{i}\n")));
            var options = new CsvOptions { BadRows = BadRows.Skip, MinPartitions = bench.Partitions };
            var good = Source.CsvFile<Person>(bench.Runner, path, options);
            Assert.True(good.NumPartitions >= bench.Partitions);
            Assert.Equal(Enumerable.Range(0, 500).Where(i => i % 7 != 0), await good.Map(p => p.Age).CollectAsync());
            var bad = await Source.CsvBadRows<Person>(bench.Runner, path, options).CollectAsync();
            Assert.Equal(Enumerable.Range(0, 500).Where(i => i % 7 == 0).Select(i => $"n{i},?{i}"), bad.Select(row => row.Text));
            Assert.All(bad, row => Assert.Equal((path, "Age"), (row.File, row.Column)));
            Assert.All(bad, row => Assert.Equal(row.Text, File.ReadAllText(path).Substring((int)row.Offset, row.Text.Length)));
        });

    [Fact]
    public async Task What_cannot_be_read_or_saved_is_refused_at_the_call()
    {
        using var runner = new LocalRunner(1, true, false);
        Assert.Contains("'Item2'", Assert.Throws<ArgumentException>(() => Source.CsvFile<(int, Nested)>(runner, "x", null)).Message);
        Assert.Contains("'Inner'", Assert.Throws<ArgumentException>(() => Source.CsvFile<Nested>(runner, "x", null)).Message);
        Assert.Throws<ArgumentException>(() => Source.CsvFile<int>(runner, "x", null));
        Assert.Throws<ArgumentException>(() => Source.CsvFile<string>(runner, "x", null));
        Assert.Throws<ArgumentException>(() => Source.CsvFile<Person>(runner, "x", new() { Delimiter = '"' }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Source.CsvFile<Person>(runner, "x", new() { MinPartitions = 0 }));
        var people = Source.Parallelize(runner, [new Person("a", 1), null!], 1);
        var error = await Assert.ThrowsAsync<TaskFailedException>(() => people.SaveAsCsvFileAsync(_folder.At("null")));
        Assert.Contains("Element 1 of partition 0 is null", error.Message);
        Assert.False(Path.Exists(_folder.At("null")));
        _folder.Write("there/x", "");
        await Assert.ThrowsAsync<IOException>(() => people.SaveAsCsvFileAsync(_folder.At("there")));
        await Assert.ThrowsAsync<FileNotFoundException>(() => Source.CsvFile<Person>(runner, _folder.At("missing"), null).CountAsync());
    }

    [Fact]
    public async Task Very_many_small_files_share_partitions()
    {
        using var runner = new LocalRunner(1, true, false);
        for (var i = 0; i < 1_500; i++)
        {
            _folder.Write($"many/{i:D4}.csv", i % 2 == 0 ? $"Name,Age\nn,{i}\n" : $"age,name\n{i},n\n");
        }

        var people = Source.CsvFile<Person>(runner, _folder.At("many"), null);
        Assert.InRange(people.NumPartitions, 500, 1_000);
        Assert.Equal(Enumerable.Range(0, 1_500), await people.Map(p => p.Age).CollectAsync());
    }

    [Theory]
    [InlineData("utf-16")]
    [InlineData("utf-16BE")]
    [InlineData("utf-32")]
    public async Task Text_of_wider_units_is_read_by_its_mark(string encoding)
    {
        using var runner = new LocalRunner(1, true, false);
        var rows = Enumerable.Range(0, 50).Select(i => new Person($"Bö \"{i}\"\n", i)).ToArray();
        var text = "Name,Age\n" + string.Concat(rows.Select(r => $"\"{r.Name.Replace("\"", "\"\"", StringComparison.Ordinal)}\",{r.Age}\r\n"));
        File.WriteAllText(_folder.At("wide.csv"), text, System.Text.Encoding.GetEncoding(encoding));
        var people = Source.CsvFile<Person>(runner, _folder.At("wide.csv"), new() { MinPartitions = 4 });
        Assert.Equal(4, people.NumPartitions);
        Assert.Equal(rows, await people.CollectAsync());
    }

    [Theory]
    [InlineData("1,5", "")]
    [InlineData("1,500", "")]
    [InlineData("1,5", "en-US")]
    [InlineData("1,50,000", "en-US")]
    [InlineData("12345,678", "en-US")]
    [InlineData(",5", "en-US")]
    [InlineData("1.5", "de-DE")]
    [InlineData("1.5,0", "de-DE")]
    public async Task Group_separators_out_of_place_make_a_bad_row_of_every_number_type(string number, string culture)
    {
        using var runner = new LocalRunner(1, true, false);
        var path = _folder.Write($"{Guid.NewGuid():N}.csv", $"price;town\n{number};Rome\n");
        await BadAsync<decimal>();
        await BadAsync<double>();
        await BadAsync<float>();
        await BadAsync<Half>();
        await BadAsync<int>();
        await BadAsync<long>();
        await BadAsync<ulong>();
        await BadAsync<Int128>();
        await BadAsync<System.Numerics.BigInteger>();

        async Task BadAsync<T>()
            where T : struct
        {
            var options = new CsvOptions { Delimiter = ';', Culture = culture };
            var error = await Assert.ThrowsAsync<TaskFailedException>(() => Source.CsvFile<Price<T>>(runner, path, options).CountAsync());
            Assert.Contains($"found '{number}'", error.Message, StringComparison.Ordinal);
            await Assert.ThrowsAsync<TaskFailedException>(() => Source.CsvFile<Price<T?>>(runner, path, options).CountAsync());
        }
    }

    [Theory]
    [InlineData("1.5", "", 1.5)]
    [InlineData("-1e3", "", -1000)]
    [InlineData("1,5", "de-DE", 1.5)]
    [InlineData("-1.234.567,5", "de-DE", -1234567.5)]
    [InlineData("1,234", "en-US", 1234)]
    [InlineData("12,34,567.5", "hi-IN", 1234567.5)]
    [InlineData("1\u202f234,5", "fr-FR", 1234.5)]
    public async Task Numbers_are_those_of_the_culture(string number, string culture, double expected)
    {
        using var runner = new LocalRunner(1, true, false);
        var path = _folder.Write($"{Guid.NewGuid():N}.csv", $"price;town\n{number};Rome\n");
        var options = new CsvOptions { Delimiter = ';', Culture = culture };
        Assert.Equal(expected, (await Source.CsvFile<Price<double>>(runner, path, options).CollectAsync()).Single().Value);
        if (!number.Contains('e', StringComparison.Ordinal))
        {
            Assert.Equal((decimal)expected, (await Source.CsvFile<Price<decimal?>>(runner, path, options).CollectAsync()).Single().Value);
        }
    }

    [Fact]
    public async Task Null_in_a_file_of_one_column_is_a_blank_line()
    {
        using var runner = new LocalRunner(1, true, false);
        Name[] names = [new(null), new("a"), new(""), new(null)];
        var path = _folder.At("names");
        await Source.Parallelize(runner, names, 2).SaveAsCsvFileAsync(path);
        Assert.Equal(names, await Source.CsvFile<Name>(runner, path, null).CollectAsync());
        await Source.Parallelize(runner, names, 1).SaveAsCsvFileAsync(path + "h", new() { HasHeader = false });
        Assert.Equal("\na\n\"\"\n\n", File.ReadAllText(Path.Join(path + "h", "part-00000.csv")));
        Assert.Equal(names, await Source.CsvFile<Name>(runner, path + "h", new() { HasHeader = false }).CollectAsync());
        await Source.Parallelize(runner, names, 1).SaveAsCsvFileAsync(path + "n", new() { NullValues = ["\\N"] });
        Assert.Equal(names, await Source.CsvFile<Name>(runner, path + "n", new() { NullValues = ["\\N"] }).CollectAsync());
        Assert.Equal([1, null, 2], await Source.CsvFile<Count>(runner, _folder.Write("counts.csv", "n\r\n1\r\n\r\n2\r\n"), null).Map(c => c.N).CollectAsync());

        // Where null is no value, and where a row has more fields, a blank line is no row, as ever.
        Assert.Equal(2, await Source.CsvFile<Must>(runner, _folder.Write("must.csv", "n\n1\n\n2\n"), null).CountAsync());
        Assert.Equal(2, await Source.CsvFile<Price<int?>>(runner, _folder.Write("two.csv", "price,town\n1,a\n\n2,b\n"), null).CountAsync());
    }

    [Fact]
    public async Task Blank_lines_come_once_wherever_the_cuts_fall()
    {
        using var runner = new LocalRunner(1, true, false);
        var text = "s\r\na\r\n\r\n\n\rb\n\r\n\r\nc";
        var path = _folder.Write("blank.csv", text);
        var whole = await Source.CsvFile<Name>(runner, path, new() { MinPartitions = 1 }).CollectAsync();
        Assert.Equal([new("a"), new(null), new(null), new(null), new("b"), new(null), new(null), new("c")], whole);
        for (var partitions = 2; partitions <= text.Length; partitions++)
        {
            Assert.Equal(whole, await Source.CsvFile<Name>(runner, path, new() { MinPartitions = partitions }).CollectAsync());
        }
    }

    public sealed record Price<T>([property: JsonPropertyName("price")] T Value, string Town);

    public sealed record Name(string? S);

    public sealed record Count(int? N);

    public sealed record Must(int N);

    [Fact]
    public async Task A_constructor_that_refuses_a_row_makes_it_a_bad_one()
    {
        using var runner = new LocalRunner(1, true, false);
        var path = _folder.Write("even.csv", "Number\n2\n3\n4\n");
        var even = await Source.CsvFile<Even>(runner, path, new() { BadRows = BadRows.Skip }).Map(e => e.Number).CollectAsync();
        Assert.Equal([2, 4], even);
        var error = await Assert.ThrowsAsync<TaskFailedException>(() => Source.CsvFile<Even>(runner, path, null).CountAsync());
        Assert.Contains("row 3", error.Message);
        Assert.Contains("3 is odd", error.Message);
    }

    public sealed record Nested(Person Inner);

    public sealed class Even(int number)
    {
        public int Number { get; } = number % 2 == 0 ? number : throw new ArgumentException($"{number} is odd");
    }

    private static Everything Make(int i) => new(
        $"text \"{i}\",\n", i % 3 == 0 ? null : new string('x', i % 2), i % 2 == 0, (char)('a' + (i % 26)), (byte)i, i * 10_000_000_000, i / 3f, i / 7.0, i / 10m,
        new Guid(i, 0, 0, new byte[8]), new DateTime(2024, 1, 1, 1, 2, 3, i % 2 == 0 ? DateTimeKind.Utc : DateTimeKind.Unspecified).AddTicks(i),
        new DateTimeOffset(2024, 1, 1, 1, 2, 3, TimeSpan.FromHours(i % 12)), new DateOnly(2024, 1, 1).AddDays(i), new TimeOnly(i * 1000L), TimeSpan.FromSeconds(-i),
        (Mood)(i % 2), i % 4 == 0 ? null : i, i % 5 == 0 ? null : Mood.Wild, Int128.MaxValue - i);
}
