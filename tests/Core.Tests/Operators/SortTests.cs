namespace MicroSpark.Tests.Operators;

/// <summary>Sorts over the grid; the model is LINQ's stable order, element by element. Long enough that a starved task spills.</summary>
public class SortTests
{
    private const int Length = 9_000;

    private sealed record Order(int Customer, string? Item, double Price);

    private static readonly long[] s_numbers = [.. Enumerable.Range(0, Length).Select(i => (i * unchecked((long)0x9E3779B97F4A7C15)) >> (i % 3 * 20))];

    private static readonly Order[] s_orders = [.. Enumerable.Range(0, Length).Select(i => new Order(
        i * 7919 % 50, i % 11 == 0 ? null : $"item {i * 31 % 97}", i % 13 == 0 ? double.NaN : i % 5 == 0 ? -0.0 : i % 7))];

    public static TheoryData<int, bool, bool> Shapes => OperatorGrid.Shapes();

    [Theory]
    [MemberData(nameof(Shapes))]
    public Task Numbers_alone(int workers, bool fused, bool simulated) =>
        OperatorGrid.RunAsync(workers, fused, simulated, async bench =>
        {
            var numbers = bench.Of(s_numbers);
            Same.As(s_numbers.Order(), await numbers.SortBy(x => x).CollectAsync());
            Same.As(s_numbers.OrderDescending(), await numbers.SortBy(x => x, ascending: false, partitions: 3).CollectAsync());
            var odd = Comparer<long>.Create(static (a, b) => (a & 1).CompareTo(b & 1));
            Same.As(s_numbers.OrderBy(x => x, odd), await numbers.SortBy(x => x, comparer: odd).CollectAsync());
            Assert.Equal(from x in s_numbers orderby x descending select x, await (from x in numbers orderby x descending select x).CollectAsync());
            Assert.Null(numbers.KeyBy(x => x).SortBy(x => x).Partitioner());
        });

    [Theory]
    [MemberData(nameof(Shapes))]
    public Task Ties_stay_in_order(int workers, bool fused, bool simulated) =>
        OperatorGrid.RunAsync(workers, fused, simulated, async bench =>
        {
            var orders = bench.Of(s_orders);
            Same.As(s_orders.OrderBy(o => o.Customer), await orders.SortBy(o => o.Customer).CollectAsync());
            Same.As(s_orders.OrderByDescending(o => o.Price), await orders.OrderByDescending(o => o.Price).CollectAsync());
            Same.As(s_orders.OrderBy(o => o.Item, StringComparer.Ordinal), await orders.OrderBy(o => o.Item).CollectAsync());
            Same.As(
                s_orders.OrderBy(o => o.Customer).ThenByDescending(o => o.Item, StringComparer.Ordinal).ThenBy(o => o.Price),
                await orders.OrderBy(o => o.Customer).ThenByDescending(o => o.Item).ThenBy(o => o.Price).CollectAsync());
        });

    [Theory]
    [MemberData(nameof(Shapes))]
    public Task Pairs_within_their_partitions(int workers, bool fused, bool simulated) =>
        OperatorGrid.RunAsync(workers, fused, simulated, async bench =>
        {
            var pairs = bench.Of(s_orders.Select(o => (o.Customer, o.Price)));
            var target = new HashPartitioner<int>(3);
            var parts = await pairs.RepartitionAndSortWithinPartitions(target, ascending: false).Glom().CollectAsync();
            Assert.Equal(3, parts.Length);
            Assert.All(parts, (part, index) => Same.As(
                s_orders.Where(o => target.GetPartition(o.Customer) == index).OrderByDescending(o => o.Customer).Select(o => (o.Customer, o.Price)), part));

            // Already placed: sorted where they are, behind an operator of the user's.
            var placed = pairs.PartitionBy(target).Filter(p => p.Key != 3).RepartitionAndSortWithinPartitions(target);
            Same.As(
                s_orders.Where(o => o.Customer != 3).Select(o => (o.Customer, o.Price)).Order(),
                (await placed.CollectAsync()).Order());
            Assert.All(await placed.Keys().Glom().CollectAsync(), part => Assert.Equal(part.Order(), part));
        });

    [Theory]
    [MemberData(nameof(Shapes))]
    public Task Partitions_are_even(int workers, bool fused, bool simulated) =>
        OperatorGrid.RunAsync(workers, fused, simulated, async bench =>
        {
            foreach (var numbers in (long[][])[s_numbers, [.. s_numbers.Order()], [.. Enumerable.Range(0, Length).Select(i => (long)Math.Pow(1.0021, i))]])
            {
                var sizes = await bench.Of(numbers).SortBy(x => x, partitions: 5).MapPartitions(part => (IEnumerable<int>)[part.Count()]).CollectAsync();
                Assert.All(sizes, size => Assert.InRange(size, Length / 5 * 8 / 10, Length / 5 * 12 / 10));
            }

            // Half of all is one key: it cannot be split, the rest can.
            var skewed = await bench.Of(s_numbers.Select((x, i) => i % 2 == 0 ? 0 : x)).SortBy(x => x, partitions: 6).MapPartitions(part => (IEnumerable<int>)[part.Count()]).CollectAsync();
            Assert.Equal(Length, skewed.Sum());
            Assert.InRange(skewed.Max(), Length / 2, Length * 7 / 10);
            int[] three = [0, 1, 2];
            Assert.Equal(three, await bench.Of(Enumerable.Range(0, Length).Select(i => i % 3)).SortBy(x => x, partitions: 8).Distinct().SortBy(x => x).CollectAsync());
        });

    /// <summary>The order means nothing then; no element is lost or doubled, and the sort ends.</summary>
    [Theory]
    [MemberData(nameof(Shapes))]
    public Task A_comparer_that_contradicts_itself_still_gives_each_element_once(int workers, bool fused, bool simulated) =>
        OperatorGrid.RunAsync(workers, fused, simulated, async bench =>
        {
            foreach (var answer in (Func<long, long, int>[])[(_, _) => 1, (_, _) => -1, (a, b) => (int)(((a * 31) ^ (b * 17)) % 3) - 1])
            {
                var sorted = await bench.Of(s_numbers).SortBy(x => x, partitions: 3, comparer: Comparer<long>.Create((a, b) => answer(a, b))).CollectAsync();
                Same.As(s_numbers.Order(), sorted.Order());
            }
        });

    [Theory]
    [MemberData(nameof(Shapes))]
    public Task A_sorted_partition_is_kept_at_every_level(int workers, bool fused, bool simulated) =>
        OperatorGrid.RunAsync(workers, fused, simulated, async bench =>
        {
            foreach (var level in (StorageLevel[])[StorageLevel.MemoryOnly, StorageLevel.MemoryOnlySerialized, StorageLevel.MemoryAndDisk, StorageLevel.DiskOnly])
            {
                var sorted = bench.Of(s_numbers).SortBy(x => x).Persist(level);
                Assert.Equal(Length, await sorted.CountAsync());
                Same.As(s_numbers.Order(), await sorted.CollectAsync());
                Same.As(s_numbers.Order().TakeLast(9).Reverse(), await sorted.TopAsync(9));
            }
        });
}
