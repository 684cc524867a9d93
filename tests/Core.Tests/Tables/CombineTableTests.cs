using CsCheck;
using MicroSpark.Hashing;
using MicroSpark.Tables;
using MicroSpark.Tests.Hashing;

namespace MicroSpark.Tests.Tables;

public sealed class CombineTableTests
{
    [Fact]
    public void Counts_as_a_dictionary_and_keeps_the_order_of_arrival()
    {
        Matches(Gen.Int[0, 50]);
        Matches(Gen.Int);
        Matches(Gen.Long);
        Matches(Gen.Double);
        Matches(Gen.String[Gen.Char["abc"], 0, 3]);
        Matches(Gen.Int[0, 20].Select(n => n == 0 ? null : new string('x', n)));
        Matches(Gen.Int[-1, 30].Select(n => n < 0 ? (int?)null : n));
        Matches(Gen.Select(Gen.Int[0, 9], Gen.String[Gen.Char["ab"], 0, 2]));
        Matches(Gen.Select(Gen.Int[0, 9], Gen.String[Gen.Char["ab"], 0, 2]).Select((x, y) => new { x, y }));
    }

    [Theory]
    [InlineData(0UL)]
    [InlineData(ulong.MaxValue)]
    [InlineData(0x1234_5678_0000_0000UL)]
    public void Equal_hashes_cost_time_and_no_key(ulong hash)
    {
        var table = new CombineTable<int, int>();
        for (var round = 0; round < 2; round++)
        {
            for (var key = 0; key < 500; key++)
            {
                table.Slot(key, hash, out var exists)++;
                Assert.Equal(round == 1, exists);
            }
        }

        Assert.Equal(500, table.Count);
        Assert.All(table.Entries.ToArray(), static e => Assert.Equal(2, e.Value));
        Assert.Equal(499, table.Find(499, hash));
        Assert.Equal(-1, table.Find(500, hash));
    }

    [Fact]
    public void Grows_past_every_change_of_density_without_loss()
    {
        const int Keys = 300_000;
        var table = new CombineTable<long, long>();
        for (long key = 0; key < Keys; key++)
        {
            table.Slot(key, StableHash<long>.Of(key), out var exists) = key * 3;
            Assert.False(exists);
        }

        Assert.Equal(Keys, table.Count);
        for (long key = 0; key < Keys; key++)
        {
            Assert.Equal(key * 3, table.Slot(key, StableHash<long>.Of(key), out var exists));
            Assert.True(exists);
            Assert.Equal((key, StableHash<long>.Of(key)), (table.Entries[(int)key].Key, table.Hashes[(int)key]));
        }
    }

    [Fact]
    public void The_order_does_not_depend_on_the_first_capacity()
    {
        var small = new CombineTable<int, int>();
        var large = new CombineTable<int, int>(10_000);
        foreach (var key in Enumerable.Range(0, 5000).Select(i => i * 7919 % 1500))
        {
            small.Slot(key, StableHash<int>.Of(key), out _)++;
            large.Slot(key, StableHash<int>.Of(key), out _)++;
        }

        Assert.Equal(large.Entries.ToArray(), small.Entries.ToArray());
        Assert.True(large.Capacity > small.Capacity);
    }

    [Fact]
    public void Clear_forgets_keys_and_values_and_keeps_the_room()
    {
        var ints = new CombineTable<int, int>();
        var texts = new CombineTable<string, string?>();
        for (var i = 0; i < 100; i++)
        {
            ints.Slot(i, StableHash<int>.Of(i), out _) = 7;
            texts.Slot($"{i}", StableHash<string>.Of($"{i}"), out _) = "v";
        }

        var room = ints.Capacity;
        ints.Clear();
        texts.Clear();
        Assert.Equal((0, room), (ints.Count, ints.Capacity));
        Assert.Equal(-1, ints.Find(5, StableHash<int>.Of(5)));
        Assert.Equal(0, ints.Slot(5, StableHash<int>.Of(5), out var exists));
        Assert.False(exists);
        Assert.Null(texts.Slot("5", StableHash<string>.Of("5"), out exists));
        Assert.False(exists);
    }

    private static void Matches<K>(Gen<K> gen) => gen.Array[0, 400].Check(
        keys =>
        {
            var table = new CombineTable<K, int>();
            var model = new Dictionary<ValueTuple<K>, int>();
            var order = new List<K>();
            foreach (var key in keys)
            {
                table.Slot(key, StableHash<K>.Of(key), out var exists)++;
                if (exists != model.ContainsKey(new(key)))
                {
                    return false;
                }

                if (!exists)
                {
                    order.Add(key);
                }

                model[new(key)] = model.GetValueOrDefault(new(key)) + 1;
            }

            return table.Entries.ToArray().Select(e => e.Key).SequenceEqual(order)
                && table.Entries.ToArray().All(e => model[new(e.Key)] == e.Value)
                && order.Select((key, i) => table.Find(key, StableHash<K>.Of(key)) == i).All(found => found);
        },
        count: 150);
}
