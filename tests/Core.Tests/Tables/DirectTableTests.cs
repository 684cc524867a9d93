using CsCheck;
using MicroSpark.Readers;
using MicroSpark.Tables;

namespace MicroSpark.Tests.Tables;

public sealed class DirectTableTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(-5_000)]
    [InlineData(int.MaxValue - 900)]
    [InlineData(int.MinValue)]
    public void Takes_dense_keys_and_yields_them_in_order(int least)
    {
        var direct = new DirectTable<int, long>();
        int[] keys = [.. Enumerable.Range(0, 300).Select(i => least + (i * 3))];
        Assert.True(direct.TryTake(TableOf(keys.Reverse())));
        Assert.Equal(keys.Length, direct.Count);
        Assert.Equal(keys.Select(k => (k, (long)k)), Drain(direct));
        Assert.Equal(0, direct.Count);
    }

    [Theory]
    [InlineData(long.MinValue)]
    [InlineData(long.MinValue + 100)]
    [InlineData(long.MaxValue - 299)]
    public void Takes_the_least_and_the_greatest_numbers(long least)
    {
        // With room that would reach beyond them.
        var direct = new DirectTable<long, long>();
        long[] keys = [.. Enumerable.Range(0, 300).Select(i => least + i)];
        Assert.True(direct.TryTake(TableOf(keys.Take(200))));
        Assert.True(direct.TryTake(TableOf(keys.Skip(200))));
        Assert.Equal(keys.Select(k => (k, k)), Drain(direct));
    }

    [Fact]
    public void Widens_to_both_sides_and_keeps_what_it_has()
    {
        var direct = new DirectTable<long, long>();
        foreach (var start in new[] { 1_000L, 1_500, 200, -3_000, 9_000 })
        {
            Assert.True(direct.TryTake(TableOf(Enumerable.Range(0, 100).Select(i => start + i))));
        }

        ref var known = ref direct.Slot(1_005, out var exists);
        Assert.True(exists);
        Assert.Equal(1_005, known);
        known = -1;
        direct.Slot(5_000, out exists) = 77;
        Assert.False(exists);
        var all = Drain(direct);
        Assert.Equal(501, all.Count);
        Assert.Equal(all.Select(e => e.Key).Order(), all.Select(e => e.Key));
        Assert.Contains((1_005L, -1L), all);
        Assert.Contains((5_000L, 77L), all);
    }

    [Fact]
    public void Leaves_keys_that_are_far_apart()
    {
        var direct = new DirectTable<long, long>();
        Assert.False(direct.TryTake(TableOf([long.MinValue, long.MaxValue])));
        Assert.False(direct.TryTake(TableOf(Enumerable.Range(0, 100).Select(i => i * 1_000L))));
        Assert.True(System.Runtime.CompilerServices.Unsafe.IsNullRef(ref direct.Slot(0, out _)));
        Assert.True(direct.TryTake(TableOf(Enumerable.Range(0, 100).Select(i => (long)i))));
        Assert.False(direct.TryTake(TableOf([long.MinValue])));
        Assert.True(System.Runtime.CompilerServices.Unsafe.IsNullRef(ref direct.Slot(long.MinValue, out _)));
        Assert.Equal(100, direct.Count);
    }

    [Fact]
    public void Knows_whole_numbers_of_every_type()
    {
        Returns(Gen.Int);
        Returns(Gen.Long);
        Returns(Gen.UInt);
        Returns(Gen.ULong);
        Returns(Gen.Short);
        Returns(Gen.UShort);
        Returns(Gen.Char);
        Assert.False(IntegerKey<double>.Is);
        Assert.False(IntegerKey<string>.Is);
        Assert.False(IntegerKey<DayOfWeek>.Is);

        static void Returns<K>(Gen<K> keys)
        {
            Assert.True(IntegerKey<K>.Is);
            keys.Sample(key => EqualityComparer<K>.Default.Equals(key, IntegerKey<K>.FromInt64(IntegerKey<K>.ToInt64(key))), iter: 200);
        }
    }

    private static CombineTable<K, long> TableOf<K>(IEnumerable<K> keys)
        where K : IConvertible
    {
        var table = new CombineTable<K, long>();
        foreach (var key in keys)
        {
            table.Slot(key, (ulong)key.GetHashCode(), out _) = key.ToInt64(null);
        }

        return table;
    }

    private static List<(K Key, long Value)> Drain<K>(DirectTable<K, long> table)
    {
        var all = new List<(K, long)>();
        using ChunkReader<(K Key, long Value)> reader = table.Drain();
        while (reader.Next(7, out var run))
        {
            all.AddRange(run);
        }

        return all;
    }
}
