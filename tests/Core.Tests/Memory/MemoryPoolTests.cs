using MicroSpark.Code;
using MicroSpark.Memory;

namespace MicroSpark.Tests.Memory;

public sealed class MemoryPoolTests : IDisposable
{
    private readonly SpillFolder _folder = new(null);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Each_slot_has_its_share_whatever_others_hold()
    {
        var pool = new MemoryPool(400, tasks: 2);
        using var greedy = Open(pool);
        using var modest = Open(pool);
        Assert.True(greedy.TryGrow(300));
        Assert.False(greedy.TryGrow(1));
        Assert.True(modest.TryGrow(100));
        Assert.False(modest.TryGrow(1));
        Assert.Equal(400, pool.Working);
        greedy.Shrink(150);
        Assert.True(modest.TryGrow(150));
        Assert.False(greedy.TryGrow(51));
    }

    [Fact]
    public void All_is_given_back_at_the_end()
    {
        var pool = new MemoryPool(400, tasks: 2);
        for (var i = 0; i < 5; i++)
        {
            using var task = Open(pool);
            Assert.True(task.TryGrow(100));
            Assert.True(task.TryGrow(200));
        }

        Assert.Equal(0, pool.Working);
    }

    [Fact]
    public void Blocks_are_pushed_out_before_a_task_is_refused()
    {
        var pool = new MemoryPool(400, tasks: 2);
        pool.PushOut = (_, _) => pool.HoldBlocks(-pool.Excess);
        pool.HoldBlocks(400);
        using var task = Open(pool);
        Assert.True(task.TryGrow(150));
        Assert.Equal(250, pool.Blocks);
        Assert.Equal(150, pool.Working);
    }

    [Fact]
    public void A_smaller_budget_pushes_blocks_out_and_refuses_tasks_more_than_their_new_share()
    {
        var pool = WithBlocks();
        using var greedy = Open(pool);
        using var modest = Open(pool);
        Assert.True(greedy.TryGrow(180));
        pool.HoldBlocks(220);

        pool.Resize(200);

        Assert.Equal((180, 20), (pool.Working, pool.Blocks));
        Assert.False(greedy.TryGrow(1));
        Assert.True(modest.TryGrow(50));
        Assert.False(modest.TryGrow(1));

        // As it was, and nothing of what is held was counted wrong on the way.
        pool.Resize(400);
        Assert.True(modest.TryGrow(50));
        Assert.True(greedy.TryGrow(120));
        Assert.False(modest.TryGrow(1));
        greedy.Shrink(300);
        modest.Shrink(100);
        Assert.True(modest.TryGrow(300));
        Assert.Equal(300, pool.Working);
    }

    [Fact]
    public void What_cannot_be_spilled_is_counted_and_never_refused()
    {
        var pool = WithBlocks();
        pool.HoldBlocks(300);
        using var table = Open(pool);
        using var other = Open(pool);

        table.Hold(350);
        Assert.Equal((350, 50), (pool.Working, pool.Blocks));

        // It may spill nothing less than what it has; the other one's share is its own as ever.
        Assert.False(table.TryGrow(1));
        Assert.True(other.TryGrow(100));
        Assert.False(other.TryGrow(1));
        table.Shrink(350);
        Assert.True(other.TryGrow(200));
        pool.HoldShared(100);
        Assert.Equal((300, 0, 100), (pool.Working, pool.Blocks, pool.Shared));
    }

    [Fact]
    public void A_starved_pool_grants_nothing()
    {
        using var task = Open(new MemoryPool(long.MaxValue, tasks: 2, starved: true));
        Assert.False(task.TryGrow(1));
    }

    /// <summary>Whose blocks go as far as there are any.</summary>
    private static MemoryPool WithBlocks()
    {
        var pool = new MemoryPool(400, tasks: 2);
        pool.PushOut = (_, _) => pool.HoldBlocks(-Math.Min(pool.Excess, pool.Blocks));
        return pool;
    }

    private TaskMemory Open(MemoryPool pool) => pool.Open(_folder, CodeSpace.Process);
}
