using MicroSpark.Sources;

namespace MicroSpark.Tests.Operators;

public class NarrowTests
{
    private static readonly int[] s_numbers = [.. Enumerable.Range(-20, 50)];

    public static TheoryData<int, bool, bool> Shapes => OperatorGrid.Shapes();

    [Theory]
    [MemberData(nameof(Shapes))]
    public Task A_chain_of_narrow_operators_equals_LINQ(int workers, bool fused, bool simulated) =>
        OperatorGrid.RunAsync(workers, fused, simulated, async bench =>
        {
            var factor = 3;
            var result = await bench.Of(s_numbers)
                .Map(x => x * factor).Filter(x => x % 2 == 0).FlatMap(x => new[] { x, -x }).FlatMap(x => Enumerable.Repeat(x, Math.Abs(x) % 3))
                .Map(x => $"<{x}>").CollectAsync();
            Assert.Equal(
                s_numbers.Select(x => x * factor).Where(x => x % 2 == 0).SelectMany(x => new[] { x, -x }).SelectMany(x => Enumerable.Repeat(x, Math.Abs(x) % 3))
                    .Select(x => $"<{x}>"),
                result);
        });

    [Theory]
    [MemberData(nameof(Shapes))]
    public Task Ranges_and_sums(int workers, bool fused, bool simulated) =>
        OperatorGrid.RunAsync(workers, fused, simulated, async bench =>
        {
            var sum = await bench.Range(10_000).Map(x => x * 2).Filter(x => x % 3 == 0).Map(x => x + 1).SumAsync();
            Assert.Equal(Enumerable.Range(0, 10_000).Select(x => x * 2L).Where(x => x % 3 == 0).Sum(x => x + 1), sum);
            Assert.Equal(10_000, await bench.Range(10_000).CountAsync());
            Assert.Equal(0, await bench.Range(0).CountAsync());
        });

    [Theory]
    [MemberData(nameof(Shapes))]
    public Task Whole_partitions(int workers, bool fused, bool simulated) =>
        OperatorGrid.RunAsync(workers, fused, simulated, async bench =>
        {
            var slices = await bench.Of(s_numbers).Map(x => x + 1).Glom().CollectAsync();
            var n = bench.Partitions;
            Assert.Equal(n, slices.Length);
            for (var i = 0; i < n; i++)
            {
                Assert.Equal(s_numbers[(i * s_numbers.Length / n)..((i + 1) * s_numbers.Length / n)].Select(x => x + 1), slices[i]);
            }

            var indexed = await bench.Of(s_numbers).MapPartitionsWithIndex((index, items) => items.Select(x => (index, x))).CollectAsync();
            Assert.Equal(s_numbers, indexed.Select(p => p.x));
            Assert.Equal(bench.Partitions, indexed.Select(p => p.index).Distinct().Count());
            var counted = await bench.Of(Array.Empty<int>()).MapPartitions(items => new[] { items.Count() }).CollectAsync();
            Assert.Equal(Enumerable.Repeat(0, n), counted);
        });

    [Theory]
    [MemberData(nameof(Shapes))]
    public Task Union_and_coalesce(int workers, bool fused, bool simulated) =>
        OperatorGrid.RunAsync(workers, fused, simulated, async bench =>
        {
            var a = bench.Of(s_numbers);
            var b = bench.Of(7, 7, 8).Map(x => x * 10);
            var union = a.Union(b).Union(a).Map(x => x - 1);
            Assert.Equal(3 * bench.Partitions, union.NumPartitions);
            var expected = s_numbers.Concat([70, 70, 80]).Concat(s_numbers).Select(x => x - 1).ToArray();
            Assert.Equal(expected, await union.CollectAsync());
            var coalesced = union.Coalesce(2);
            Assert.Equal(2, coalesced.NumPartitions);
            Assert.Equal(expected, await coalesced.CollectAsync());
            Assert.Equal(expected.Order(), (await union.Repartition(5).CollectAsync()).Order());
        });

