using MicroSpark.Grains.Rdds;
using MicroSpark.Model;
using MicroSpark.Tasks;

namespace MicroSpark.Tests.Rdds;

public sealed class BlockTableTests
{
    private static readonly WorkerId s_a = new("a");
    private static readonly WorkerId s_b = new("b");

    [Fact]
    public void The_map_names_worker_and_attempt_of_what_is_computed()
    {
        var table = new BlockTable(3);
        table.Put(0, s_a, new AttemptId(5), 1);
        table.Put(2, s_b, new AttemptId(6), 1);
        var map = table.Map(default, 9);
        Assert.Equal(9, map.Version);
        Assert.Equal([0, -1, 1], map.WorkerOf.Select(w => (int)w));
        Assert.Equal([5, 0, 6], map.AttemptOf);
        Assert.Equal(2, table.Computed);
    }

    [Fact]
    public void All_blocks_of_a_dead_worker_are_lost_at_once()
    {
        var table = new BlockTable(3);
        table.Put(0, s_a, new AttemptId(1), 1);
        table.Put(1, s_b, new AttemptId(2), 1);
        table.Put(2, s_a, new AttemptId(3), 1);
        Assert.True(table.LoseAllBut(w => w == s_b));
        Assert.False(table.LoseAllBut(w => w == s_b));
        Assert.Equal([false, true, false], Enumerable.Range(0, 3).Select(table.Has));
    }

    [Fact]
    public void A_second_copy_takes_the_place_of_a_lost_block()
    {
        var table = new BlockTable(3);
        for (var p = 0; p < 3; p++)
        {
            table.Put(p, s_a, new AttemptId(p), 1);
        }

        Assert.True(table.PutCopy(0, s_b, new AttemptId(0)));
        Assert.False(table.PutCopy(1, s_b, new AttemptId(7)));
        Assert.True(table.PutCopy(1, s_b, new AttemptId(1)));
        Assert.Equal([s_a, s_b], table.Holders());

        // One copy is dropped, one block is; then all of the worker's.
        Assert.False(table.Lose(Block(1, 1), s_b));
        Assert.Equal((new AttemptId(1), s_a), table.OnlyCopy(1));
        Assert.Null(table.OnlyCopy(0));
        Assert.True(table.LoseAllBut(w => w == s_b));
        Assert.Equal([true, false, false], Enumerable.Range(0, 3).Select(table.Has));
        Assert.Equal((new AttemptId(0), s_b), table.OnlyCopy(0));
        Assert.Equal(1, table.Computed);
        var map = table.Map(default, 1);
        Assert.Equal(s_b, map.Workers[map.WorkerOf[0]]);

        // Unpersisted: both go.
        table.PutCopy(0, s_a, new AttemptId(0));
        Assert.True(table.LoseAllBut(static _ => false));
        Assert.Equal(0, table.Computed);
        Assert.Empty(table.Holders());
    }

    [Fact]
    public void A_report_about_a_former_worker_changes_nothing()
    {
        var table = new BlockTable(1);
        table.Put(0, s_a, new AttemptId(1), 1);
        Assert.True(table.Lose(Block(0, 1), s_a));
        table.Put(0, s_b, new AttemptId(2), 1);
        Assert.False(table.Lose(Block(0, 1), s_a));
        Assert.False(table.Lose(Block(0, 2), s_a));
        Assert.True(table.Has(0));
    }

    [Fact]
    public void What_a_worker_no_longer_holds_is_lost_unless_it_came_meanwhile()
    {
        var table = new BlockTable(4);
        for (var p = 0; p < 3; p++)
        {
            table.Put(p, p == 2 ? s_b : s_a, new AttemptId(p), 1);
        }

        var earlier = table.Map(default, 1);
        table.Put(3, s_a, new AttemptId(3), 1);
        table.LoseUnconfirmed(earlier, s_a, [(1, new AttemptId(1))]);
        Assert.Equal([false, true, true, true], Enumerable.Range(0, 4).Select(table.Has));

        // Another attempt's block under the same number is not the one that the map names.
        table.LoseUnconfirmed(earlier, s_b, [(2, new AttemptId(7))]);
        Assert.False(table.Has(2));
    }

    [Fact]
    public void The_content_changes_with_another_fingerprint_and_not_with_a_loss()
    {
        var table = new BlockTable(2);
        table.Put(0, s_a, new AttemptId(1), 7);
        Assert.Null(table.Content);
        table.Put(1, s_a, new AttemptId(1), 7);
        var content = table.Content;
        Assert.True(table.Lose(Block(0, 1), null));
        Assert.Equal(content, table.Content);
        table.Put(0, s_b, new AttemptId(2), 7);
        Assert.Equal(content, table.Content);
        Assert.True(table.Lose(Block(0, 2), null));
        table.Put(0, s_b, new AttemptId(3), 8);
        Assert.NotEqual(content, table.Content);
    }

