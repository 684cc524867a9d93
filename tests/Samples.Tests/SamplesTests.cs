using MicroSpark.Samples;

namespace MicroSpark.Tests;

/// <summary>Every sample gives the right answer, the same on one silo and on three.</summary>
public sealed class SamplesTests(Clusters clusters) : IClassFixture<Clusters>, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("microspark-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task WordCount_counts_runs_of_characters_other_than_white_space(int silos)
    {
        var path = Write("to be or\tnot to be\r\n\r\n  To,\f that is\vto  say\n");
        (string, long)[] all = [("to", 3), ("be", 2), ("To,", 1), ("is", 1), ("not", 1), ("or", 1), ("say", 1), ("that", 1)];

        Assert.Equal(all, await RankedAsync(silos, path, top: null));
        Assert.Equal(all[..3], await RankedAsync(silos, path, top: 3));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task PageRank_follows_the_rule(int silos)
    {
        var random = new Random(7);
        (string From, string To)[] links = [.. Enumerable.Range(0, 400).Select(_ => ($"n{random.Next(40)}", $"n{random.Next(60)}"))];
        var path = Write(string.Concat(links.Select(link => $"{link.From}  {link.To}\n")));

        var ranks = await PageRank.RunAsync(clusters.With(silos), path, iterations: 5, top: 1000);

        var expected = Model(links, iterations: 5);
        Assert.Equal(expected.Count, ranks.Length);
        Assert.All(ranks, rank => Assert.Equal(expected[rank.Node], rank.Rank, 1e-9));
        Assert.Equal(ranks.OrderByDescending(rank => rank.Rank).ThenBy(rank => rank.Node, StringComparer.Ordinal), ranks);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task PageRank_reads_airline_routes(int silos)
    {
        var path = Write("2B,410,AER,2965,KZN,2990,,0,CR2\n2B,410,KZN,2990,AER,2965,,0,CR2\n2B,410,AER,2965,MRV,2962,,0,CR2\nnothing\n");
        var ranks = await PageRank.RunAsync(clusters.With(silos), path, iterations: 3, top: 1);
        Assert.Equal("AER", Assert.Single(ranks).Node);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task LogMining_counts_lines_levels_and_problems(int silos)
    {
        var path = Write("""
            081109 203615 148 INFO dfs.DataNode: fine
            081109 203807 222 WARN dfs.DataNode$Receiver: slow
            17/06/09 20:10:40 ERROR executor.Backend: gone
               at some.method(line:7)
            081109 203808 222 WARN dfs.DataNode$Receiver: slow again

            """);
        var report = await LogMining.RunAsync(clusters.With(silos), path);

        Assert.Equal(5, report.Lines);
        Assert.Equal([("ERROR", 1), ("INFO", 1), ("WARN", 2)], report.Levels);
        Assert.Equal([("dfs.DataNode$Receiver", 2), ("executor.Backend", 1)], report.Problems);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task KMeans_finds_the_groups(int silos)
    {
        // Whole numbers, so that sums are exact in any order. The first two points begin in the same group.
        (int X, int Y)[] offsets = [(0, 0), (4, 0), (0, 4), (4, 4)];
        string[] lines = [.. offsets.Select(o => $"{o.X},{o.Y}"), "", .. offsets.Select(o => $"{o.X + 100},{o.Y + 50}")];
        var centres = await KMeans.RunAsync(clusters.With(silos), Write(string.Join('\n', lines)), k: 2);

        Assert.Equal([[2, 2], [102, 52]], centres.OrderBy(c => c[0]).ToArray());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task LogisticRegression_separates_what_a_plane_separates(int silos)
    {
        var random = new Random(3);
        (double Label, double X, double Y)[] points =
            [.. Enumerable.Range(0, 200).Select(i => (i % 2 == 0 ? 1.0 : -1.0, random.NextDouble() + (i % 2 * 2), random.NextDouble() - (i % 2 * 2)))];
        var path = Write(string.Join('\n', points.Select(p => FormattableString.Invariant($"{p.Label} {p.X:R} {p.Y:R}"))));
        var weights = await LogisticRegression.RunAsync(clusters.With(silos), path, iterations: 50);

        Assert.All(points, p => Assert.Equal(p.Label, LogisticRegression.Predict(weights, [1, p.X, p.Y])));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task TransitiveClosure_finds_every_path_also_in_circles(int silos)
    {
        var path = Write("a b\nb c\nc a\nc d\nx y\nnothing\na b\n");
        var pairs = await (await TransitiveClosure.RunAsync(clusters.With(silos), path)).CollectAsync();

        string[] circle = ["a", "b", "c"];
        var expected = circle.SelectMany(from => circle.Append("d").Select(to => (from, to))).Append(("x", "y"));
        Assert.Equal(expected.Order(), pairs.Order());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task TeraSort_proves_its_result(int silos)
    {
        var spark = clusters.With(silos);
        Assert.Equal(spark.DefaultParallelism, await TeraSort.RunAsync(spark, rows: 10_000));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Flights_gives_the_same_from_CSV_and_JSON(int silos)
    {
        var csv = Path.Join(_folder, "flights.csv");
        await File.WriteAllTextAsync(csv, "date,delay,distance,origin,destination\n2001/01/01 00:47,66,1750,DTW,LAS\n2001/01/01 01:10,-6,2399,DTW,SFO\n2001/01/01 01:24,40,407,LAS,OAK\n");
        var json = Path.Join(_folder, "flights.json");
        await File.WriteAllTextAsync(json, """
            [{"date":"2001/01/01 00:47","delay":66,"distance":1750,"origin":"DTW","destination":"LAS"},
             {"date":"2001/01/01 01:10","delay":-6,"distance":2399,"origin":"DTW","destination":"SFO"},
             {"date":"2001/01/01 01:24","delay":40,"distance":407,"origin":"LAS","destination":"OAK"}]
            """);

        foreach (var source in new[] { csv, json })
        {
            Assert.Equal(
                [new Flights.Airport("LAS", 1, 40), new Flights.Airport("DTW", 2, 30)],
                await Flights.RunAsync(clusters.With(silos), source, source + ".parquet"));
        }

        using var output = new StringWriter();
        var sample = Sample.All.Single(s => s.Name == "flights");
        await sample.RunAsync(clusters.With(silos), [json, Path.Join(_folder, "again")], output, CancellationToken.None);
        Assert.Contains("LAS  1 departures", output.ToString(), StringComparison.Ordinal);
        await Assert.ThrowsAsync<SampleUsageException>(() => sample.RunAsync(clusters.With(silos), [json], output, CancellationToken.None));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Every_sample_of_the_console_prints_its_result(int silos)
    {
        var text = Write("a b\nb a\nc WARN store: full\n");
        var numbers = Write("1 2 3\n0 4 5\n1 1 1\n");
        foreach (var sample in Sample.All.Where(sample => sample.Name != "flights"))
        {
            string[] arguments = sample.Usage.StartsWith("FILE", StringComparison.Ordinal) ? [sample.Name is "kmeans" or "logistic" ? numbers : text] : ["1000"];
            using var output = new StringWriter();
            await sample.RunAsync(clusters.With(silos), arguments, output, CancellationToken.None);
            Assert.NotEmpty(output.ToString());
            await Assert.ThrowsAsync<SampleUsageException>(() => sample.RunAsync(clusters.With(silos), ["a", "b", "c"], output, CancellationToken.None));
        }
    }

    [Fact]
    public async Task Every_sample_of_the_console_gives_the_same_on_one_silo_and_on_three()
    {
        var text = Write(string.Concat(Enumerable.Range(0, 300).Select(n => $"n{n * 7 % 40} n{n * 11 % 30} WARN store{n % 3}: full\n")));
        var numbers = Write(string.Concat(Enumerable.Range(0, 300).Select(n => $"{n % 2} {(n % 2 * 50) + (n * 7 % 10)} {n * 3 % 10}\n")));
        foreach (var sample in Sample.All.Where(sample => sample.Name != "flights"))
        {
            string[] arguments = sample.Usage.StartsWith("FILE", StringComparison.Ordinal) ? [sample.Name is "kmeans" or "logistic" ? numbers : text] : ["20000"];
            using var one = new StringWriter();
            using var three = new StringWriter();
            await sample.RunAsync(clusters.With(1), arguments, one, CancellationToken.None);
            await sample.RunAsync(clusters.With(3), arguments, three, CancellationToken.None);
            Assert.Equal(Result(sample, one), Result(sample, three));
        }

        // How many partitions a sort gives depends on the slots.
        static string Result(Sample sample, StringWriter output) => sample.Name == "terasort" ? output.ToString().Split(", in ")[0] : output.ToString();
    }

    [Fact]
    public void A_sample_is_a_page()
    {
        var files = Directory.GetFiles(Path.Join(SourceFolder(), "../../samples/Samples"), "*.cs");
        Assert.True(files.Length > 10);
        Assert.All(files.Where(file => Path.GetFileName(file) != "ConsoleSamples.cs"), file => Assert.InRange(File.ReadLines(file).Count(), 1, 59));
    }

    private static string SourceFolder([System.Runtime.CompilerServices.CallerFilePath] string here = "") => Path.GetDirectoryName(here)!;

    private async Task<List<(string, long)>> RankedAsync(int silos, string path, int? top)
    {
        var ranked = new List<(string, long)>();
        await foreach (var row in WordCount.RankedAsync(clusters.With(silos), [path], top))
        {
            ranked.Add(row);
        }

        return ranked;
    }

    private static Dictionary<string, double> Model((string From, string To)[] links, int iterations)
    {
        var targets = links.Distinct().GroupBy(link => link.From, link => link.To).ToDictionary(group => group.Key, group => group.ToArray());
        var ranks = targets.Keys.ToDictionary(node => node, _ => 1.0);
        for (var i = 0; i < iterations; i++)
        {
            ranks = ranks
                .Where(rank => targets.ContainsKey(rank.Key))
                .SelectMany(rank => targets[rank.Key].Select(to => (to, Share: rank.Value / targets[rank.Key].Length)))
                .GroupBy(share => share.to, share => share.Share)
                .ToDictionary(group => group.Key, group => 0.15 + 0.85 * group.Sum());
        }

        return ranks;
    }

    private string Write(string content)
    {
        var path = Path.Join(_folder, $"input-{Directory.GetFiles(_folder).Length}.txt");
        File.WriteAllText(path, content);
        return path;
    }
}
