using MicroSpark.Rdds;

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
    public void A_report_about_a_former_worker_changes_nothing()
    {
        var table = new BlockTable(1);
        table.Put(0, s_a, new AttemptId(1), 1);
        table.Lose(0, s_a);
        table.Put(0, s_b, new AttemptId(2), 1);
        Assert.False(table.Lose(0, s_a));
        Assert.True(table.Has(0));
    }

    [Fact]
    public void The_content_changes_with_another_fingerprint_and_not_with_a_loss()
    {
        var table = new BlockTable(2);
        table.Put(0, s_a, new AttemptId(1), 7);
        Assert.Null(table.Content);
        table.Put(1, s_a, new AttemptId(1), 7);
        var content = table.Content;
        table.Lose(0, null);
        Assert.Equal(content, table.Content);
        table.Put(0, s_b, new AttemptId(2), 7);
        Assert.Equal(content, table.Content);
        table.Lose(0, null);
        table.Put(0, s_b, new AttemptId(3), 8);
        Assert.NotEqual(content, table.Content);
    }
}
