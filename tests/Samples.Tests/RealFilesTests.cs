using MicroSpark.Samples;
using MicroSpark.Tests.Contexts;

namespace MicroSpark.Tests;

/// <summary>The samples on real files, which are no part of the repository: read in full, and the same on one silo and on three.</summary>
public sealed class RealFilesTests(Clusters clusters) : IClassFixture<Clusters>, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("microspark-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [DataFact("HDFS_2k.log")]
    public Task Every_line_of_HDFS_has_a_level() => MineAsync("HDFS_2k.log");

    [DataFact("Spark_2k.log")]
    public Task Every_line_of_Spark_has_a_level() => MineAsync("Spark_2k.log");

    [DataFact("routes.dat")]
    public async Task PageRank_of_the_airports()
    {
        var path = DataFactAttribute.Find("routes.dat")!;
        var links = File.ReadLines(path).Select(line => line.Split(',')).Select(fields => (From: fields[2], To: fields[4])).Distinct().ToArray();
        var ranks = await SameAsync(async spark => (await PageRank.RunAsync(spark, path, iterations: 5, top: 100_000))
            .Select(rank => (rank.Node, Math.Round(rank.Rank, 6))).Order().ToArray());

        // A rank is what comes in: an airport that no ranked one flies to has none in the next iteration.
        var ranked = links.Select(link => link.From).ToHashSet();
        for (var i = 0; i < 5; i++)
        {
            ranked = links.Where(link => ranked.Contains(link.From)).Select(link => link.To).ToHashSet();
        }

        Assert.Equal(ranked.Order(), ranks.Select(rank => rank.Node).Order());
    }

    [DataFact("flights-20k.json")]
    public async Task Flights_are_all_counted()
    {
        var path = DataFactAttribute.Find("flights-20k.json")!;
        var airports = await SameAsync(spark => Flights.RunAsync(spark, path, Path.Join(_folder, $"{Guid.NewGuid():N}"), top: 10_000));
        Assert.Equal(20_000, airports.Sum(airport => airport.Departures));
    }

    [DataFact("sp500-2000.csv")]
    public async Task Words_are_all_counted()
    {
        var path = DataFactAttribute.Find("sp500-2000.csv")!;
        var words = await SameAsync(async spark => await WordCount.RankedAsync(spark, [path], top: null).ToArrayAsync());
        Assert.Equal(File.ReadLines(path).Count(), words.Sum(word => word.Count));
    }

    private async Task MineAsync(string file)
    {
        var path = DataFactAttribute.Find(file)!;
        var report = await SameAsync(spark => LogMining.RunAsync(spark, path, top: 1000));
        Assert.Equal(File.ReadLines(path).LongCount(), report.Lines);
        Assert.Equal(report.Lines, report.Levels.Sum(level => level.Count));
    }

    private async Task<R> SameAsync<R>(Func<MicroSparkContext, Task<R>> run)
    {
        var one = await run(clusters.With(1));
        Assert.Equivalent(one, await run(clusters.With(3)), strict: true);
        return one;
    }
}
