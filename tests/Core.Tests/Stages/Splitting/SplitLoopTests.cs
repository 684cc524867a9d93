using MicroSpark.Sources;
using MicroSpark.Tests.Engine;
using MicroSpark.Tests.Files;
using MicroSpark.Tests.Operators;

namespace MicroSpark.Tests.Stages.Splitting;

/// <summary>Jobs whose functions split lines, over memory and over files, compiled and interpreted.</summary>
public class SplitLoopTests
{
    private static readonly string[] s_lines = [.. Enumerable.Range(0, 300).Select(i => i % 7 == 0 ? "" : i % 11 == 0 ? $"naïve été {i % 13}" : $"the w{i % 5}  word {i}")];

    public static TheoryData<int, bool, bool> Shapes => OperatorGrid.Shapes();

    [Theory]
    [MemberData(nameof(Shapes))]
    public Task Words_of_lines_in_memory(int workers, bool fused, bool simulated) =>
        OperatorGrid.RunAsync(workers, fused, simulated, async bench =>
        {
            Assert.Equal(s_lines.SelectMany(line => line.Split(' ')), await bench.Of(s_lines).FlatMap(line => line.Split(' ')).CollectAsync());
            Assert.Equal(
                s_lines.Where(line => line.Length > 3).SelectMany(line => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).Select(w => w + "!"),
                await bench.Of(s_lines).Filter(line => line.Length > 3).FlatMap(line => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
                    .Map(w => w + "!").CollectAsync());
            Assert.Equal(
                s_lines.SelectMany((line, i) => line.Split(' ').Select(word => (i, word))),
                await bench.Of(s_lines.Select((line, i) => (i, line))).FlatMapValues(line => line.Split(' ')).CollectAsync());
            Assert.Equal(
                s_lines.SelectMany(line => line.Split(' ')).SelectMany(word => word.Split('w')),
                await bench.Of(s_lines).FlatMap(line => line.Split(' ')).FlatMap(word => word.Split('w')).CollectAsync());
            Assert.Equal(
                s_lines.SelectMany(line => line.Split(' ')).SelectMany(word => new[] { word, "x" }),
                await bench.Of(s_lines).FlatMap(line => line.Split(' ')).FlatMap(word => new[] { word, "x" }).CollectAsync());
        });

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task Counts_of_words_in_files(int workers, bool fused, bool simulated)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("text.txt", string.Join("\r\n", s_lines));
        await OperatorGrid.RunAsync(workers, fused, simulated, async bench =>
        {
            var text = Source.TextFile(bench.Runner, path, bench.Partitions);
            var model = s_lines.SelectMany(line => line.Split(' ')).GroupBy(w => w).Select(g => (g.Key, g.Count())).Order();
            var counts = await text.FlatMap(line => line.Split(' ')).Map(w => (w, 1)).ReduceByKey((a, b) => a + b).CollectAsync();
            Assert.Equal(model, counts.Order());

            // A key that is not the word itself has its own hash.
            var lengths = await text.FlatMap(line => line.Split(' ')).Map(w => (w + w, w)).GroupByKey().MapValues(ws => ws.Distinct().Single()).CollectAsync();
            Assert.Equal(s_lines.SelectMany(line => line.Split(' ')).Distinct().Select(w => (w + w, w)).Order(), lengths.Order());
            Assert.Equal(s_lines.SelectMany(line => line.Split(' ')), await text.FlatMap(line => line.Split(' ')).CollectAsync());
            Assert.Equal(s_lines.SelectMany(line => line.Split(' ')).Take(5), await text.FlatMap(line => line.Split(' ')).TakeAsync(5));
            Assert.Equal(
                2 * s_lines.SelectMany(line => line.Split(' ')).Count(), await text.Union(text).FlatMap(line => line.Split(' ')).CountAsync());
        });
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Many_small_files_share_partitions(bool fused)
    {
        using var folder = new TemporaryFolder();
        for (var i = 0; i < 1_200; i++)
        {
            folder.Write($"{i:0000}.txt", i % 3 == 0 ? "" : $"file {i}\nline {i}");
        }

        using var runner = new LocalRunner(2, fused, simulated: false);
        var text = Source.TextFile(runner, folder.Path, null);
        var model = Enumerable.Range(0, 1_200).Where(i => i % 3 != 0).SelectMany(i => new[] { $"file {i}", $"line {i}" });
        Assert.Equal(model, await text.CollectAsync());
        Assert.Equal(model.SelectMany(line => line.Split(' ')), await text.FlatMap(line => line.Split(' ')).CollectAsync());
        Assert.InRange(text.NumPartitions, 500, 1_000);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_error_behind_a_split_names_the_line(bool fused)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("text.txt", "1 2\n\n3 4 5 x\n6\n");
        using var runner = new LocalRunner(1, fused, simulated: false);
        var text = Source.TextFile(runner, path, 1);
        foreach (var lines in new[] { text, Source.Parallelize(runner, ["1 2", "", "3 4 5 x", "6"], 1) })
        {
            var words = lines.FlatMap(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
            var error = await Assert.ThrowsAsync<TaskFailedException>(() => words.Map(int.Parse).CollectAsync());
            Assert.Equal(typeof(FormatException).FullName, error.Failure.TypeName);
            Assert.Equal(("Map", 2L), (error.Failure.Operator, error.Failure.ElementIndex));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_null_line_fails_as_the_function_does(bool fused)
    {
        using var runner = new LocalRunner(1, fused, simulated: false);
        var error = await Assert.ThrowsAsync<TaskFailedException>(
            () => Source.Parallelize(runner, ["a", null!, "b"], 1).FlatMap(line => line.Split(' ')).CollectAsync());
        Assert.Equal(typeof(NullReferenceException).FullName, error.Failure.TypeName);
        Assert.Equal(("FlatMap", 1L), (error.Failure.Operator, error.Failure.ElementIndex));
    }
}
