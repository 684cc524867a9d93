using CsCheck;
using MicroSpark.Hashing;
using MicroSpark.Tables;
using MicroSpark.Tests.Hashing;

namespace MicroSpark.Tests.Tables;

public sealed class GroupTableTests
{
    [Fact]
    public void Groups_as_LINQ_does() =>
        Gen.Select(Gen.Int[-1, 40], Gen.Int).Array[0, 3000].Check(
            pairs =>
            {
                var table = new GroupTable<string?, int>();
                var items = pairs.Select(p => (Key: p.Item1 < 0 ? null : $"k{p.Item1}", Value: p.Item2)).ToArray();
                foreach (var (key, value) in items)
                {
                    table.Add(key, StableHash<string?>.Of(key), value);
                }

                var expected = items.GroupBy(p => p.Key, p => p.Value).ToArray();
                var found = table.TakeGroups();
                return expected.Length == found.Length
                    && expected.Zip(found).All(z => z.First.Key == z.Second.Key && z.First.SequenceEqual(z.Second.Values));
            },
            count: 200);

    [Fact]
    public void A_table_that_gave_its_groups_starts_again()
    {
        var table = new GroupTable<int, string>();
        table.Add(1, StableHash<int>.Of(1), "old");
        Assert.Equal(["old"], Assert.Single(table.TakeGroups()).Values);
        Assert.Empty(table.TakeGroups());
        table.Add(2, StableHash<int>.Of(2), "new");
        var (key, values) = Assert.Single(table.TakeGroups());
        Assert.Equal(2, key);
        Assert.Equal(["new"], values);
    }

    [Fact]
    public void One_group_of_many_values_and_many_groups_of_one()
    {
        var table = new GroupTable<int, (long, long)>();
        const int Many = 100_000;
        for (int i = 0; i < Many; i++)
        {
            table.Add(-1, StableHash<int>.Of(-1), (i, i));
            table.Add(i, StableHash<int>.Of(i), (i, 0));
        }

        var groups = table.TakeGroups();
        Assert.Equal(Many + 1, groups.Length);
        Assert.Equal(Enumerable.Range(0, Many).Select(i => ((long)i, (long)i)), groups[0].Values);
        Assert.All(groups.Skip(1), g => Assert.Equal((g.Key, 0), Assert.Single(g.Values)));
    }

    [Fact]
    public void A_log_gives_groups_without_values_an_empty_array()
    {
        var log = new ValueLog<int>();
        log.Add(2, 5);
        log.Add(0, 6);
        log.Add(2, 7);
        Assert.Equal([[6], [], [5, 7], []], log.Split(4));
        Assert.Equal(0, log.Count);
        Assert.Throws<ArgumentOutOfRangeException>(() =>
        {
            log.Add(9, 1);
            log.Split(9);
        });
    }
}
