using System.Buffers;
using MicroSpark.Closures;
using MicroSpark.Storage;

namespace MicroSpark.Tests.Storage;

public class BlockStoreTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public void Past_the_budget_the_recipe_used_least_recently_goes()
    {
        var store = new BlockStore(_time, 250);
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
        var store = new BlockStore(_time, 250) { IsHeld = lineage => lineage == Lineage(1) };
        store.Pin(Lineage(2));
        foreach (var recipe in new[] { 1, 2, 3, 4 })
        {
            Put(store, recipe, 100);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal([true, true, false, false], new[] { 1, 2, 3, 4 }.Select(r => Has(store, r)));
        store.Unpin(Lineage(2));

        // Looking is using: without a step of time, 2 and 5 would be used last at the same moment.
        _time.Advance(TimeSpan.FromSeconds(1));
        Put(store, 5, 100);
        Assert.False(Has(store, 2));
    }

    [Fact]
    public void Results_stay_for_ten_minutes()
    {
        var store = new BlockStore(_time);
        store.Put(Id(1), new FixedBlock(10), isResult: true);
        Put(store, 2, 10);
        _time.Advance(TimeSpan.FromMinutes(9));
        Put(store, 3, 10);
        Assert.NotEmpty(store.Of(Lineage(1)));
        _time.Advance(TimeSpan.FromMinutes(2));
        Put(store, 4, 10);
        Assert.Empty(store.Of(Lineage(1)));
        Assert.True(Has(store, 2));
        Assert.Equal(30, store.Bytes);
    }

    private static void Put(BlockStore store, int recipe, long bytes) => store.Put(Id(recipe), new FixedBlock(bytes));

    private static bool Has(BlockStore store, int recipe) => store.TryGet(Id(recipe), out _);

    private static LineageId Lineage(int recipe) => new(0, (UInt128)recipe);

    private static BlockId Id(int recipe) => new(Lineage(recipe), 0, new AttemptId(1));

    private sealed class FixedBlock(long bytes) : Block
    {
        public override int Buckets => 1;

        public override long Count => 1;

        public override long Bytes => bytes;

        public override ulong Fingerprint => 0;

        public override IEnumerable<ReadOnlyMemory<byte>> Frames(int bucket, CodeSpace space) => throw new NotSupportedException();

        public override void EncodeBucket(int bucket, IBufferWriter<byte> output, CodeSpace space) => throw new NotSupportedException();
    }

    private sealed class ManualTime : TimeProvider
    {
        private long _now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public void Advance(TimeSpan by) => _now += by.Ticks;

        public override long GetTimestamp() => _now;
    }
}
