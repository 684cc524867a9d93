using MicroSpark.Grains.Contracts;

namespace MicroSpark.Tests.Contracts;

public sealed class PartitionRunsTests
{
    [Fact]
    public void Any_partitions_come_back_in_their_order()
    {
        int[][] some = [[], [0], [5], [0, 1, 2], [7, 8, 3, 4, 4, 3, 0], [int.MaxValue - 1, 0], [1, 3, 5, 1000]];
        Assert.All(some, static partitions => Assert.Equal(partitions, PartitionRuns.Of(partitions).ToArray()));
        var random = new Random(1);
        for (var i = 0; i < 100; i++)
        {
            var partitions = Enumerable.Range(0, 200).Where(_ => random.Next(3) > 0).ToArray();
            Assert.Equal(partitions, PartitionRuns.Of(partitions).ToArray());
        }
    }

    [Fact]
    public void A_million_take_a_million_bytes_at_most()
    {
        Assert.InRange(PartitionRuns.Of(Enumerable.Range(0, 1_000_000).ToArray()).Runs.Length, 1, 8);
        Assert.InRange(PartitionRuns.Of(Enumerable.Range(0, 500_000).Select(static i => i * 2).ToArray()).Runs.Length, 1, 1_000_000);
    }
}
