using MicroSpark.Sources;

namespace MicroSpark.Tests.Operators;

public class CombiningTests
{
    private static readonly string?[] s_words = ["a", null, "b", "a", "c", null, "d", "e", "e", "e", "f"];

    private static readonly (int Key, string Value)[] s_left = [(1, "a"), (1, "b"), (2, "c"), (5, "d")];
    private static readonly (int Id, double Price)[] s_second = [(1, 1.5), (3, 2.5), (5, 0)];
    private static readonly (int, char)[] s_third = [(5, 'x'), (5, 'y'), (7, 'z')];

    public static TheoryData<int, bool, bool> Shapes => OperatorGrid.Shapes();

    [Theory]
    [MemberData(nameof(Shapes))]
    public Task Numbering(int workers, bool fused, bool simulated) =>
        OperatorGrid.RunAsync(workers, fused, simulated, async bench =>
        {
            var n = bench.Partitions;
            var doubled = bench.Of(s_words).FlatMap(w => new[] { w, w + "!" });
            var expected = s_words.SelectMany(w => new[] { w, w + "!" }).Select((w, i) => (w, (long)i)).ToArray();
            var before = bench.Runner.Tasks;
            var indexed = doubled.ZipWithIndex();
            Assert.Equal(before, bench.Runner.Tasks);
            Assert.Equal(expected, await indexed.CollectAsync());
            Assert.Equal(n + n - 1, bench.Runner.Tasks - before);
            Assert.Equal(expected.Where(p => p.Item2 % 3 == 0), await indexed.Filter(p => p.Index % 3 == 0).CollectAsync());
            var ids = await doubled.ZipWithUniqueId().Glom().CollectAsync();
            for (var p = 0; p < n; p++)
            {
                Assert.Equal(ids[p].Select((_, k) => (long)(p + (k * n))), ids[p].Select(x => x.Id));
            }

            Assert.Equal(expected.Select(e => e.w), ids.SelectMany(p => p).Select(x => x.Value));
            Assert.Empty(await bench.Of(Array.Empty<int>()).ZipWithIndex().CollectAsync());
            Assert.Empty(await Source.Empty<int>(bench.Runner).ZipWithIndex().CollectAsync());
        });

    [Theory]
    [MemberData(nameof(Shapes))]
    public Task Zipping(int workers, bool fused, bool simulated) =>
        OperatorGrid.RunAsync(workers, fused, simulated, async bench =>
        {
            var words = bench.Of(s_words);
            Assert.Equal(s_words.Zip(s_words.Select(w => w?.Length)), await words.Zip(words.Map(w => w?.Length)).CollectAsync());
            Assert.Throws<ArgumentException>(() => words.Zip(words.Coalesce(1).Union(words)));
            await Assert.ThrowsAnyAsync<Exception>(() => words.Zip(words.Filter(w => w != null)).CollectAsync());
            await Assert.ThrowsAnyAsync<Exception>(() => words.Filter(w => w != null).Zip(words).CollectAsync());
            var sums = await words.ZipPartitions(bench.Range(1000), (a, b) => new[] { a.Count() + b.Sum() }).CollectAsync();
            Assert.Equal(bench.Partitions, sums.Length);
            Assert.Equal(s_words.Length + (999 * 500), sums.Sum());
            var three = await words.ZipPartitions(bench.Range(10), words, (a, b, c) => a.Concat(c).Concat(b.Select(x => $"{x}"))).CollectAsync();
            Assert.Equal((2 * s_words.Length) + 10, three.Length);
        });

    [Theory]
    [MemberData(nameof(Shapes))]
    public Task Products(int workers, bool fused, bool simulated) =>
        OperatorGrid.RunAsync(workers, fused, simulated, async bench =>
        {
            var expected = s_words.SelectMany(w => Enumerable.Range(0, 5).Select(i => (w, (long)i))).Order().ToArray();
            var product = bench.Of(s_words).Cartesian(bench.Range(5));
            Assert.Equal(bench.Partitions * bench.Partitions, product.NumPartitions);
            Assert.Equal(expected, (await product.CollectAsync()).Order());
            Assert.Equal(expected.Select(e => e.Item2 + 1).Sum(), await product.Map(p => p.Right + 1).SumAsync());
            Assert.Equal(7, (await product.TakeAsync(7)).Length);
            Assert.Empty(await bench.Of(Array.Empty<int>()).Cartesian(bench.Range(5)).CollectAsync());
            Assert.Empty(await bench.Range(5).Cartesian(bench.Of(Array.Empty<int>())).CollectAsync());
            Assert.Empty(await bench.Range(5).Cartesian(Source.Empty<int>(bench.Runner)).CollectAsync());
        });

