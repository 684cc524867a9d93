using MicroSpark.Code;
using MicroSpark.Memory;
using MicroSpark.Model;
using MicroSpark.Options;
using MicroSpark.Storage;
using MicroSpark.Tests.Infrastructure;

namespace MicroSpark.Tests.Memory;

/// <summary>What one name may have of a silo's memory and disk: within it all is as in a silo of that size, and others have the rest.</summary>
public sealed class OwnerQuotaTests : IDisposable
{
    private readonly ManualTime _time = new();
    private readonly SpillFolder _folder = new(null);

    public void Dispose() => _folder.Dispose();

    /// <summary>Whatever a task asks for, it is granted what it would be granted in a silo whose budget is the quota.</summary>
    [Fact]
    public void Tasks_are_granted_what_a_silo_of_that_size_would_grant()
    {
        var random = new Random(5);
        for (var round = 0; round < 50; round++)
        {
            var (pool, small) = (Pool(10_000, memory: 400), new MemoryPool(400, tasks: 2));
            var other = pool.Open(_folder, CodeSpace.Process);
            var tasks = Enumerable.Range(0, 3).Select(_ => (Mine: Open(pool), Model: small.Open(_folder, CodeSpace.Process))).ToArray();
            for (var step = 0; step < 100; step++)
            {
                var (mine, model) = tasks[random.Next(tasks.Length)];
                var bytes = random.Next(150);
                switch (random.Next(4))
                {
                    case 0:
                        mine.Hold(bytes / 4);
                        model.Hold(bytes / 4);
                        break;
                    case 1:
                        mine.Shrink(Math.Min(bytes, mine.Held));
                        model.Shrink(Math.Min(bytes, model.Held));
                        break;
                    default:
                        Assert.Equal(model.TryGrow(bytes), mine.TryGrow(bytes));
                        break;
                }

                Assert.Equal(model.Held, mine.Held);
            }

            Assert.Equal(small.Working, pool.QuotaOf("ann")!.Memory!.Working);
            Assert.True(other.TryGrow(2000));
            foreach (var (mine, model) in tasks)
            {
                mine.Dispose();
                model.Dispose();
            }

            Assert.Equal((0L, 2000L), (pool.QuotaOf("ann")!.Memory!.Working, pool.Working));
        }
    }

    [Fact]
    public void Who_has_no_entry_has_what_there_is()
    {
        var pool = Pool(400, memory: 100);
        Assert.Null(pool.QuotaOf(null));
        Assert.Null(pool.QuotaOf("bob"));
        using var task = pool.Open(_folder, CodeSpace.Process, pool.QuotaOf("bob"));
        Assert.True(task.TryGrow(300));
    }

    [Fact]
    public void Past_his_part_his_own_blocks_go_and_nobody_elses()
    {
        var pool = Pool(10_000, memory: 250);
        var store = new BlockStore(pool, _folder, CodeSpace.Process, _time);
        Put(store, 1, 100, null);
        foreach (var recipe in new[] { 2, 3, 4 })
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            Put(store, recipe, 100, pool.QuotaOf("ann"));
        }

        Assert.Equal([true, false, true, true], new[] { 1, 2, 3, 4 }.Select(r => store.Has(Lineage(r))));
        Assert.Equal((300, 200), (pool.Blocks, pool.QuotaOf("ann")!.Memory!.Blocks));

        // His tasks come first, before his blocks.
        using var task = Open(pool);
        Assert.True(task.TryGrow(100));
        Assert.Equal([true, false, false, true], new[] { 1, 2, 3, 4 }.Select(r => store.Has(Lineage(r))));
        store.RemoveAll(Lineage(4));
        Assert.Equal((100, 0), (pool.Blocks, pool.QuotaOf("ann")!.Memory!.Blocks));
    }

    [Fact]
    public void More_on_disk_than_he_may_have_fails_with_the_setting_and_what_is_deleted_makes_room()
    {
        var pool = Pool(10_000, spill: 10_000);
        using (var task = Open(pool))
        {
            task.Spill.Write<long>(new long[1000]);
            var error = Assert.Throws<SpillException>(() => task.Spill.Write<long>(new long[1000]));
            Assert.Contains("MicroSpark:Secrets:3:MaxSpill", error.Message, StringComparison.Ordinal);
            Assert.Contains("ann", error.Message, StringComparison.Ordinal);
            Assert.InRange(pool.QuotaOf("ann")!.Spilled, 8000, 10_000);
            using var other = pool.Open(_folder, CodeSpace.Process);
            other.Spill.Write<long>(new long[10_000]);
        }

        Assert.Equal(0, pool.QuotaOf("ann")!.Spilled);
        using var next = Open(pool);
        next.Spill.Write<long>(new long[1000]);
    }

    /// <summary>As on a full disk: what lies there and nobody needs goes first.</summary>
    [Fact]
    public void What_he_does_not_need_now_makes_room_on_disk()
    {
        var pool = Pool(1_000_000, spill: 10_000);
        var store = new BlockStore(pool, _folder, CodeSpace.Process, _time);
        Put(store, OnDisk(null), 1, null);
        Put(store, OnDisk(pool.QuotaOf("ann")), 2, pool.QuotaOf("ann"));
        using var task = Open(pool);
        task.Spill.Write<long>(new long[1000]);
        Assert.True(store.Has(Lineage(1)));
        Assert.False(store.Has(Lineage(2)));
    }

    /// <summary>His task fails when its own block finds no place; another's task that needs memory does not fail for him.</summary>
    [Fact]
    public void What_may_not_go_to_disk_fails_its_owner_and_is_lost_for_others()
    {
        var pool = Pool(10_000, spill: 5000);
        var store = new BlockStore(pool, _folder, CodeSpace.Process, _time) { IsHeld = static _ => true };
        Put(store, Numbers(), 1, pool.QuotaOf("ann"));
        using (var task = Open(pool))
        {
            Assert.Throws<SpillException>(() => task.TryGrow(5000));
            Assert.True(store.Has(Lineage(1)));
            Assert.Equal(0, pool.QuotaOf("ann")!.Spilled);
        }

        using var other = pool.Open(_folder, CodeSpace.Process);
        Assert.True(other.TryGrow(5000));
        Assert.Empty(store.Of(Lineage(1)));
        Assert.Equal(0, store.Bytes);
    }

    private static MemoryPool Pool(long limit, long? memory = null, long? spill = null) => new(limit, tasks: 2)
    {
        Limits = [new OwnerLimits("bob", "MicroSpark:Secrets:2"), new OwnerLimits("ann", "MicroSpark:Secrets:3") { Memory = memory, Spill = spill }],
    };

    private static LineageId Lineage(int recipe) => new((UInt128)recipe, 0);

    private static BucketBlock<long> Numbers() => new(new long[1000], 1000);

    private static void Put(BlockStore store, int recipe, long bytes, OwnerQuota? quota) =>
        Put(store, new PartitionBlock<byte>([], bytes), recipe, quota);

    private static void Put(BlockStore store, Block block, int recipe, OwnerQuota? quota) =>
        store.Put(new BlockId(Lineage(recipe), 0, new AttemptId(1)), block, BlockKeeping.MayGoToDisk, quota);

    private Block OnDisk(OwnerQuota? quota) => Numbers().ToDisk(new SpillFile(_folder, CodeSpace.Process, quota))!;

    private TaskMemory Open(MemoryPool pool) => pool.Open(_folder, CodeSpace.Process, pool.QuotaOf("ann"));
}
