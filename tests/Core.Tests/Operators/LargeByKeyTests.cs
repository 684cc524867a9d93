using MicroSpark.Sources;
using MicroSpark.Tests.Engine;

namespace MicroSpark.Tests.Operators;

/// <summary>
/// Operators by key on inputs that do not fit one table: beyond every threshold at which they split, with and without memory. What comes out is
/// the same element by element, sums of fractions to the last bit.
/// </summary>
public class LargeByKeyTests
{
    private const int Count = 300_000;

    /// <summary>Key counts: all in one table; some pairs for each key; hardly any. Keys that are neighbours, and keys that are far apart.</summary>
    [Theory]
    [InlineData(1_000, 1)]
    [InlineData(50_000, 1)]
    [InlineData(1_000_000, 1)]
    [InlineData(1_000, 2_003)]
    [InlineData(50_000, 40_009)]
    [InlineData(1_000_000, 2_003)]
    public async Task Aggregates(int keys, int distance)
    {
        var random = new Random(keys);
        var pairs = Enumerable.Range(0, Count).Select(i => (Key: (random.Next(keys) - 1_000) * distance, Value: 1.0 / (i + 1))).ToArray();
        var expected = pairs.GroupBy(p => p.Key).ToDictionary(g => g.Key, g => (g.Sum(p => p.Value), g.Count()));
        await SameWithoutMemory(
            r => Of(r, pairs).ReduceByKey((a, b) => a + b, 3).CollectAsync(),
            sums =>
            {
                Assert.Equal(expected.Count, sums.Length);
                Assert.All(sums, s => Assert.Equal(expected[s.Key].Item1, s.Value, 9));
            });
        await SameWithoutMemory(
            async r => await Of(r, pairs).CombineByKey(v => 1L, (n, _) => n + 1, (a, b) => a + b).CollectAsync(),
            counts => Same.As(expected.Select(e => (e.Key, (long)e.Value.Item2)).Order(), counts.Order()));
        await SameWithoutMemory(
            r => Of(r, pairs).PartitionBy(new HashPartitioner<int>(2)).ReduceByKey((a, b) => a + b).CollectAsync(),
            sums => Assert.Equal(expected.Count, sums.Length));
    }

    /// <summary>Keys that come in order widen what is addressed directly again and again; some lie far outside of it.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task Aggregates_rising_and_falling_keys_among_strangers(int step)
    {
        var pairs = Enumerable.Range(0, Count)
            .Select(i => (Key: i % 10 == 3 ? long.MaxValue - i : i % 10 == 4 ? long.MinValue + i : (i / 2 - 70_000L) * step, Value: $"{i % 7}"))
            .ToArray();
        var expected = pairs.GroupBy(p => p.Key).Select(g => (g.Key, string.Concat(g.Select(p => p.Value)))).Order().ToArray();
        await SameWithoutMemory(r => Of(r, pairs).ReduceByKey((a, b) => a + b, 2).CollectAsync(), sums => Same.As(expected, sums.Order()));
        await SameWithoutMemory(
            r => Of(r, pairs).PartitionBy(new HashPartitioner<long>(1)).ReduceByKey((a, b) => a + b).CollectAsync(),
            sums => Same.As(expected, sums.Order()));
    }

    /// <summary>Pairs that wait for their place in a table out of the cache keep their order, and the last ones are not forgotten.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Combines_in_the_order_of_arrival(bool fused)
    {
        var random = new Random(4);
        var pairs = Enumerable.Range(0, Count).Select(i => (Key: random.Next(90_000) - 45_000, Value: (long)i)).ToArray();
        using var runner = new LocalRunner(1, fused, simulated: false);
        var combined = await Source.Parallelize(runner, pairs, 1).Map(p => p).ReduceByKey((a, b) => (a * 31) + b, 1).CollectAsync();
        Same.As(
            pairs.GroupBy(p => p.Key, p => p.Value).Select(g => (g.Key, g.Aggregate((a, b) => (a * 31) + b))).Order(), combined.Select(c => (c.Key, c.Value)).Order());
    }

    [Fact]
    public async Task Groups_and_cogroups()
    {
        var pairs = Enumerable.Range(0, Count).Select(i => (Key: i % 3 == 0 ? -1 : i / 2, Value: i)).ToArray();
        var few = Enumerable.Range(0, 50).Select(i => (Key: i, Value: $"v{i}")).ToArray();
        var expected = pairs.GroupBy(p => p.Key, p => p.Value).ToDictionary(g => g.Key, g => g.ToArray());
        await SameWithoutMemory(
            async r => (await Of(r, pairs).GroupByKey().CollectAsync()).Select(g => (g.Key, string.Join(',', g.Values))).ToArray(),
            groups =>
            {
                Assert.Equal(expected.Count, groups.Length);
                Assert.All(groups, g => Assert.Equal(string.Join(',', expected[g.Key]), g.Item2));
            });
        await SameWithoutMemory(
            async r => (await Of(r, pairs).Cogroup(Of(r, few), Of(r, few)).CollectAsync())
                .Select(g => (g.Key, g.Value.First.Count, string.Concat(g.Value.Second), g.Value.Third.Count)).ToArray(),
            groups =>
            {
                Same.As(expected.Keys.Union(few.Select(f => f.Key)).Order(), groups.Select(g => g.Key).Order());
                Assert.Equal(few.Length, groups.Sum(g => g.Item4));
            });
    }