    [Theory]
    [MemberData(nameof(Shapes))]
    public Task A_union_keeps_the_placement_that_all_but_empty_inputs_have(int workers, bool fused, bool simulated) =>
        OperatorGrid.RunAsync(workers, fused, simulated, async bench =>
        {
            var placed = bench.Of((1, "a"), (2, "b"), (3, "c")).PartitionBy(new HashPartitioner<int>(3));
            var none = Source.Empty<(int Key, string Value)>(bench.Runner);
            foreach (var union in new[] { none.Union(placed), placed.Union(none), none.Union(placed).Union(placed).Union(none) })
            {
                Assert.Equal(new HashPartitioner<int>(3), union.Partitioner());
                Assert.Equal(3, union.NumPartitions);
            }

            Assert.Equal([1, 2, 3], (await none.Union(placed).Keys().CollectAsync()).Order());
            Assert.Null(none.Union(bench.Of((1, "a"))).Partitioner());
            Assert.Equal(0, await none.Union(none).CountAsync());
        });

    [Theory]
    [MemberData(nameof(Shapes))]
    public Task Pairs_keep_their_keys(int workers, bool fused, bool simulated) =>
        OperatorGrid.RunAsync(workers, fused, simulated, async bench =>
        {
            var pairs = bench.Of(s_numbers).KeyBy(x => x % 4);
            Assert.Equal(s_numbers.Select(x => (x % 4, x)), await pairs.CollectAsync());
            Assert.Equal(s_numbers.Select(x => (x % 4, $"{x}")), await pairs.MapValues(x => $"{x}").CollectAsync());
            Assert.Equal(
                s_numbers.SelectMany(x => new[] { (x % 4, x), (x % 4, x + 1) }), await pairs.FlatMapValues(x => new List<int> { x, x + 1 }).CollectAsync());
            Assert.Equal(s_numbers.Select(x => x % 4), await pairs.Keys().CollectAsync());
            Assert.Equal(s_numbers, await pairs.Values().CollectAsync());
        });

    [Theory]
    [MemberData(nameof(Shapes))]
    public Task Actions_equal_LINQ(int workers, bool fused, bool simulated) =>
        OperatorGrid.RunAsync(workers, fused, simulated, async bench =>
        {
            var rdd = bench.Of(s_numbers);
            Assert.Equal(s_numbers.Aggregate((a, b) => a + b), await rdd.ReduceAsync((a, b) => a + b));
            Assert.Equal(s_numbers.Sum(), await rdd.FoldAsync(0, (a, b) => a + b));
            Assert.Equal(s_numbers.Sum() + bench.Partitions + 1, await rdd.FoldAsync(1, (a, b) => a + b));
            var joined = await rdd.AggregateAsync(new List<int>(), (list, x) => { list.Add(x); return list; }, (a, b) => [.. a, .. b]);
            Assert.Equal(s_numbers, joined);
            Assert.Equal(s_numbers.Take(9), await rdd.TakeAsync(9));
            Assert.Equal(s_numbers, await rdd.TakeAsync(1000));
            Assert.Equal(-20, await rdd.FirstAsync());
            Assert.Equal(s_numbers.Order().Take(4), await rdd.TakeOrderedAsync(4));
            Assert.Equal(s_numbers.OrderDescending().Take(4), await rdd.TopAsync(4));
            Assert.Equal(s_numbers.CountBy(x => x % 3).ToDictionary(c => c.Key, c => (long)c.Value), await rdd.Map(x => x % 3).CountByValueAsync());
            var streamed = new List<int>();
            await foreach (var x in rdd)
            {
                streamed.Add(x);
            }

            Assert.Equal(s_numbers, streamed);
            var empty = bench.Of(Array.Empty<int>());
            await Assert.ThrowsAsync<InvalidOperationException>(() => empty.ReduceAsync((a, b) => a + b));
            await Assert.ThrowsAsync<InvalidOperationException>(() => empty.FirstAsync());
            Assert.Equal(5 * (1 + bench.Partitions), await empty.FoldAsync(5, (a, b) => a + b));
        });

    [Theory]
    [MemberData(nameof(Shapes))]
    public Task An_endless_flat_map_is_read_only_as_far_as_it_is_wanted(int workers, bool fused, bool simulated) =>
        OperatorGrid.RunAsync(workers, fused, simulated, async bench =>
            Assert.Equal(Enumerable.Range(5, 10), await bench.Of(5).Filter(x => x > 0).FlatMap(Endless).TakeAsync(10)));

    private static IEnumerable<int> Endless(int from)
    {
        for (var i = from; ; i++)
        {
            yield return i;
        }
    }
}
