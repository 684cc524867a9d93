namespace MicroSpark.Tests.Scenarios;

/// <summary>
/// What is placed already is not moved again. Counted as a program sees it: each stage has its own <see cref="TaskContext.StageId"/>, and narrow
/// operators of one stage share it.
/// </summary>
[Collection(ShapesCollection.Name)]
public sealed class ShuffleCountTests(Shapes shapes)
{
    private static readonly HashPartitioner<string> s_five = new(5);

    [Theory, EveryShape]
    public async Task By_key_after_PartitionBy(string shape)
    {
        var placed = Pairs(shape).PartitionBy(s_five);
        await StaysAsync(placed, p => p.ReduceByKey((a, _) => a));
        await StaysAsync(placed, p => p.ReduceByKey((a, _) => a, 5));
        await StaysAsync(placed, p => p.ReduceByKey((a, _) => a, new HashPartitioner<string>(5)));
        await StaysAsync(placed, p => p.GroupByKey().MapValues(stages => stages[0]));
        await StaysAsync(placed, p => p.AggregateByKey(0, (_, stage) => stage, (a, _) => a));
        await StaysAsync(placed, p => p.FoldByKey(0, Math.Max));
        await StaysAsync(placed, p => p.CombineByKey(stage => stage, (a, _) => a, (a, _) => a));
        await StaysAsync(placed.Filter(pair => pair.Value > 3), p => p.ReduceByKey((a, _) => a));
        await StaysAsync(placed.ReduceByKey((a, b) => a + b), p => p.GroupByKey().MapValues(stages => stages[0]));
        await MovesAsync(placed, p => p.ReduceByKey((a, _) => a, 4));
        await MovesAsync(placed.Map(pair => (pair.Key, pair.Value)), p => p.ReduceByKey((a, _) => a));
        await MovesAsync(Pairs(shape), p => p.ReduceByKey((a, _) => a));
        Assert.Same(placed, placed.PartitionBy(new HashPartitioner<string>(5)));
    }

    [Theory, EveryShape]
    public async Task Joins_of_what_is_placed_alike(string shape)
    {
        var left = Pairs(shape).PartitionBy(s_five);
        var right = Pairs(shape).MapValues(v => $"{v}").ReduceByKey((a, b) => a + b, s_five).MapValues(_ => TaskContext.Current!.StageId);
        await StayAsync(left, p => p.Join(right).MapValues(v => (v.Left, v.Right)));
        await StayAsync(left, p => p.Join(right, 5).MapValues(v => (v.Left, v.Right)));
        await StayAsync(left, p => p.LeftOuterJoin(right).MapValues(v => (v.Left, v.Right.Value)));
        await StayAsync(left, p => p.RightOuterJoin(right).MapValues(v => (v.Left.Value, v.Right)));
        await StayAsync(left, p => p.FullOuterJoin(right).MapValues(v => (v.Left.Value, v.Right.Value)));
        await StayAsync(left, p => p.Cogroup(right).MapValues(v => (v.Left[0], v.Right[0])));
        await StayAsync(left, p => p.Cogroup(right, p).MapValues(v => (v.First[0], v.Third[0])));
        await StayAsync(left, p => p.Cogroup(right, p, right).MapValues(v => (v.First[0], v.Fourth[0])));
        await StaysAsync(left, p => p.SubtractByKey(right.Filter(pair => pair.Key == "k1")));
        await StaysAsync(left, p => p.Union(p.ReduceByKey((a, _) => a)));

        // The side that is not placed moves to the one that is.
        var loose = Pairs(shape).MapValues(_ => TaskContext.Current!.StageId);
        var stages = await Staged(left).Join(loose).MapValues(v => (v.Left, v.Right, Now: TaskContext.Current!.StageId)).Values().CollectAsync();
        Assert.All(stages, s => Assert.True(s.Left == s.Now && s.Right != s.Now));
        Assert.Equal(2, stages.SelectMany(s => new[] { s.Left, s.Right, s.Now }).Distinct().Count());
    }

    [Theory, EveryShape]
    public async Task Lookup_reads_one_partition(string shape)
    {
        var spark = shapes.Of(shape);
        var read = spark.CollectionAccumulator<int>();
        var placed = Pairs(shape).PartitionBy(s_five).MapValues(v =>
        {
            read.Add(TaskContext.Current!.PartitionIndex);
            return v;
        });
        Assert.Equal([2, 9, 16, 23], (await placed.LookupAsync("k2")).Order());
        Assert.Equal(s_five.GetPartition("k2"), Assert.Single(read.Value.Distinct()));
        Assert.Empty(await placed.LookupAsync("none"));
        Assert.Equal([2, 9, 16, 23], (await Pairs(shape).LookupAsync("k2")).Order());
    }

    [Theory, EveryShape]
    public async Task A_range_reads_the_partitions_that_can_hold_it(string shape)
    {
        var spark = shapes.Of(shape);
        var read = spark.CollectionAccumulator<int>();
        var numbers = spark.Range(0, 1000, 1, 4).Map(n => (n, n));
        var ranges = await RangePartitioner<long>.SampleAsync(numbers, 10);
        var placed = numbers.PartitionBy(ranges).MapValues(v =>
        {
            read.Add(TaskContext.Current!.PartitionIndex);
            return v;
        });
        Assert.Equal(11, await placed.FilterByRange(500, 510).CountAsync());
        Assert.Equal(Enumerable.Range(ranges.GetPartition(500), ranges.GetPartition(510) - ranges.GetPartition(500) + 1), read.Value.Distinct().Order());
    }

