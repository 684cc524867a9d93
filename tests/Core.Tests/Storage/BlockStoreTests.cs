using System.Buffers;
using MicroSpark.Code;
using MicroSpark.Memory;
using MicroSpark.Model;
using MicroSpark.Readers;
using MicroSpark.Storage;

namespace MicroSpark.Tests.Storage;

public sealed class BlockStoreTests : IDisposable
{
    private readonly ManualTime _time = new();
    private readonly SpillFolder _folder = new(null);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Past_the_budget_the_recipe_used_least_recently_goes()
    {
        var store = Store(250);
        Put(store, 1, 100);
        Put(store, 2, 100);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(Has(store, 1));
        Put(store, 3, 100);
        Assert.True(Has(store, 1));
        Assert.False(Has(store, 2));
        Assert.True(Has(store, 3));
        Assert.Equal(200, store.Bytes);
    }

    [Fact]
    public void Held_recipes_go_last_and_those_at_work_never()
    {
        var store = Store(250);
        store.IsHeld = lineage => lineage == Lineage(1);
        var pins = store.Pin(Lineage(2));
        foreach (var recipe in new[] { 1, 2, 3, 4 })
        {
            Put(store, recipe, 100);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal([true, true, false, false], new[] { 1, 2, 3, 4 }.Select(r => Has(store, r)));
        pins.Dispose();

        // Looking is using: without a step of time, 2 and 5 would be used last at the same moment.
        _time.Advance(TimeSpan.FromSeconds(1));
        Put(store, 5, 100);
        Assert.False(Has(store, 2));
    }

    [Fact]
    public void Results_and_what_nobody_holds_stay_for_ten_minutes()
    {
        var store = Store(long.MaxValue);
        store.IsHeld = static lineage => lineage == Lineage(2);
        store.Put(Id(1), new FixedBlock(10), BlockKeeping.Result);
        Put(store, 2, 10);
        Put(store, 5, 10);
        _time.Advance(TimeSpan.FromMinutes(9));
        Put(store, 3, 10);
        Assert.NotEmpty(store.Of(Lineage(1)));
        Assert.NotEmpty(store.Of(Lineage(5)));
        _time.Advance(TimeSpan.FromMinutes(2));
        Put(store, 4, 10);
        Assert.Empty(store.Of(Lineage(1)));
        Assert.Empty(store.Of(Lineage(5)));
        Assert.True(Has(store, 2));
        Assert.Equal(30, store.Bytes);
    }

    [Fact]
    public void A_result_that_somebody_says_he_still_reads_stays()
    {
        var store = Store(long.MaxValue);
        store.Put(Id(1), new FixedBlock(10), BlockKeeping.Result);
        for (var minutes = 0; minutes < 30; minutes += 3)
        {
            _time.Advance(TimeSpan.FromMinutes(3));
            store.Touch(Lineage(1));
            store.Touch(Lineage(9));
            Put(store, 2, 10);
            Assert.NotEmpty(store.Of(Lineage(1)));
        }

        _time.Advance(TimeSpan.FromMinutes(11));
        Put(store, 3, 10);
        Assert.Empty(store.Of(Lineage(1)));
    }

    [Fact]
    public void What_is_held_goes_to_disk_and_stays_known()
    {
        var store = Store(10_000);
        store.IsHeld = static _ => true;
        for (var p = 0; p < 8; p++)
        {
            store.Put(Part(p), Numbers(p), BlockKeeping.MayGoToDisk);
        }

        Assert.InRange(store.Bytes, 1, 10_000);
        var held = store.Of(Lineage(1));
        Assert.Equal(8, held.Count);
        Assert.DoesNotContain(held, static h => h.Block is UnkeptBlock);
        Assert.Equal([false, false], held.OrderBy(h => h.Part.Partition).Take(2).Select(h => h.Block.DiskBytes > 0));
        for (var p = 0; p < 8; p++)
        {
            Assert.True(store.TryGet(Part(p), out var block));
            Assert.Equal(Numbers(p).Fingerprint, block.Fingerprint);
            Assert.Equal([p, 1, 2], Read<long>(block, 0).Take(3));
            Assert.Equal(400, Read<long>(block, 1).Count);
        }

        store.RemoveAll(Lineage(1));
        Assert.Equal(0, store.Bytes);
        Assert.Empty(Directory.GetFiles(_folder.Location));
    }

    [Fact]
    public void Without_disk_a_block_is_dropped_and_known_as_unkept_while_a_task_is_at_work()
    {
        var store = Store(10_000);
        store.IsHeld = static _ => true;
        var pins = store.Pin(Lineage(1));
        for (var p = 0; p < 4; p++)
        {
            store.Put(Part(p), Numbers(p), BlockKeeping.MemoryOnly);
        }

        Assert.Equal([2, 3], store.Of(Lineage(1)).Where(h => h.Block is UnkeptBlock).Select(h => h.Part.Partition).Order());
        Assert.True(store.TryGet(Part(3), out var block));
        Assert.Equal((Numbers(3).Count, Numbers(3).Fingerprint, 0, 0), (block.Count, block.Fingerprint, block.Bytes, block.DiskBytes));
        Assert.InRange(store.Bytes, 1, 10_000);
        Assert.Empty(Directory.GetFiles(_folder.Location, "*.frames"));

        // Nobody is at work on the recipe any more: what is in memory may be dropped without a trace.
        pins.Dispose();
        Put(store, 7, 9_000);
        Assert.False(store.TryGet(Part(0), out _));
        Assert.True(store.TryGet(Part(2), out block));
        Assert.IsType<UnkeptBlock>(block);
        store.Put(Part(2), Numbers(2), BlockKeeping.MayGoToDisk);
        Assert.True(store.TryGet(Part(2), out block));
        Assert.IsNotType<UnkeptBlock>(block);
    }

    [Fact]
    public void A_recipe_removed_under_a_task_does_not_take_the_pin_of_its_next_blocks()
    {
        var store = Store(250);
        var before = store.Pin(Lineage(1));
        store.RemoveAll(Lineage(1));
        using var pins = store.Pin(Lineage(1));
        Put(store, 1, 100);
        before.Dispose();
        _time.Advance(TimeSpan.FromSeconds(1));
        Put(store, 2, 100);
        _time.Advance(TimeSpan.FromSeconds(1));
        Put(store, 3, 100);
        Assert.True(Has(store, 1));
        Assert.False(Has(store, 2));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(200)]
    public void With_more_recipes_than_are_looked_at_together_the_least_recently_used_still_go_first(int times)
    {
        var store = Store(1_000);
        for (var recipe = 0; recipe < times * 10; recipe++)
        {
            Put(store, recipe, 100);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.True(Has(store, (times * 10) - 10));
        _time.Advance(TimeSpan.FromSeconds(1));
        Put(store, -1, 500);
        Assert.Equal(
            [true, false, false, false, false, false, true, true, true, true],
            Enumerable.Range((times * 10) - 10, 10).Select(recipe => Has(store, recipe)));
    }

    [Fact]
    public void What_cannot_leave_memory_is_not_asked_again_before_all_others()
    {
        var store = Store(10_000);
        store.IsHeld = static _ => true;
        for (var recipe = 0; recipe < 90; recipe++)
        {
            Put(store, recipe, 100);
        }

        _time.Advance(TimeSpan.FromSeconds(1));
        store.Put(Part(0) with { Lineage = Lineage(100) }, Numbers(0), BlockKeeping.MayGoToDisk);
        Put(store, 101, 500);
        Assert.True(store.TryGet(Part(0) with { Lineage = Lineage(100) }, out var block));
        Assert.True(block.DiskBytes > 0);
    }

    [Fact]
    public void A_full_disk_gives_up_what_nobody_holds_and_then_says_what_to_do()
    {
        var store = Store(10_000);
        store.IsHeld = static _ => true;
        store.Put(new BlockId(Lineage(2), 0, new AttemptId(1)), Numbers(0).ToDisk(new SpillFile(_folder, CodeSpace.Process))!, BlockKeeping.MayGoToDisk);
        Assert.False(_folder.MakeRoom(null));
        store.IsHeld = static lineage => lineage != Lineage(2);
        Assert.True(_folder.MakeRoom(null));
        Assert.Empty(Directory.GetFiles(_folder.Location));
        Assert.False(_folder.MakeRoom(null));
    }

    private BlockStore Store(long limit) => new(new MemoryPool(limit, 2), _folder, CodeSpace.Process, _time);

    private static BucketBlock<long> Numbers(int first)
    {
        var items = Enumerable.Range(0, 500).Select(i => (long)i).ToArray();
        items[0] = first;
        return new BucketBlock<long>(items, [100, 500], null, 2, 77);
    }

    private static List<T> Read<T>(Block block, int bucket)
    {
        using var reader = Assert.IsType<ElementBlock<T>>(block, exactMatch: false).Read(bucket);
        var items = new List<T>();
        while (reader.Next(30, out var run))
        {
            items.AddRange(run);
        }

        return items;
    }

    private static BlockId Part(int partition) => new(Lineage(1), partition, new AttemptId(1));

    private static void Put(BlockStore store, int recipe, long bytes) => store.Put(Id(recipe), new FixedBlock(bytes), BlockKeeping.MayGoToDisk);

    private static bool Has(BlockStore store, int recipe) => store.TryGet(Id(recipe), out _);

    private static LineageId Lineage(int recipe) => new(0, (UInt128)recipe);

    private static BlockId Id(int recipe) => new(Lineage(recipe), 0, new AttemptId(1));

    private sealed class FixedBlock(long bytes) : Block
    {
        public override int Buckets => 1;

        public override long Count => 1;

        public override long Bytes => bytes;

        public override ulong Fingerprint => 0;

        public override IEnumerable<Frame> Frames(int bucket, CodeSpace space) => throw new NotSupportedException();

    }

    private sealed class ManualTime : TimeProvider
    {
        private long _now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public void Advance(TimeSpan by) => _now += by.Ticks;

        public override long GetTimestamp() => _now;
    }
}
