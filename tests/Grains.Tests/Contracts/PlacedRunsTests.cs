using MicroSpark.Grains.Contracts;
using MicroSpark.Model;

namespace MicroSpark.Tests.Contracts;

public sealed class PlacedRunsTests
{
    private static readonly WorkerId[] s_workers = [.. Enumerable.Range(0, 300).Select(static i => new WorkerId($"S127.0.0.1:{i}:123456789"))];

    [Fact]
    public void Any_places_come_back_in_their_order()
    {
        var random = new Random(1);
        for (var i = 0; i < 100; i++)
        {
            var placed = Enumerable.Range(0, 200).Where(_ => random.Next(3) > 0).Select(p => random.Next(4) == 0
                ? new PlacedPartition(p, null)
                : new PlacedPartition(p, s_workers[random.Next(1 + i)], random.Next(2) == 0)).ToArray();
            Assert.Equal(placed, PlacedRuns.Of(placed).ToArray());
        }

        Assert.Empty(PlacedRuns.Of([]).ToArray());
    }

    /// <summary>Of a hundred million partitions an owner has 1.6 million.</summary>
    [Fact]
    public void The_share_of_an_owner_stays_below_what_a_message_may_carry()
    {
        var dealt = Enumerable.Range(0, 1_600_000).Select(static p => new PlacedPartition(p, s_workers[p / 8_000], Dealt: true)).ToArray();
        Assert.InRange(Bytes(dealt), 1, 2_000);
        var worst = Enumerable.Range(0, 500_000).Select(static p => new PlacedPartition(2 * p, s_workers[p % 300], Dealt: true)).ToArray();
        Assert.InRange(Bytes(worst), 1, 2 * Pages.Largest);
    }

    private static int Bytes(PlacedPartition[] placed) => PlacedRuns.Of(placed) is var runs ? runs.Partitions.Runs.Length + runs.Places.Length : 0;
}
