namespace MicroSpark.Tests.Scenarios;

/// <summary>Barrier stages start as one and start again as one.</summary>
[Collection(ShapesCollection.Name)]
public sealed class BarrierTests(Shapes shapes)
{
    [Theory, EveryShape]
    public async Task All_tasks_give_what_map_partitions_gives(string shape)
    {
        var spark = shapes.Of(shape);
        var numbers = spark.Parallelize(Enumerable.Range(0, 20), 2);
        var sums = numbers.Filter(n => n % 2 == 0).Barrier().MapPartitions<int>(items => [items.Sum()]).Map(n => n + 1);
        Assert.Equal(new[] { 21, 71 }, await sums.CollectAsync());
        Assert.Equal(new[] { (0, 45), (1, 145) }, await numbers.Barrier().MapPartitionsWithIndex<(int, int)>((p, items) => [(p, items.Sum())]).CollectAsync());
        Assert.Equal((1, 92), Assert.Single(await sums.Map(n => (n % 10, n)).ReduceByKey((a, b) => a + b, 5).CollectAsync()));
    }

    [Theory, EveryShape]
    public async Task More_partitions_than_slots_are_refused(string shape)
    {
        var spark = shapes.Of(shape);
        var many = spark.Parallelize(Enumerable.Range(0, 200), 100).Barrier().MapPartitions(items => items);
        var error = await Assert.ThrowsAsync<JobFailedException>(() => many.CountAsync());
        Assert.Contains("100 tasks at once", error.Message, StringComparison.Ordinal);
        Assert.Equal(20, await spark.Parallelize(Enumerable.Range(0, 20), 2).Barrier().MapPartitions(items => items).Repartition(9).CountAsync());
    }
}
