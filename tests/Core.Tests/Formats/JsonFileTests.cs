using System.Text.Json.Serialization;
using MicroSpark.Sources;
using MicroSpark.Tests.Engine;
using MicroSpark.Tests.Files;
using MicroSpark.Tests.Operators;

namespace MicroSpark.Tests.Formats;

/// <summary>JSON Lines, and files that are one array, as elements; elements as JSON Lines.</summary>
public sealed class JsonFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<int, bool, bool> Shapes => OperatorGrid.Shapes();

    public enum Mood { Calm, Wild }

    public sealed record Person(string Name, int Age, double? Height, string? Town, [property: JsonPropertyName("e-mail")] string? Mail = null);

    public readonly record struct Reading(long At, double Value, Mood Mood, int[] Tags)
    {
        public bool Equals(Reading other) => (At, Value, Mood).Equals((other.At, other.Value, other.Mood)) && Tags.SequenceEqual(other.Tags);

        public override int GetHashCode() => At.GetHashCode();
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Shapes))]
    public Task What_is_saved_is_read_back(int workers, bool fused, bool simulated) =>
        OperatorGrid.RunAsync(workers, fused, simulated, async bench =>
        {
            var readings = Enumerable.Range(0, 300).Select(i => new Reading(i, i % 9 == 0 ? double.NaN : i / 3.0, (Mood)(i % 2), [i, -i])).ToArray();
            var path = _folder.At($"{Guid.NewGuid():N}");
            await bench.Of(readings).SaveAsJsonFileAsync(path, new JsonFileOptions { Compression = (Compression)(bench.Partitions % 3) });
            Assert.True(File.Exists(Path.Join(path, "_SUCCESS")));
            Assert.Equal(readings, await Source.JsonFile<Reading>(bench.Runner, path, new() { MinPartitions = 5 }).CollectAsync());
            await bench.Of((1, "ä \"x\"\n", (double?)null), (2, "b", 2.5)).SaveAsJsonFileAsync(path + "t");
            Assert.Equal([(1, "ä \"x\"\n", null), (2, "b", 2.5)], await Source.JsonFile<(int, string, double?)>(bench.Runner, path + "t", null).CollectAsync());
            await bench.Of(3, 4, 5).SaveAsJsonFileAsync(path + "n");
            Assert.Equal(12, await Source.JsonFile<int>(bench.Runner, path + "n", null).SumAsync());
        });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Text_of_wider_units_is_read_by_its_mark(bool isArray)
    {
        using var runner = new LocalRunner(1, true, false);
        var text = isArray ? """[{"name":"ä","age":1},{"name":"b","age":"x"}]""" : "{\"name\":\"ä\",\"age\":1}\n{\"name\":\"b\",\"age\":\"x\"}\n";
        File.WriteAllText(_folder.At($"{isArray}.json"), text, System.Text.Encoding.Unicode);
        var options = new JsonFileOptions { IsArray = isArray, BadRows = BadRows.Skip };
        Assert.Equal(["ä"], await Source.JsonFile<Person>(runner, _folder.At($"{isArray}.json"), options).Map(p => p.Name).CollectAsync());
        var error = await Assert.ThrowsAsync<TaskFailedException>(() => Source.JsonFile<Person>(runner, _folder.At($"{isArray}.json"), options with { BadRows = BadRows.Fail }).CountAsync());
        Assert.Contains(isArray ? "line 1 " : "line 2 ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_members_with_one_name_the_last_counts()
    {
        using var runner = new LocalRunner(1, true, false);
        var path = _folder.Write("twice.json", "{\"Name\":\"a\",\"Age\":1,\"name\":\"b\",\"Age\":2}\n");
        Assert.Equal(new Person("b", 2, null, null), await Source.JsonFile<Person>(runner, path, null).FirstAsync());
    }

    [Fact]
    public async Task A_time_with_an_offset_is_read_as_UTC()
    {
        using var runner = new LocalRunner(1, true, false);
        var path = _folder.Write("times.json", "\"2026-01-01T12:00:00+02:00\"\n\"2026-01-01T10:00:00Z\"\n\"2026-01-01T10:00:00\"\n");
        var times = await Source.JsonFile<DateTime>(runner, path, null).CollectAsync();
        Assert.All(times, time => Assert.Equal(new DateTime(2026, 1, 1, 10, 0, 0), time));
        Assert.Equal([DateTimeKind.Utc, DateTimeKind.Utc, DateTimeKind.Unspecified], times.Select(time => time.Kind));
    }

    [Fact]
    public async Task Lines_are_elements_wherever_the_cuts_fall()
    {
        using var runner = new LocalRunner(1, true, false);
        var path = _folder.Write("people.json", "\uFEFF" + string.Concat(Enumerable.Range(0, 60).Select(i => $"{{\"NAME\":\"ä{i}\",\"age\":{i},\"Town\":null}}{(i % 3 == 0 ? "\r\n  \n" : "\n")}")));
        for (var partitions = 1; partitions < 40; partitions += 3)
        {
            var people = await Source.JsonFile<Person>(runner, path, new() { MinPartitions = partitions }).CollectAsync();
            Assert.Equal(Enumerable.Range(0, 60).Select(i => new Person($"ä{i}", i, null, null)), people);
        }
    }

    [Theory]
    [InlineData("{\"Name\":\"A\",\"Age\":1}\n{\"Name\":\"B\",\"Age\":\"x\"}\n", "line 2 (byte 21), path '$.Age': Expected Int32, found \"x\".")]
    [InlineData("{\"Name\":\"A\",\"Age\":1}\n\n{\"Name\":\"B\",\"Age\":2", "line 3 (byte 22)")]
    [InlineData("{\"Name\":\"A\"}\n", "missing required properties")]
    [InlineData("{\"Name\":null,\"Age\":1}\n", "null")]
    [InlineData("null\n", "Expected Person, found null")]
    [InlineData("[{\"Name\":\"A\",\"Age\":1}]\n", "IsArray")]
    [InlineData("{\n  \"Name\":\"A\",\n  \"Age\":1\n}\n", "Then set MultiLine in JsonFileOptions, or Path")]
    public async Task A_wrong_line_is_named(string text, string expected)
    {
        using var runner = new LocalRunner(1, true, false);
        var path = _folder.Write("wrong.json", text);
        var error = await Assert.ThrowsAsync<TaskFailedException>(() => Source.JsonFile<Person>(runner, path, null).CountAsync());
        Assert.Equal(typeof(InvalidDataException).FullName, error.Failure.TypeName);
        Assert.Contains("wrong.json'", error.Message);
        Assert.True(error.Message.Contains(expected, StringComparison.Ordinal), error.Message);
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public Task Bad_lines_are_left_out_and_kept_aside(int workers, bool fused, bool simulated) =>
        OperatorGrid.RunAsync(workers, fused, simulated, async bench =>
        {
            var lines = Enumerable.Range(0, 300).Select(i => i % 5 == 0 ? $"{{\"Name\":\"n\",\"Age\":{i}" : $"{{\"Name\":\"n\",\"Age\":{i}}}").ToArray();
            var path = _folder.Write("mixed.json", string.Join('\n', lines));
            var options = new JsonFileOptions { BadRows = BadRows.Skip, MinPartitions = bench.Partitions };
            Assert.Equal(Enumerable.Range(0, 300).Where(i => i % 5 != 0), await Source.JsonFile<Person>(bench.Runner, path, options).Map(p => p.Age).CollectAsync());
            var bad = await Source.JsonBadRows<Person>(bench.Runner, path, options).CollectAsync();
            Assert.Equal(lines.Where((_, i) => i % 5 == 0), bad.Select(row => row.Text));
            var array = _folder.Write("array.json", "[" + string.Join(", ", Enumerable.Range(0, 300).Select(i => $"{{\"Name\":\"n\",\"Age\":{(i % 5 == 0 ? "\"]\"" : i)}}}")) + " ] \n");
            options = options with { IsArray = true };
            Assert.Equal(Enumerable.Range(0, 300).Where(i => i % 5 != 0), await Source.JsonFile<Person>(bench.Runner, array, options).Map(p => p.Age).CollectAsync());
            Assert.Equal(60, await Source.JsonBadRows<Person>(bench.Runner, array, options).CountAsync());
        });

    /// <summary>In a member's value, its name, where a number is expected, and behind object, which is read when it is asked for.</summary>
    [Theory]
    [InlineData("{\"Name\":\"?\",\"Age\":1}")]
    [InlineData("{\"Name\":\"a\",\"Age\":\"?\"}")]
    [InlineData("{\"Name\":\"a\",\"?\":1}")]
    [InlineData("{\"Name\":\"a\",\"Age\":[\"?\"]}")]
    [InlineData("{\"Name\":\"a\",\"Age\":1,\"Town\":{\"a\":\"?\"}}")]
    public async Task Bytes_that_are_no_UTF8_make_a_bad_row(string line)
    {
        using var runner = new LocalRunner(1, true, false);
        var bytes = System.Text.Encoding.Latin1.GetBytes("{\"Name\":\"a\",\"Age\":1}\n" + line.Replace('?', '\u00ff') + "\n");
        var path = _folder.Write("bytes.json", bytes);
        var options = new JsonFileOptions { BadRows = BadRows.Skip };
        Assert.Equal(1, Assert.Single(await Source.JsonFile<Person>(runner, path, options).Map(static p => p.Age).CollectAsync()));
        Assert.Equal(21, Assert.Single(await Source.JsonBadRows<Person>(runner, path, options).CollectAsync()).Offset);
        var error = await Assert.ThrowsAsync<TaskFailedException>(() => Source.JsonFile<Person>(runner, path, null).CountAsync());
        Assert.Equal(typeof(InvalidDataException).FullName, error.Failure.TypeName);
        Assert.Contains("bytes.json', line 2 (byte 21)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Values_that_are_nested_too_deep_make_a_bad_row()
    {
        using var runner = new LocalRunner(1, true, false);
        var path = _folder.Write("deep.json", "[1]\n" + new string('[', 100_000) + "\n");
        Assert.Equal(1, await Source.JsonFile<object>(runner, path, new JsonFileOptions { BadRows = BadRows.Skip }).CountAsync());
        Assert.Equal(1, await Source.JsonBadRows<object>(runner, path, new JsonFileOptions { BadRows = BadRows.Skip }).CountAsync());
    }

    [Theory]
    [InlineData("[]", 0, null)]
    [InlineData(" [ 1 , 2,3 ]\r\n", 3, null)]
    [InlineData("[1,2", 0, "the file was cut off")]
    [InlineData("[1,2 ", 0, "the file was cut off")]
    [InlineData("[1,{\"a\":", 0, "the file was cut off")]
    [InlineData("[1 2]", 0, "'2' is invalid")]
    [InlineData("{\"a\":1}", 0, "expected '['")]
    [InlineData("[1] 2", 0, "expected nothing behind the array")]
    [InlineData("", 0, "the file ends here")]
    public async Task A_file_that_is_one_array(string text, int count, string? expected)
    {
        using var runner = new LocalRunner(1, true, false);
        var path = _folder.Write("array.json", text);
        var job = Source.JsonFile<int>(runner, path, new() { IsArray = true }).CountAsync();
        if (expected is null)
        {
            Assert.Equal(count, await job);
            return;
        }

        var error = await Assert.ThrowsAsync<TaskFailedException>(() => job);
        Assert.Contains("array.json", error.Message);
        Assert.Contains(expected, error.Message);
    }

    [Fact]
    public async Task A_large_array_is_read_item_by_item()
    {
        using var runner = new LocalRunner(1, true, false);
        var items = Enumerable.Range(0, 3_000).Select(i => new Person(new string('n', i), i, i / 2.0, "[\"{", "}],"));
        var path = _folder.Write("large.json", System.Text.Json.JsonSerializer.Serialize(items, new System.Text.Json.JsonSerializerOptions { WriteIndented = true }));
        Assert.Equal(items, await Source.JsonFile<Person>(runner, path, new() { IsArray = true }).CollectAsync());
    }

    [Fact]
    public async Task What_cannot_be_read_or_saved_is_refused()
    {
        using var runner = new LocalRunner(1, true, false);
        var path = _folder.Write("p.json", "{\"Address\":1}");
        var unmatched = Source.JsonFile<Unmatched>(runner, path, new() { BadRows = BadRows.Skip });
        Assert.Contains("constructor", (await Assert.ThrowsAsync<TaskFailedException>(() => unmatched.CountAsync())).Message);
        var pointing = Source.JsonFile<Pointing>(runner, path, new() { BadRows = BadRows.Skip });
        Assert.Contains("IntPtr", (await Assert.ThrowsAsync<TaskFailedException>(() => pointing.CountAsync())).Message);
        var error = await Assert.ThrowsAsync<TaskFailedException>(() => Source.Parallelize(runner, ["a", null], 1).SaveAsJsonFileAsync(_folder.At("null")));
        Assert.Contains("Element 1 of partition 0 is null", error.Message);
        Assert.False(Path.Exists(_folder.At("null")));
    }

    public sealed record Pointing(nint Address);

    public sealed class Unmatched(int other)
    {
        public int Number { get; } = other;
    }
}