    [Theory, EveryShape]
    public Task What_is_sorted_is_read_by_its_ranges(string shape) => ReadByRangesAsync(shape, ascending: true);

    [Theory, EveryShape]
    public Task What_is_sorted_downwards_is_read_by_its_ranges(string shape) => ReadByRangesAsync(shape, ascending: false);

    private async Task ReadByRangesAsync(string shape, bool ascending)
    {
        var spark = shapes.Of(shape);
        var read = spark.CollectionAccumulator<int>();
        var sorted = spark.Range(0, 1000, 1, 4).Map(n => (Key: (n * 7919) % 1000, Value: n)).SortByKey(ascending, 10).MapValues(v =>
        {
            read.Add(TaskContext.Current!.PartitionIndex);
            return v;
        });
        var kept = sorted.FilterByRange(500, 510);
        Assert.Equal(10, kept.NumPartitions);
        var keys = await kept.Keys().CollectAsync();
        Assert.Equal(ascending ? Enumerable.Range(500, 11).Select(n => (long)n) : Enumerable.Range(500, 11).Reverse().Select(n => (long)n), keys);
        Assert.InRange(read.Value.Distinct().Count(), 1, 2);
        Assert.Empty(await sorted.FilterByRange(510, 500).CollectAsync());
        read.Reset();
        Assert.Equal(42 * 7919 % 1000, Assert.Single(await sorted.Map(pair => (pair.Value, pair.Key)).LookupAsync(42)));
        read.Reset();
        Assert.Single(await sorted.LookupAsync(77));
        Assert.Single(read.Value.Distinct());
        Assert.Empty(await sorted.LookupAsync(5000));
    }

    [Theory, EveryShape]
    public async Task What_is_joined_to_sorted_pairs_moves_to_their_ranges(string shape)
    {
        var sorted = Pairs(shape).SortByKey(partitions: 3);
        var loose = Pairs(shape).MapValues(_ => TaskContext.Current!.StageId);
        var joined = Staged(sorted).Join(loose);
        Assert.Equal(sorted.Partitioner(), joined.Partitioner());
        var stages = await joined.MapValues(v => (v.Left, v.Right, Now: TaskContext.Current!.StageId)).Values().CollectAsync();
        Assert.Equal(7 * 16, stages.Length);
        Assert.All(stages, s => Assert.True(s.Left == s.Now && s.Right != s.Now));
        Assert.Equal(7 * 16, await loose.Join(sorted).CountAsync());
        Assert.Equal(7, (await loose.Cogroup(sorted).CollectAsync()).Length);
        Assert.Empty(await loose.SubtractByKey(sorted).CollectAsync());

        // An order of the program's own need not hold what is equal together.
        var own = Pairs(shape).SortByKey(comparer: StringComparer.OrdinalIgnoreCase);
        Assert.IsType<HashPartitioner<string>>(loose.Join(own).Partitioner());
        Assert.Equal(7 * 16, await loose.Join(own).CountAsync());
    }

    [Theory, EveryShape]
    public async Task Distinct_of_what_is_placed_stays(string shape)
    {
        var twice = Pairs(shape).Union(Pairs(shape)).PartitionBy(s_five);
        await StaysAsync(twice, p => p.Distinct());
        await StaysAsync(twice, p => p.Distinct(5));
        await StaysAsync(twice.Filter(pair => pair.Value > 3).SortByKey(), p => p.Distinct());
        await MovesAsync(twice, p => p.Distinct(4));
        await MovesAsync(Pairs(shape), p => p.Distinct());
        Assert.Equal(s_five, twice.Distinct().Partitioner());
        Assert.Null(twice.Distinct(4).Partitioner());
        Assert.Equal(28, await twice.Distinct().CountAsync());
    }

    private Rdd<(string Key, int Value)> Pairs(string shape) => shapes.Of(shape).Parallelize(Enumerable.Range(0, 28), 4).Map(n => (Key: $"k{n % 7}", Value: n));

    /// <summary>Each pair with the stage that it was in before the operation.</summary>
    private static Rdd<(string Key, int Value)> Staged(Rdd<(string Key, int Value)> pairs) => pairs.MapValues(_ => TaskContext.Current!.StageId);

    private static async Task StaysAsync(Rdd<(string Key, int Value)> pairs, Func<Rdd<(string Key, int Value)>, Rdd<(string Key, int Value)>> operation) =>
        Assert.All(await StagesAsync(pairs, operation), stage => Assert.Equal(stage.Before, stage.Now));

    private static async Task StayAsync(
        Rdd<(string Key, int Value)> pairs, Func<Rdd<(string Key, int Value)>, Rdd<(string Key, (int, int) Value)>> operation) =>
        Assert.All(await StagesAsync(pairs, operation), stage => Assert.Equal((stage.Now, stage.Now), stage.Before));

    private static async Task MovesAsync(Rdd<(string Key, int Value)> pairs, Func<Rdd<(string Key, int Value)>, Rdd<(string Key, int Value)>> operation) =>
        Assert.All(await StagesAsync(pairs, operation), stage => Assert.NotEqual(stage.Before, stage.Now));

    private static async Task<(V Before, int Now)[]> StagesAsync<V>(
        Rdd<(string Key, int Value)> pairs, Func<Rdd<(string Key, int Value)>, Rdd<(string Key, V Value)>> operation)
    {
        var stages = await operation(Staged(pairs)).MapValues(before => (Before: before, Now: TaskContext.Current!.StageId)).Values().CollectAsync();
        Assert.NotEmpty(stages);
        return stages;
    }
}
