namespace MicroSpark.Tests.Operators;

public class WideTests
{
    private static readonly (string Key, int Value)[] s_pairs =
        [.. Enumerable.Range(0, 200).Select(i => ($"k{i * i % 17}", i))];

    private static readonly (string Key, char Value)[] s_letters = [("k1", 'a'), ("k1", 'b'), ("k4", 'c'), ("none", 'd')];

    public static TheoryData<int, bool, bool> Shapes => OperatorGrid.Shapes();

    [Theory]
    [MemberData(nameof(Shapes))]
    public Task Aggregations_by_key(int workers, bool fused, bool simulated) =>
        OperatorGrid.RunAsync(workers, fused, simulated, async bench =>
        {
            var pairs = bench.Of(s_pairs);
            var sums = s_pairs.GroupBy(p => p.Key).Select(g => (g.Key, g.Sum(p => p.Value))).Order();
            Assert.Equal(sums, (await pairs.ReduceByKey((a, b) => a + b).CollectAsync()).Order());
            Assert.Equal(sums, (await pairs.ReduceByKey((a, b) => a + b, 3).CollectAsync()).Order());
            var grouped = await pairs.GroupByKey().CollectAsync();
            Assert.Equal(
                s_pairs.GroupBy(p => p.Key).Select(g => (g.Key, string.Join(',', g.Select(p => p.Value)))).Order(),
                grouped.Select(g => (g.Key, string.Join(',', g.Values.Order()))).Order());
            var lists = await pairs.AggregateByKey(new List<int>(), (l, x) => { l.Add(x); return l; }, (a, b) => { a.AddRange(b); return a; }).CollectAsync();
            Assert.Equal(sums, lists.Select(l => (l.Key, l.Value.Sum())).Order());
            Assert.Equal(sums, (await pairs.FoldByKey(0, (a, b) => a + b).CollectAsync()).Order());
        });

    [Theory]
    [MemberData(nameof(Shapes))]
    public Task An_aggregate_that_is_changed_in_place_gives_the_same_twice(int workers, bool fused, bool simulated) =>
        OperatorGrid.RunAsync(workers, fused, simulated, async bench =>
        {
            var lists = bench.Of(s_pairs).AggregateByKey(new List<int>(), (l, x) => { l.Add(x); return l; }, (a, b) => { a.AddRange(b); return a; });
            var first = (await lists.CollectAsync()).Select(l => (l.Key, l.Value.Count)).Order().ToArray();
            Assert.Equal(first, (await lists.CollectAsync()).Select(l => (l.Key, l.Value.Count)).Order());
            Assert.Equal(s_pairs.Length, first.Sum(l => l.Count));
        });

    [Theory]
    [MemberData(nameof(Shapes))]
    public Task Joins_equal_LINQ(int workers, bool fused, bool simulated) =>
        OperatorGrid.RunAsync(workers, fused, simulated, async bench =>
        {
            var left = bench.Of(s_pairs);
            var right = bench.Of(s_letters);
            Assert.Equal(
                s_pairs.Join(s_letters, l => l.Key, r => r.Key, (l, r) => (l.Key, (l.Value, r.Value))).Order(),
                (await left.Join(right).CollectAsync()).Order());
            var outer = await left.FullOuterJoin(right).CollectAsync();
            Assert.Equal(1, outer.Count(r => !r.Value.Left.HasValue));
            Assert.Equal(s_pairs.Count(p => s_letters.All(l => l.Key != p.Key)), outer.Count(r => !r.Value.Right.HasValue));
            var both = await left.Cogroup(right).CollectAsync();
            Assert.Equal(s_pairs.Select(p => p.Key).Union(s_letters.Select(l => l.Key)).Order(), both.Select(b => b.Key).Order());
            Assert.Equal(
                s_pairs.Where(p => p.Key is not ("k1" or "k4")).Order(), (await left.SubtractByKey(right).CollectAsync()).Order());
        });

    [Theory]
    [MemberData(nameof(Shapes))]
    public Task Sorting_is_total(int workers, bool fused, bool simulated) =>
        OperatorGrid.RunAsync(workers, fused, simulated, async bench =>
        {
            Assert.Equal(s_pairs.Select(p => p.Value).OrderDescending(), await bench.Of(s_pairs).Map(p => p.Value).SortBy(x => -x).CollectAsync());
            var byKey = await bench.Of(s_pairs).SortByKey(ascending: false, partitions: 4).CollectAsync();
            Assert.Equal(s_pairs.Select(p => p.Key).OrderByDescending(k => k, StringComparer.Ordinal), byKey.Select(p => p.Key));
            Assert.Empty(await bench.Of(Array.Empty<int>()).SortBy(x => x).CollectAsync());
        });

    [Theory]
    [MemberData(nameof(Shapes))]
    public Task Sets(int workers, bool fused, bool simulated) =>
        OperatorGrid.RunAsync(workers, fused, simulated, async bench =>
        {
            string?[] words = ["a", "b", null, "a", null, "c"];
            Assert.Equal(words.Distinct().Order(), (await bench.Of(words).Distinct().CollectAsync()).Order());
            Assert.Equal(["a", "c"], (await bench.Of(words).Intersection(bench.Of<string?>("c", "a", "x", "a")).CollectAsync()).Order());
            Assert.Equal([null, null, "b"], (await bench.Of(words).Subtract(bench.Of<string?>("c", "a")).CollectAsync()).Order());
            await Assert.ThrowsAsync<InvalidOperationException>(() => bench.Of(words).CountByValueAsync()!);
        });

    [Theory]
    [MemberData(nameof(Shapes))]
    public Task A_placed_input_is_not_moved_again(int workers, bool fused, bool simulated) =>
        OperatorGrid.RunAsync(workers, fused, simulated, async bench =>
        {
            var placed = bench.Of(s_pairs).PartitionBy(new HashPartitioner<string>(4));
            Assert.Same(placed, placed.PartitionBy(new HashPartitioner<string>(4)));
            var before = bench.Runner.Tasks;
            await placed.CountAsync();
            Assert.Equal(bench.Partitions + 4, bench.Runner.Tasks - before);
            before = bench.Runner.Tasks;
            Assert.Equal(17, (await placed.ReduceByKey((a, b) => a + b).Join(placed.MapValues(x => x + 1).GroupByKey()).Keys().Distinct(4).CollectAsync()).Length is var n ? s_pairs.DistinctBy(p => p.Key).Count() is var d && d == n ? 17 : n : 0);
            Assert.Equal(4 + 4, bench.Runner.Tasks - before);
            before = bench.Runner.Tasks;
            Assert.Equal(s_pairs.Where(p => p.Key == "k4").Select(p => p.Value), (await placed.LookupAsync("k4")).Order());
            Assert.Equal(1, bench.Runner.Tasks - before);
        });
}
