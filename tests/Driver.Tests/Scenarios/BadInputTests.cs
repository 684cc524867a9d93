using MicroSpark.Tests.Contexts;

namespace MicroSpark.Tests.Scenarios;

/// <summary>
/// What users get wrong, and what they are told: the file, row, partition or element, and what was expected. Nothing is lost, nothing half-written
/// remains, and the cluster counts on.
/// </summary>
[Collection(ShapesCollection.Name)]
public sealed class BadInputTests(Shapes shapes) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("microspark-test-").FullName;

    public sealed record Person(string Name, int Age);

    internal sealed class NoEquality;

    public static TheoryData<string, string, string> Rows => InEachShape(
        ("name,age\na,1\nb\n", "row 3 (byte 13): Expected 2 fields, found 1. The row is 'b'."),
        ("name,age\na,1\nb,2,3\n", "row 3 (byte 13): Expected 2 fields, found 3. The row is 'b,2,3'."),
        ("name,age\na,1\nb,x\n", "row 3 (byte 13), column 'Age': Expected Int32, found 'x'."),
        ("name,age\na,\n", "row 2 (byte 9), column 'Age': Expected Int32, found nothing. A member that may be null is declared with a '?'."),
        ("name,age\na,99999999999\n", "row 2 (byte 9), column 'Age': Expected Int32, found '99999999999'."),
        ("name,age\na,1\n\"b,2\nc,3\n", "row 3 (byte 13): A quote is opened and never closed."),
        ("name,years\na,1\n", "has no column 'Age'; its columns are 'name', 'years'."));

    public static TheoryData<string, string, string> Values => InEachShape(
        ("{\"name\":\"a\",\"age\":1}\n{\"name\":\"b\" \"age\":2}\n", "line 2 (byte 21), path '$': '\"' is invalid after a value."),
        ("{\"name\":\"a\",\"age\":1}\n{\"name\":\"b\",\"a", "line 2 (byte 21), path '$': Expected end of string, but instead reached end of data."),
        ("{\"name\":\"a\",\"age\":null}\n", "line 1 (byte 0), path '$.age': Expected Int32, found null."),
        ("{\"name\":null,\"age\":1}\n", "line 1 (byte 0), path '$.name': Expected String, found null."),
        ("{\"name\":\"a\"}\n", "missing required properties including: 'Age'"),
        ("null\n", "line 1 (byte 0): Expected Person, found null."),
        ("hello\n", "'h' is an invalid start of a value."));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task A_CSV_row_that_is_no_element(string shape, string text, string said)
    {
        var path = At("people.csv");
        File.WriteAllText(path, text);
        var error = await FailsAsync<JobFailedException>(shape, spark => spark.CsvFile<Person>(path).CollectAsync(), path, said);
        Assert.Equal(("CsvFile", 0), (error.Operator, error.Partition));
    }

    [Theory]
    [MemberData(nameof(Values))]
    public async Task A_JSON_value_that_is_no_element(string shape, string text, string said)
    {
        var path = At("people.json");
        File.WriteAllText(path, text);
        var error = await FailsAsync<JobFailedException>(shape, spark => spark.JsonFile<Person>(path).CollectAsync(), path, said);
        Assert.Equal(("JsonFile", 0), (error.Operator, error.Partition));
    }

    [Theory, EveryShape]
    public async Task Files_that_were_cut_off(string shape)
    {
        var people = People(shapes.Of(shape));
        foreach (var compression in new[] { Compression.Gzip, Compression.Zstd })
        {
            await people.SaveAsCsvFileAsync(At($"csv{compression}"), new CsvOptions { Compression = compression });
            await people.SaveAsJsonFileAsync(At($"json{compression}"), new JsonFileOptions { Compression = compression });
            await people.Map(p => p.Name).SaveAsTextFileAsync(At($"text{compression}"), compression);
        }

        await people.SaveAsParquetFileAsync(At("parquet"));
        await people.SaveAsObjectFileAsync(At("object"));
        foreach (var file in Directory.GetFiles(_folder, "part-00001*", SearchOption.AllDirectories))
        {
            using var open = File.Open(file, FileMode.Open);
            open.SetLength(open.Length * 2 / 3);
        }

        foreach (var compression in new[] { Compression.Gzip, Compression.Zstd })
        {
            var skip = new CsvOptions { BadRows = BadRows.Skip };
            await FailsAsync<JobFailedException>(shape, s => s.CsvFile<Person>(At($"csv{compression}")).CountAsync(), "part-00001.csv", "cut off");
            await FailsAsync<JobFailedException>(shape, s => s.CsvFile<Person>(At($"csv{compression}"), skip).CountAsync(), "part-00001.csv", "cut off");
            await FailsAsync<JobFailedException>(shape, s => s.JsonFile<Person>(At($"json{compression}")).CountAsync(), "part-00001.json", "cut off");
            await FailsAsync<JobFailedException>(shape, s => s.TextFile(At($"text{compression}")).CountAsync(), "part-00001", "cut off");
            await FailsAsync<JobFailedException>(shape, s => s.WholeTextFiles(At($"text{compression}")).CountAsync(), "part-00001", "cut off");
        }

        await FailsAsync<InvalidDataException>(shape, s => s.ParquetFile<Person>(At("parquet")).CountAsync(), "part-00001.parquet", "Was it cut off");
        await FailsAsync<JobFailedException>(shape, s => s.ObjectFile<Person>(At("object")).CountAsync(), "part-00001", "before its end mark");
    }

    [Theory, EveryShape]
    public async Task A_Parquet_column_that_is_missing_or_holds_null(string shape)
    {
        await shapes.Of(shape).Parallelize([("a", 1), ("b", (int?)null)], 2).SaveAsParquetFileAsync(At("pairs"));
        await FailsAsync<JobFailedException>(
            shape, s => s.ParquetFile<(string, int)>(At("pairs")).CountAsync(), "part-00001.parquet", "row group 0, row 0, column 'Item2': expected Int32, found null");
        await FailsAsync<JobFailedException>(
            shape, s => s.ParquetFile<Person>(At("pairs")).CountAsync(), "part-0000", "has no column 'Name'; its columns are 'Item1', 'Item2'");
    }

    [Theory, EveryShape]
    public async Task A_lambda_that_throws_at_element_1_234_567(string shape)
    {
        Task<long> CountAsync(MicroSparkContext spark) =>
            spark.Range(0, 4_000_000, 1, 2).Map(n => n == 3_234_567 ? throw new FormatException($"not {n}") : n + 1).Filter(n => n > 0).CountAsync();
        var error = await FailsAsync<JobFailedException>(shape, CountAsync, "partition 1", "in Map at element 1,234,567 of its source", "FormatException: not 3234567");
        Assert.Equal(("Map", 1, 1_234_567L), (error.Operator, error.Partition, error.ElementIndex!.Value));
        Assert.Equal("not 3234567", Assert.IsType<FormatException>(error.InnerException).Message);

        await File.WriteAllLinesAsync(At("numbers.txt"), Enumerable.Range(0, 1_300_000).Select(n => n == 1_234_567 ? "x" : $"{n}"));
        error = await FailsAsync<JobFailedException>(shape, s => s.TextFile(At("numbers.txt"), 1).Map(long.Parse).SumAsync(), "partition 0", "Map at element 1,234,567", "'x'");
        Assert.Equal(1_234_567, error.ElementIndex);
    }

    [Theory, EveryShape]
    public async Task Keys_that_compare_by_reference(string shape)
    {
        var numbers = shapes.Of(shape).Parallelize([1, 2], 2);
        foreach (var declare in new Action[]
        {
            () => numbers.KeyBy(_ => new NoEquality()).GroupByKey(), () => numbers.Map(_ => new NoEquality()).Distinct(), () => numbers.GroupBy(_ => new NoEquality()),
            () => numbers.KeyBy(_ => new NoEquality()).Join(numbers.KeyBy(_ => new NoEquality())),
        })
        {
            Assert.Contains("NoEquality compares by reference", Assert.Throws<ArgumentException>(declare).Message, StringComparison.Ordinal);
        }

        await FailsAsync<ArgumentException>(shape, _ => numbers.Map(_ => new NoEquality()).CountByValueAsync(), "NoEquality");
        var nested = Assert.Throws<ArgumentException>(() => numbers.Map(n => ((n, new[] { n }), 1)).ReduceByKey((a, b) => a + b));
        Assert.Contains("an array (Int32[]) inside (Int32, Int32[])", nested.Message, StringComparison.Ordinal);
    }

    [Theory, EveryShape]
    public async Task A_null_that_a_file_cannot_hold(string shape)
    {
        var people = shapes.Of(shape).Parallelize<Person?>([new("a", 1), new("b", 2), null], 2);
        foreach (var save in Saves(people))
        {
            var error = await FailsAsync<JobFailedException>(shape, _ => save(At("nulls")), "partition 1", "Element 1 of partition 1 is null");
            Assert.StartsWith("SaveAs", error.Operator, StringComparison.Ordinal);
            Assert.False(Path.Exists(At("nulls")));
        }
    }

    [Theory, EveryShape]
    public async Task A_target_that_cannot_be_made(string shape)
    {
        await File.WriteAllTextAsync(At("file"), "");
        var people = People(shapes.Of(shape));
        foreach (var save in Saves(people).Concat(MoreSaves(people)))
        {
            await FailsAsync<IOException>(shape, _ => save(At("file/out")), $"The output directory '{At("file/out")}' cannot be made", "that this process may write");
        }

        Assert.Equal("", await File.ReadAllTextAsync(At("file")));

        // Where nobody may make a directory, whoever runs the test.
        if (Directory.Exists("/sys/kernel"))
        {
            await FailsAsync<UnauthorizedAccessException>(shape, _ => people.SaveAsCsvFileAsync("/sys/kernel/out"), "'/sys/kernel/out' cannot be made");
        }
    }

    [MountFact]
    public async Task A_disk_that_fills_while_saving()
    {
        var folder = Directory.CreateDirectory(At("disk"));
        using var disk = new SmallDisk(folder.FullName, "1m");
        foreach (var shape in Shapes.Names)
        {
            var people = shapes.Of(shape).Parallelize(Enumerable.Range(0, 4), 4).FlatMap(n =>
            {
                var random = new Random(n);
                return Enumerable.Range(0, 60_000).Select(_ => new Person($"{random.NextInt64()}", random.Next()));
            });
            var saves = new[] { Compression.None, Compression.Gzip, Compression.Zstd }.SelectMany(compression => Saves(people, compression));
            foreach (var save in saves.Concat(MoreSaves(people)))
            {
                var error = await FailsAsync<JobFailedException>(shape, _ => save(At("disk/out")), "No space left on device", At("disk/out"), "partition ");
                Assert.StartsWith("SaveAs", error.Operator, StringComparison.Ordinal);
                Assert.IsType<IOException>(error.InnerException);
                Assert.Empty(folder.EnumerateFileSystemInfos());
            }
        }
    }

    private static TheoryData<string, string, string> InEachShape(params (string Text, string Said)[] cases)
    {
        var rows = new TheoryData<string, string, string>();
        foreach (var shape in Shapes.Names)
        {
            foreach (var (text, said) in cases)
            {
                rows.Add(shape, text, said);
            }
        }

        return rows;
    }

    private static IEnumerable<Func<string, Task>> Saves<T>(Rdd<T> rdd, Compression compression = Compression.None) =>
    [
        path => rdd.SaveAsTextFileAsync(path, compression), path => rdd.SaveAsCsvFileAsync(path, new CsvOptions { Compression = compression }),
        path => rdd.SaveAsJsonFileAsync(path, new JsonFileOptions { Compression = compression }),
    ];

    private static IEnumerable<Func<string, Task>> MoreSaves<T>(Rdd<T> rdd) => [path => rdd.SaveAsParquetFileAsync(path), path => rdd.SaveAsObjectFileAsync(path)];

    private static Rdd<Person> People(MicroSparkContext spark) =>
        spark.Parallelize(Enumerable.Range(0, 20_000), 2).Map(n => new Person($"name {n * 7919 % 10_007}", n));

    private async Task<E> FailsAsync<E>(string shape, Func<MicroSparkContext, Task> run, params string[] said)
        where E : Exception
    {
        var spark = shapes.Of(shape);
        var error = await Assert.ThrowsAsync<E>(() => run(spark));
        Assert.All(said, text => Assert.Contains(text, error.Message, StringComparison.Ordinal));
        Assert.Equal(6, await spark.Parallelize([1, 2, 3], 3).SumAsync());
        return error;
    }

    private string At(string name) => Path.Join(_folder, name);
}
