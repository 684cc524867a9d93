using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Placement;
using MicroSpark.Model;
using MicroSpark.Plans;
using MicroSpark.Tasks;

namespace MicroSpark.Tests.Placement;

public sealed class PlacementPolicyTests
{
    [Theory]
    [InlineData(1, 64)]
    [InlineData(4096, 64)]
    [InlineData(4097, 65)]
    [InlineData(100_000, 1563)]
    public void An_owner_has_64_partitions_or_more_where_64_owners_would_not_do(int partitions, int each)
    {
        Assert.Equal(each, PlacementPolicy.PartitionsPerOwner(Stage(partitions)));
        Assert.InRange((partitions + each - 1) / each, 1, 64);
    }

    [Fact]
    public void Near_is_where_the_kept_partition_is_that_a_narrow_way_leads_to()
    {
        var map = new BlockMap(default, 1, [Id("a"), Id("b")], [0, 1, -1], [1, 1, 0]);
        var placed = PlacementPolicy.Near([4, 5, 6, 7], new Locality(0, [1, 0, 2, -1]), map);
        Assert.Equal([new(4, Id("b")), new(5, Id("a")), new(6, null), new(7, null)], placed);
    }

    [Fact]
    public void Nothing_is_near_behind_a_shuffle() =>
        Assert.Equal([new(0, null), new(1, null)], PlacementPolicy.Near([0, 1], null, null));

    [Fact]
    public void Tasks_that_run_together_have_a_slot_each() =>
        Assert.Equal(["a", "a", "b", "c"], PlacementPolicy.Together([Worker("a", 2), Worker("b", 1), Worker("c", 0)]).Select(w => w.Value));

    [Fact]
    public void A_task_that_came_back_goes_to_the_other_worker_with_the_least_to_do_by_slots()
    {
        var open = new Dictionary<WorkerId, int> { [Id("a")] = 0, [Id("b")] = 3, [Id("c")] = 4 };
        WorkerDescription[] workers = [Worker("a", 1), Worker("b", 1), Worker("c", 2)];
        Assert.Equal(Id("c"), PlacementPolicy.Again(workers, Id("a"), w => open[w]));
        Assert.Equal(Id("a"), PlacementPolicy.Again(workers, Id("gone"), w => open[w]));
        Assert.Equal(Id("a"), PlacementPolicy.Again(workers, null, w => open[w]));
    }

    [Fact]
    public void A_worker_with_a_task_that_does_not_end_comes_last()
    {
        WorkerDescription[] workers = [Worker("a", 2) with { GivenUp = 1 }, Worker("b", 2), Worker("c", 1)];
        Assert.Equal(["b", "b", "c", "a", "a"], PlacementPolicy.Together(workers).Select(static w => w.Value));
        Assert.Equal(Id("b"), PlacementPolicy.Again(workers, Id("c"), static w => w == Id("a") ? 0 : 5));
        Assert.Equal(Id("a"), PlacementPolicy.Again(workers[..2], Id("b"), static _ => 0));
        Assert.Empty(PlacementPolicy.SecondAttempts(workers[0], [("x", Id("b"))]));
    }

    [Fact]
    public void A_worker_with_a_task_that_does_not_end_is_spared_while_another_one_has_room()
    {
        WorkerDescription[] workers = [Worker("a", 2) with { GivenUp = 1 }, Worker("b", 2), Worker("c", 1)];
        Assert.True(Spares(0, "b", "b"));
        Assert.False(Spares(0, "b", "c"));
        Assert.False(Spares(0, "b", "a"));
        Assert.False(Spares(1, "c", "c"));
        workers[0] = workers[0] with { GivenUp = 2 };
        Assert.True(Spares(0, "b", "nobody"));
        Assert.False(Spares(0, "a", "b"));

        bool Spares(int worker, string mayTake, string hasRoom) =>
            PlacementPolicy.Spares(workers[worker], workers, w => w.Id == Id(mayTake), w => w.Id == Id(hasRoom));
    }

