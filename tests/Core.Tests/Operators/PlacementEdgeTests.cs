using MicroSpark.Sources;
using MicroSpark.Tests.Engine;
using MicroSpark.Tests.Files;

namespace MicroSpark.Tests.Operators;

/// <summary>Where Spark makes empty partitions, loses a partitioner or writes the word null.</summary>
public sealed class PlacementEdgeTests
{
    public static TheoryData<int, bool, bool> Shapes => OperatorGrid.Shapes();

    [Theory]
    [MemberData(nameof(Shapes))]
    public Task Ranges_of_few_keys_are_no_more_than_the_keys(int workers, bool fused, bool simulated) =>
        OperatorGrid.RunAsync(workers, fused, simulated, async bench =>
        {
            var pairs = bench.Range(60).KeyBy(static x => x % 3);
            var ranges = await RangePartitioner<long>.SampleAsync(pairs, 8);
            Assert.InRange(ranges.NumPartitions, 2, 3);
            Assert.All(await pairs.PartitionBy(ranges).Glom().CollectAsync(), Assert.NotEmpty);
            Assert.Equal(1, (await RangePartitioner<long>.SampleAsync(pairs.Filter(static p => p.Key == 1), 8)).NumPartitions);
        });

    [Theory]
    [MemberData(nameof(Shapes))]
    public Task A_union_with_nothing_keeps_the_partitioner(int workers, bool fused, bool simulated) =>
        OperatorGrid.RunAsync(workers, fused, simulated, async bench =>
        {
            var placed = bench.Range(60).KeyBy(static x => x % 7).PartitionBy(new HashPartitioner<long>(3));
            var nothing = Source.Empty<(long, long)>(bench.Runner);
            foreach (var union in new[] { placed.Union(nothing), nothing.Union(placed), nothing.Union(placed).Union(placed) })
            {
                Assert.Equal(placed.Partitioner(), union.Partitioner());
                Assert.Equal(3, union.NumPartitions);
            }

            Assert.Equal(120, await nothing.Union(placed).Union(placed).CountAsync());
            Assert.Null(nothing.Union(nothing).Partitioner());
        });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_null_that_is_saved_as_text_is_named_by_its_place(bool fused)
    {
        using var folder = new TemporaryFolder();
        using var runner = new LocalRunner(1, fused, simulated: false);
        var words = Source.Parallelize<string?>(runner, ["a", "b", "c", null], 2);
        var error = await Assert.ThrowsAnyAsync<Exception>(() => words.SaveAsTextFileAsync(folder.At("out")));
        Assert.Contains("ArgumentException: Element 1 of partition 1 is null", error.ToString(), StringComparison.Ordinal);
        Assert.False(Path.Exists(folder.At("out")));
    }
}