    [Fact]
    public async Task Joins()
    {
        // 290,000 keys on the right, of which the left has every third, one of them 500 times, and some that the right lacks.
        var right = Enumerable.Range(0, Count).Select(i => (Key: i < 10_000 ? 7 : i, Value: (long)i)).ToArray();
        var left = Enumerable.Range(0, 1000).Select(i => (Key: i < 500 ? 11_111 : i * 600, Value: $"l{i}")).ToArray();
        var matches = left.Join(right, l => l.Key, r => r.Key, (l, r) => (l.Key, (l.Value, r.Value))).Order().ToArray();
        await SameWithoutMemory(r => Of(r, left).Join(Of(r, right)).CollectAsync(), rows => Same.As(matches, rows.Order()));
        await SameWithoutMemory(
            async r => (await Of(r, right).Join(Of(r, left)).CollectAsync()).Select(j => (j.Key, (j.Value.Right, j.Value.Left))).ToArray(),
            rows => Same.As(matches, rows.Order()));
        var rightKeys = right.Select(r => r.Key).ToHashSet();
        var leftKeys = left.Select(l => l.Key).ToHashSet();
        await SameWithoutMemory(
            r => Of(r, left).LeftOuterJoin(Of(r, right)).CollectAsync(),
            rows => Assert.Equal(matches.Length + left.Count(l => !rightKeys.Contains(l.Key)), rows.Length));
        await SameWithoutMemory(
            r => Of(r, left).RightOuterJoin(Of(r, right)).CollectAsync(),
            rows => Assert.Equal(matches.Length + right.Count(x => !leftKeys.Contains(x.Key)), rows.Length));
        await SameWithoutMemory(
            r => Of(r, left).FullOuterJoin(Of(r, right)).CollectAsync(),
            rows =>
            {
                Assert.Equal(left.Count(l => !rightKeys.Contains(l.Key)), rows.Count(x => !x.Value.Right.HasValue));
                Assert.Equal(right.Count(x => !leftKeys.Contains(x.Key)), rows.Count(x => !x.Value.Left.HasValue));
                Same.As(matches, rows.Where(x => x.Value.Left.HasValue && x.Value.Right.HasValue).Select(x => (x.Key, (x.Value.Left.Value, x.Value.Right.Value))).Order());
            });
        await SameWithoutMemory(
            r => Of(r, left).SubtractByKey(Of(r, right)).CollectAsync(),
            rows => Same.As(left.Where(l => !rightKeys.Contains(l.Key)).Order(), rows.Order()));
    }

    [Fact]
    public async Task Sets()
    {
        var some = Enumerable.Range(0, Count).Select(i => i % 120_000).ToArray();
        var other = Enumerable.Range(60_000, Count).ToArray();
        await SameWithoutMemory(r => Source.Parallelize(r, some, 2).Distinct().CollectAsync(), d => Same.As(Enumerable.Range(0, 120_000), d.Order()));
        await SameWithoutMemory(
            r => Source.Parallelize(r, some, 2).Intersection(Source.Parallelize(r, other, 2)).CollectAsync(),
            both => Same.As(Enumerable.Range(60_000, 60_000), both.Order()));
        await SameWithoutMemory(
            r => Source.Parallelize(r, some, 2).Subtract(Source.Parallelize(r, other, 2)).CollectAsync(),
            rest => Same.As(some.Where(s => s < 60_000).Order(), rest.Order()));
    }

    [Fact]
    public async Task A_key_with_a_million_pairs_is_joined_row_by_row()
    {
        using var runner = new LocalRunner(1, fused: true, simulated: false);
        var many = Source.Parallelize(runner, Enumerable.Range(0, 300_000).Select(i => (Key: 1, Value: i)), 2);
        var few = Source.Parallelize(runner, Enumerable.Range(0, 20).Select(i => (Key: 1, Value: i)), 2);
        Assert.Equal(6_000_000, await many.Join(few).CountAsync());
        Assert.Equal(6_000_000, await few.Join(many).CountAsync());
        Assert.Equal([(1, (0, 0))], await few.Join(many).TakeAsync(1));
    }

    [Fact]
    public async Task Keys_of_one_hash_are_not_split_for_ever()
    {
        using var runner = new LocalRunner(1, fused: true, simulated: false);
        const int Keys = 17_000;
        var pairs = Source.Parallelize(runner, Enumerable.Range(0, Keys).Select(i => (Key: new Colliding(i), Value: 1L)), 1);
        var counted = await pairs.ReduceByKey((a, b) => a + b).CollectAsync();
        Same.As(Enumerable.Range(0, Keys), counted.Select(c => c.Key.Number));
    }

    private static Rdd<(K Key, V Value)> Of<K, V>(LocalRunner runner, (K Key, V Value)[] pairs) => Source.Parallelize(runner, pairs, 2);

    private static async Task SameWithoutMemory<R>(Func<LocalRunner, Task<R[]>> run, Action<R[]> check)
    {
        using var roomy = new LocalRunner(1, fused: true, simulated: false);
        using var starved = new LocalRunner(1, fused: true, simulated: false, starved: true);
        var expected = await run(roomy);
        check(expected);
        var again = await run(starved);
        Assert.True(expected.AsEnumerable().SequenceEqual(again));
    }

    internal readonly record struct Colliding(int Number) : IStableHash
    {
        public ulong StableHash => 42;
    }
}