    [Theory]
    [MemberData(nameof(Shapes))]
    public Task Plus_and_cast(int workers, bool fused, bool simulated) =>
        OperatorGrid.RunAsync(workers, fused, simulated, async bench =>
        {
            Rdd<(int, string)> other = bench.Of(s_left).Map(p => (p.Key, p.Value));
            Assert.Equal(s_left.Concat(s_left), await (bench.Of(s_left) + other).CollectAsync());
            var objects = bench.Of(s_words).Cast<object>();
            Assert.Equal(s_words, await objects.Cast<string>().CollectAsync());
            Assert.Equal(new[] { 1, 2 }, await bench.Of(1, 2).Cast<object>().Cast<int>().CollectAsync());
            await Assert.ThrowsAnyAsync<Exception>(() => objects.Cast<int>().CollectAsync());
        });

    [Theory]
    [MemberData(nameof(Shapes))]
    public Task Cogroups_of_three_and_four(int workers, bool fused, bool simulated) =>
        OperatorGrid.RunAsync(workers, fused, simulated, async bench =>
        {
            int[] keys = [1, 2, 3, 5, 7];
            var three = (await bench.Of(s_left).Cogroup(bench.Of(s_second), bench.Of(s_third)).CollectAsync()).OrderBy(r => r.Key).ToArray();
            Assert.Equal(keys, three.Select(r => r.Key));
            foreach (var (key, values) in three)
            {
                Assert.Equal(s_left.Where(p => p.Key == key).Select(p => p.Value), values.First.Order());
                Assert.Equal(s_second.Where(p => p.Id == key).Select(p => p.Price), values.Second);
                Assert.Equal(s_third.Where(p => p.Item1 == key).Select(p => p.Item2), values.Third.Order());
            }

            var placed = bench.Of(s_left).PartitionBy(new HashPartitioner<int>(3));
            var four = await placed.Cogroup(bench.Of(s_second), bench.Of(s_third), placed, new HashPartitioner<int>(3)).CollectAsync();
            Assert.Equal(keys, four.Select(r => r.Key).Order());
            Assert.All(four, r => Assert.Equal(r.Value.First, r.Value.Fourth));
        });

    [Theory]
    [MemberData(nameof(Shapes))]
    public Task Ranges_of_keys(int workers, bool fused, bool simulated) =>
        OperatorGrid.RunAsync(workers, fused, simulated, async bench =>
        {
            var pairs = bench.Range(400).KeyBy(x => (x * 7919) % 400);
            var expected = Enumerable.Range(100, 51).Select(i => (long)i).ToArray();
            Assert.Equal(expected, (await pairs.FilterByRange(100, 150).Keys().CollectAsync()).Order());
            Assert.Empty(await pairs.FilterByRange(150, 100).CollectAsync());
            foreach (var ascending in new[] { true, false })
            {
                var ranges = await RangePartitioner<long>.SampleAsync(pairs, 8, ascending);
                Assert.Equal(8, ranges.NumPartitions);
                var placed = pairs.PartitionBy(ranges);
                var kept = placed.FilterByRange(100, 150);
                Assert.Equal(8, kept.NumPartitions);
                Assert.Equal(ranges, kept.Partitioner());
                Assert.Equal(expected, (await kept.Keys().CollectAsync()).Order());
                var cached = placed.MapValues(x => x).Cache();
                var before = bench.Runner.Tasks;
                await cached.FilterByRange(100, 101).CountAsync();
                Assert.InRange(bench.Runner.Tasks - before, 9, 10);
            }
        });

    [Theory]
    [MemberData(nameof(Shapes))]
    public Task Trees(int workers, bool fused, bool simulated) =>
        OperatorGrid.RunAsync(workers, fused, simulated, async bench =>
        {
            foreach (var partitions in new[] { bench.Partitions, 40 })
            {
                var letters = Source.Parallelize(bench.Runner, "the quick brown fox".Select(c => $"{c}"), partitions);
                for (var depth = 1; depth <= 3; depth++)
                {
                    Assert.Equal("the quick brown fox", await letters.TreeReduceAsync((a, b) => a + b, depth));
                    Assert.Equal("the quick brown fox", await letters.TreeAggregateAsync("", (a, x) => a + x, (a, b) => a + b, depth));
                }

                await Assert.ThrowsAsync<InvalidOperationException>(() => letters.Filter(_ => false).TreeReduceAsync((a, b) => a + b));
                await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => letters.TreeReduceAsync((a, b) => a + b, 0));
            }

            Assert.Equal("zero", await Source.Empty<string>(bench.Runner).TreeAggregateAsync("zero", (a, x) => a + x, (a, b) => a + b));
        });
}
