using CsCheck;
using MicroSpark.Readers;
using MicroSpark.Tables;

namespace MicroSpark.Tests.Tables;

public sealed class JoinTableTests
{
    /// <summary>Near keys are placed by their number, far ones by their hash: both as a lookup, one after the other in the same table.</summary>
    [Fact]
    public void Finds_what_a_lookup_finds()
    {
        var table = new JoinTable<int, int>();
        var near = Gen.Int[-20, 20];
        var far = Gen.Int;
        Gen.Select(Gen.OneOf(near.Array[0, 60], far.Array[0, 60]), near.Array[20]).Sample(
            (keys, others) => Same(table, [.. keys.Select((key, i) => (key, i))], [.. keys, .. others]), iter: 500, threads: 1);
        Same(table, [(int.MinValue, 1), (int.MaxValue, 2)], [0, int.MinValue, int.MaxValue]);
        Same(table, [(int.MaxValue, 1), (int.MaxValue - 1, 2)], [int.MinValue, int.MaxValue - 1, int.MaxValue - 2, int.MaxValue]);
    }

    private static void Same(JoinTable<int, int> table, (int Key, int Value)[] pairs, int[] sought)
    {
        table.Build(new MemoryReader<(int, int)>(pairs), pairs.Length);
        var lookup = pairs.ToLookup(p => p.Key, p => p.Value);
        Assert.Equal(lookup.Count, table.Keys);
        Assert.Equal(lookup.Select(g => g.Key), Enumerable.Range(0, table.Keys).Select(table.KeyOf));
        foreach (var key in sought)
        {
            var number = table.Find(key);
            Assert.Equal(lookup.Contains(key), number >= 0);
            Assert.Equal(lookup[key], number < 0 ? [] : table.ValuesOf(number).ToArray());
        }
    }
}