    [Fact]
    public void The_only_worker_gets_its_task_again() =>
        Assert.Equal(Id("a"), PlacementPolicy.Again([Worker("a", 1)], Id("a"), static _ => 1));

    [Theory]
    [InlineData(0, new[] { "x", "z" })]
    [InlineData(1, new[] { "x" })]
    [InlineData(2, new string[0])]
    [InlineData(3, new string[0])]
    public void A_worker_takes_as_many_second_attempts_as_it_has_free_slots_and_none_of_its_own(int busy, string[] taken)
    {
        var worker = Worker("a", 2) with { SlotsBusy = busy };
        Assert.Equal(taken, PlacementPolicy.SecondAttempts(worker, [("x", Id("b")), ("y", Id("a")), ("z", Id("c")), ("w", Id("c"))]));
    }

    [Fact]
    public void A_copy_goes_to_another_host_where_there_is_one_then_to_who_was_given_the_fewest()
    {
        WorkerDescription[] workers = [Worker("a1", 1, "a:1"), Worker("a2", 1, "a:2"), Worker("b1", 1, "b:1"), Worker("b2", 2, "b:2")];
        var given = new Dictionary<WorkerId, int> { [Id("a1")] = 0, [Id("a2")] = 0, [Id("b1")] = 2, [Id("b2")] = 3 };
        Assert.Equal(Id("b2"), PlacementPolicy.CopyOf(Id("a1"), workers, w => given[w]));
        Assert.Equal(Id("a2"), PlacementPolicy.CopyOf(Id("a1"), workers[..2], w => given[w]));
        Assert.Null(PlacementPolicy.CopyOf(Id("a1"), workers[..1], w => given[w]));
    }

    /// <summary>Pinned: a process that ranked otherwise, or another version of one, would ask the wrong workers first.</summary>
    [Fact]
    public void Keepers_and_holders_are_ranked_by_a_hash_that_is_the_same_in_every_process()
    {
        var workers = Workers(5);
        Assert.Equal("w0 w4 w1 w3 w2", string.Join(' ', PlacementPolicy.KeepersOf(Job(7), workers)));
        Assert.Equal("w0 w1 w3 w4 w2", string.Join(' ', PlacementPolicy.HoldersOf(BlobName.Of("plan"u8), workers)));
        Assert.Equal(PlacementPolicy.KeepersOf(Job(7), workers), PlacementPolicy.KeepersOf(Job(7), workers.Reverse()));
    }

    [Fact]
    public void A_loss_changes_the_keepers_only_of_what_the_lost_worker_kept()
    {
        var workers = Workers(6);
        foreach (var job in Enumerable.Range(0, 200).Select(Job))
        {
            var before = PlacementPolicy.KeepersOf(job, workers);
            Assert.Equal(before.Where(w => w != workers[3]), PlacementPolicy.KeepersOf(job, workers.Where(w => w != workers[3])));
        }
    }

    [Fact]
    public void Records_of_many_jobs_spread_over_all_workers()
    {
        var kept = Enumerable.Range(0, 600).SelectMany(job => PlacementPolicy.KeepersOf(Job(job), Workers(6)).Take(PlacementPolicy.Copies)).CountBy(static w => w);
        Assert.Equal(6, kept.Count());
        Assert.All(kept, static worker => Assert.InRange(worker.Value, 150, 250));
    }

    private static WorkerId[] Workers(int count) => [.. Enumerable.Range(0, count).Select(i => Id($"w{i}"))];

    private static JobId Job(int number) => new(new Guid(number, 0, 0, new byte[8]));

    private static WorkerId Id(string name) => new(name);

    private static WorkerDescription Worker(string name, int slots, string? address = null) => new(Id(name), name, address ?? name, slots, 0, 0, 0, "");

    private static StageSpec Stage(int partitions) => new(
        default, default, new PlanRef(default, null, []), 0, default, 0, OutputKind.Shuffle, null, 0, partitions, false, new TaskPolicy(1, false));
}