    /// <summary>Readers with an old map come late: what they did not find is computed again by then, perhaps where it was before.</summary>
    [Theory]
    [InlineData(null)]
    [InlineData("a")]
    public void A_report_of_a_former_attempts_block_changes_nothing(string? at)
    {
        var table = new BlockTable(1);
        WorkerId? worker = at is null ? null : new WorkerId(at);
        table.Put(0, s_a, new AttemptId(1), 1);
        Assert.True(table.Lose(Block(0, 1), worker));
        table.Put(0, s_a, new AttemptId(2), 1);
        Assert.False(table.Lose(Block(0, 1), worker));

        // By a map of the time between, that had none.
        Assert.False(table.Lose(Block(0, 0), worker));
        Assert.True(table.Has(0));
        Assert.True(table.Lose(Block(0, 2), worker));
    }

    [Fact]
    public void Who_computes_a_partition_is_known_until_it_is_there_or_given_up()
    {
        var moves = new List<string>();
        var table = new BlockTable(3, (partition, transition, from, to) => moves.Add($"{partition} {transition} {from.GetType().Name} {to.GetType().Name}"));
        var computation = new Computation([0, 1, 2], static () => { }, static _ => { });
        table.Start(computation);
        Assert.Same(computation, Assert.Single(table.Computations));
        table.Put(1, s_a, new AttemptId(1), 1);

        // Another activation had it computed.
        Assert.True(table.Find(2, s_b, new AttemptId(2), 1));
        table.Drop(computation);
        Assert.Empty(table.Computations);
        Assert.Equal([false, true, true], Enumerable.Range(0, 3).Select(table.Has));
        Assert.Equal(
            [
                "0 Start Missing InFlight", "1 Start Missing InFlight", "2 Start Missing InFlight", "1 Compute InFlight Computed",
                "2 Find InFlight Computed", "0 Drop InFlight Missing",
            ],
            moves);
    }

    [Fact]
    public void An_rdd_is_complete_when_no_partition_is_missing_or_waits_for_a_copy()
    {
        var table = new BlockTable(2);
        table.Put(0, s_a, new AttemptId(1), 1);
        table.Put(1, s_a, new AttemptId(2), 1);
        Assert.True(table.IsComplete);
        table.Copy(0);
        table.Copy(1);
        Assert.Equal((false, 2, 2), (table.IsComplete, table.Computed, table.Copying));
        Assert.False(table.IsSettled(0));
        Assert.True(table.PutCopy(0, s_b, new AttemptId(1)));
        Assert.True(table.IsSettled(0));
        Assert.True(table.Lose(Block(1, 2), s_a));
        Assert.Equal((false, 1, 0), (table.IsComplete, table.Computed, table.Copying));
        table.Forget();
        Assert.Equal((0, 0), (table.Computed, table.Copying));
        Assert.Null(table.Content);
    }

    /// <summary>Readers' maps stay the same object while the version does.</summary>
    [Fact]
    public void A_second_copy_is_not_in_the_map()
    {
        var table = new BlockTable(1);
        table.Put(0, s_a, new AttemptId(1), 1);
        var map = table.Map(default, 3);
        table.PutCopy(0, s_b, new AttemptId(1));
        Assert.False(table.Lose(Block(0, 1), s_b));
        Assert.Same(map, table.Map(default, 3));
        Assert.True(table.Lose(Block(0, 1), s_a));
        Assert.NotSame(map, table.Map(default, 3));
    }

    private static BlockPart Block(int partition, int attempt) => new(partition, new AttemptId(attempt));

    [Fact]
    public void What_is_lost_is_known_until_it_is_there_again_and_what_is_dropped_is_no_loss()
    {
        var table = new BlockTable(4);
        table.Put(0, s_a, new AttemptId(1), 1);
        table.Put(1, s_b, new AttemptId(2), 1);
        table.Put(2, s_a, new AttemptId(3), 1);
        table.PutCopy(2, s_b, new AttemptId(3));
        table.LoseAllBut(worker => worker == s_b);
        Assert.Equal([(0, s_a)], table.LossesOf([0, 1, 2, 3]));
        Assert.Empty(table.LossesOf([1]));
        table.Put(0, s_b, new AttemptId(4), 1);
        Assert.Empty(table.LossesOf([0, 1, 2, 3]));
        Assert.True(table.DropAll());
        Assert.Empty(table.LossesOf([0, 1, 2, 3]));
        Assert.False(table.DropAll());
    }
}
