using System.Globalization;
using System.Text.RegularExpressions;

namespace MicroSpark.Tests.Scenarios;

/// <summary>Spark's own quick start, guide and examples, line by line, with the results that Spark gives.</summary>
[Collection(ShapesCollection.Name)]
public sealed class SparkProgramTests(Shapes shapes) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("microspark-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory, EveryShape]
    public async Task Quick_start(string shape)
    {
        var spark = shapes.Of(shape);
        var textFile = spark.TextFile(Write("# Apache Spark\n\nSpark is a unified analytics engine\nfor big data. Spark has\n\nscala> it\n"));
        Assert.Equal(6, await textFile.CountAsync());
        Assert.Equal("# Apache Spark", await textFile.FirstAsync());
        var linesWithSpark = textFile.Filter(line => line.Contains("Spark"));
        Assert.Equal(3, await linesWithSpark.CountAsync());
        Assert.Equal(6, await textFile.Map(line => line.Split(" ").Length).ReduceAsync((a, b) => a > b ? a : b));
        Assert.Equal(6, await textFile.Map(line => line.Split(" ").Length).ReduceAsync(Math.Max));
        var wordCounts = textFile.FlatMap(line => line.Split(" ")).GroupBy(word => word).MapValues(words => words.Count);
        Assert.Equal(3, (await wordCounts.CollectAsMapAsync())["Spark"]);
        linesWithSpark.Cache();
        Assert.Equal(3, await linesWithSpark.CountAsync());
        Assert.Equal(3, await linesWithSpark.CountAsync());
    }

    [Theory, EveryShape]
    public async Task Programming_guide(string shape)
    {
        var spark = shapes.Of(shape);
        var data = spark.Parallelize([1, 2, 3, 4, 5]);
        Assert.Equal(15, await data.ReduceAsync((a, b) => a + b));

        // "Understanding closures": the tasks count in copies.
        var counter = 0;
        await data.ForeachAsync(x => counter += x);
        Assert.Equal(0, counter);

        var accumulated = spark.LongAccumulator("My Accumulator");
        await data.ForeachAsync(x => accumulated.Add(x));
        Assert.Equal(15, accumulated.Value);
        var broadcast = spark.Broadcast(new[] { 1, 2, 3 });
        Assert.Equal(new[] { 4, 5, 6, 7, 8 }, await data.Map(x => x + broadcast.Value.Length).CollectAsync());
        await spark.Parallelize(Enumerable.Range(1, 3)).Map(x => (x, new string('a', x))).SaveAsObjectFileAsync(Path.Join(_folder, "pairs"));
        Assert.Equal([(1, "a"), (2, "aa"), (3, "aaa")], (await spark.ObjectFile<(int, string)>(Path.Join(_folder, "pairs")).CollectAsync()).Order());
        var pairs = spark.TextFile(Write("b\na\nb\n")).Map(line => (line, 1));
        Assert.Equal([("a", 1), ("b", 2)], await pairs.ReduceByKey((a, b) => a + b).SortByKey().CollectAsync());
    }

    [Theory, EveryShape]
    public async Task SparkPageRank(string shape)
    {
        var lines = shapes.Of(shape).TextFile(Write("1 2\n1 3\n1 4\n2 1\n3 1\n4 1\n"), 1);
        var links = lines.Map(line => (line.Split(' ')[0], line.Split(' ')[1])).Distinct().GroupByKey().Cache();
        var ranks = links.MapValues(_ => 1.0);
        for (var i = 1; i <= 10; i++)
        {
            var contributions = links.Join(ranks).Values().FlatMap(page => page.Left.Select(url => (url, page.Right / page.Left.Count)));
            ranks = contributions.ReduceByKey((a, b) => a + b).MapValues(sum => 0.15 + (0.85 * sum));
        }

        var found = (await ranks.CollectAsync()).OrderBy(page => page.Key).Select(page => page.Value.ToString("F3", CultureInfo.InvariantCulture));
        Assert.Equal(["1.738", "0.754", "0.754", "0.754"], found);
    }

    [Theory, EveryShape]
    public async Task SparkTC_whose_partitions_double_in_each_round(string shape)
    {
        var closure = shapes.Of(shape).Parallelize(Enumerable.Range(0, 8).Select(n => (From: n, To: (n + 1) % 8)), 2).Cache();
        var edges = closure.Map(edge => (edge.To, edge.From));
        var (before, now) = (0L, await closure.CountAsync());
        while (now != before)
        {
            before = now;
            closure = closure.Union(closure.Join(edges).Map(path => (path.Value.Right, path.Value.Left))).Distinct().Cache();
            now = await closure.CountAsync();
        }

        Assert.Equal((64, 512), (now, closure.NumPartitions));
    }

    [Theory, EveryShape]
    public async Task LogQuery_and_averages(string shape)
    {
        var spark = shapes.Of(shape);
        var lines = spark.Parallelize(["10.10.10.10 - \"FRED\" \"GET /images HTTP/1.1\" 304 315", "10.10.10.10 - \"FRED\" \"GET /images HTTP/1.1\" 304 100"]);
        var pattern = new Regex(@"^(\S+) .* (\d+) (\d+)$");
        var totals = lines.Map(line => pattern.Match(line)).Map(match => (match.Groups[1].Value, (Count: 1, Bytes: int.Parse(match.Groups[3].Value))))
            .ReduceByKey((a, b) => (a.Count + b.Count, a.Bytes + b.Bytes));
        Assert.Equal([("10.10.10.10", (2, 415))], await totals.CollectAsync());

        var scores = spark.Parallelize([("a", 1.0), (null, 3.0), ("a", 5.0)], 3).Map(pair => (Key: (string?)pair.Item1, Value: pair.Item2));
        var means = scores.CombineByKey(v => (Sum: v, Count: 1), (c, v) => (c.Sum + v, c.Count + 1), (x, y) => (x.Sum + y.Sum, x.Count + y.Count)).MapValues(c => c.Sum / c.Count);
        Assert.Equal([(null, 3.0), ("a", 3.0)], await means.SortByKey().CollectAsync());
        Assert.Equal([((string?)null, (3.0, 3.0))], await scores.Join(scores.Filter(pair => pair.Key == null)).CollectAsync());
        Assert.Equal(new[] { 3.0 }, await scores.LookupAsync(null));
    }

    private string Write(string content)
    {
        var path = Path.Join(_folder, $"{Guid.NewGuid():N}.txt");
        File.WriteAllText(path, content);
        return path;
    }
}
