namespace MicroSpark.Tests.Contexts;

/// <summary>Operators whose plans have hidden stages, pruned partitions or several parents, on silos of this process.</summary>
public sealed class OperatorJobTests
{
    private static readonly ManualResetEventSlim s_gate = new();

    [Theory]
    [InlineData(1, Isolation.Process)]
    [InlineData(2, Isolation.Simulated)]
    public async Task They_give_what_LINQ_gives(int workers, Isolation isolation)
    {
        await using var spark = await MicroSparkContext.StartLocalAsync(workers, o => o.Isolation = isolation);
        var numbers = spark.Parallelize(Enumerable.Range(0, 200), 5);
        Assert.Equal(Enumerable.Range(0, 200).Select(n => (n, (long)n)), await numbers.ZipWithIndex().CollectAsync());
        Assert.Equal([(0, 0L)], await spark.Parallelize([0], 1).ZipWithIndex().CollectAsync());
        var pairs = numbers.KeyBy(n => n % 4);
        var fractions = Enumerable.Range(0, 4).ToDictionary(k => k, k => k / 10.0);
        Assert.Equal(
            new Dictionary<int, long> { [1] = 5, [2] = 10, [3] = 15 }, await pairs.SampleByKeyExact(false, fractions).CountByKeyAsync());
        var groups = await pairs.Cogroup(pairs, pairs.Filter(p => p.Key == 2)).CollectAsync();
        Assert.Equal([(0, 50, 0), (1, 50, 0), (2, 50, 50), (3, 50, 0)], groups.Select(g => (g.Key, g.Value.Second.Count, g.Value.Third.Count)).Order());
        Assert.Equal(40_000, await numbers.Cartesian(numbers).CountAsync());
        var byNumber = numbers.KeyBy(n => n);
        var placed = byNumber.PartitionBy(await RangePartitioner<int>.SampleAsync(byNumber, 6));
        Assert.Equal(Enumerable.Range(50, 11), (await placed.FilterByRange(50, 60).Keys().CollectAsync()).Order());
        Assert.Equal(
            Enumerable.Range(0, 200).OrderBy(n => n % 3).ThenByDescending(n => n), await numbers.OrderBy(n => n % 3).ThenByDescending(n => n).CollectAsync());
        Assert.Equal(19_900, await numbers.Repartition(40).TreeReduceAsync((a, b) => a + b, 3));
        Assert.Equal(200, (await numbers.CountApproxAsync(TimeSpan.FromMinutes(5))).Value.Mean);
    }

    [Fact]
    public async Task An_approximate_count_does_not_wait_for_a_task_that_is_stuck()
    {
        await using var spark = await MicroSparkContext.StartLocalAsync();
        var result = await spark.Parallelize(Enumerable.Range(0, 10), 2).Map(n => Hold(n)).CountApproxAsync(TimeSpan.FromMilliseconds(50));
        s_gate.Set();
        Assert.False(result.IsFinal);
    }

    private static int Hold(int n)
    {
        if (n >= 5)
        {
            s_gate.Wait();
        }

        return n;
    }
}
