using MicroSpark;

namespace SparkTests;

/// <summary>On two silos that treat each other as strangers: what passes here runs on a cluster too.</summary>
public sealed class WordCountTests(SimulatedSparkFixture fixture) : IClassFixture<SimulatedSparkFixture>
{
    [Fact]
    public async Task Words_are_counted()
    {
        var spark = await fixture.ContextAsync();

        var counts = await spark
            .Parallelize(["to be or", "not to be"], partitions: 2)
            .FlatMap(line => line.Split(' '))
            .Map(word => (word, 1))
            .ReduceByKey((left, right) => left + right)
            .CollectAsync(TestContext.Current.CancellationToken);

        Assert.Equal([("be", 2), ("not", 1), ("or", 1), ("to", 2)], counts.Order());
    }
}
