using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Placement;
using MicroSpark.Model;

namespace MicroSpark.Tests.Placement;

public sealed class SpreadTests
{
    [Theory]
    [InlineData(1, new[] { 1 })]
    [InlineData(7, new[] { 1, 1, 1 })]
    [InlineData(100, new[] { 1, 3 })]
    [InlineData(2, new[] { 4, 4, 4 })]
    public void Everything_is_placed_in_contiguous_ranges_by_slots(int count, int[] slots)
    {
        var workers = slots.Select((s, i) => Worker($"w{i}", s)).ToArray();
        var placed = PlacementPolicy.Spread([.. Enumerable.Range(0, count).Select(p => new PlacedPartition(p, null))], workers, new LineageId(0, 1));
        Assert.Equal(count, placed.Length);
        Assert.Equal(placed.Distinct().Count(), placed.Where((w, i) => i == 0 || placed[i - 1] != w).Count());
        foreach (var worker in workers)
        {
            Assert.InRange(placed.Count(w => w == worker.Id), 0, ((count * worker.Slots) + slots.Sum() - 1) / slots.Sum() + 1);
        }
    }

    [Fact]
    public void Data_wins_over_load_while_its_worker_is_alive()
    {
        var workers = new[] { Worker("a", 1), Worker("b", 1) };
        PlacedPartition[] partitions = [new(0, new WorkerId("b")), new(1, new WorkerId("b")), new(2, new WorkerId("gone")), new(3, null)];
        var placed = PlacementPolicy.Spread(partitions, workers, default);
        Assert.Equal(["b", "b"], placed.Take(2).Select(w => w.Value));
        Assert.Equal(["a", "b"], placed.Skip(2).Select(w => w.Value).Order());
    }

    [Fact]
    public void A_worker_with_a_task_that_does_not_end_is_dealt_nothing_and_keeps_what_is_near_it_until_it_refuses()
    {
        WorkerDescription[] workers = [Worker("a", 2) with { GivenUp = 1 }, Worker("b", 1)];
        PlacedPartition[] partitions = [new(0, new WorkerId("a")), new(1, null), new(2, null)];
        Assert.Equal("a b b", string.Join(' ', PlacementPolicy.Spread(partitions, workers, default)));
        workers[0] = workers[0] with { GivenUp = 2 };
        Assert.Equal("b b b", string.Join(' ', PlacementPolicy.Spread(partitions, workers, default)));
    }

    [Fact]
    public void Small_sets_do_not_all_begin_at_the_first_worker()
    {
        var workers = Enumerable.Range(0, 4).Select(i => Worker($"w{i}", 1)).ToArray();
        var first = Enumerable.Range(0, 4).Select(salt => PlacementPolicy.Spread([new(0, null)], workers, new LineageId(0, (UInt128)salt))[0]);
        Assert.Equal(4, first.Distinct().Count());
    }

    private static WorkerDescription Worker(string name, int slots) => new(new WorkerId(name), name, name, slots, 0, 0, 0, "");
}
