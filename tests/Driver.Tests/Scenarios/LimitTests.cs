using MicroSpark.Closures;

namespace MicroSpark.Tests.Scenarios;

/// <summary>Large counts, deep recipes and many callers.</summary>
[Collection(ShapesCollection.Name)]
public sealed class LimitTests(Shapes shapes)
{
    [Theory, EveryShape]
    public async Task Ten_thousand_partitions(string shape)
    {
        var spark = shapes.Of(shape);
        Assert.Equal(49_995_000, await spark.Range(0, 10_000, 1, 10_000).Map(n => n).SumAsync());
        Assert.Equal(10, await spark.Range(0, 10, 1, 10_000).CountAsync());
    }

    [Theory, EveryShape]
    public async Task A_recipe_of_many_steps(string shape)
    {
        var rdd = shapes.Of(shape).Range(0, 3, 1, 2);
        for (var i = 0; i < 2_000; i++)
        {
            rdd = i % 3 == 0 ? rdd.Filter(n => n >= 0) : rdd.Map(n => n + 1);
        }

        await Expect.ElementsAsync([1333, 1334, 1335], rdd.CollectAsync());
    }

    [Theory, EveryShape]
    public async Task A_recipe_of_many_shuffles(string shape)
    {
        var rdd = shapes.Of(shape).Parallelize(Enumerable.Range(0, 20).Select(n => (n % 5, 1L)), 2);
        for (var i = 0; i < 30; i++)
        {
            rdd = rdd.ReduceByKey((a, b) => a + b, 2).Map(p => (p.Key, p.Value + 1));
        }

        await Expect.ElementsAsync([34, 34, 34, 34, 34], rdd.Values().CollectAsync());
    }

    [Theory, EveryShape]
    public async Task A_union_of_many(string shape)
    {
        var spark = shapes.Of(shape);
        Assert.Equal(500 * 499 / 2, await spark.Union(Enumerable.Range(0, 500).Select(n => spark.Parallelize([(long)n], 1))).SumAsync());
        var grown = spark.Parallelize([0], 1);
        for (var i = 1; i < 200; i++)
        {
            grown = grown.Union(spark.Parallelize([i], 1));
        }

        Assert.Equal(Enumerable.Range(0, 200), await grown.CollectAsync());
    }

    [Theory, EveryShape]
    public async Task Many_jobs_at_once(string shape)
    {
        var spark = shapes.Of(shape);
        var sums = await Task.WhenAll(Enumerable.Range(0, 100).Select(async i =>
        {
            await Task.Yield();
            return i % 2 == 0
                ? await spark.Range(0, 100, 1, 3).Map(n => n + i).SumAsync()
                : (await spark.Range(0, 100, 1, 3).Map(n => (n % 7, n + i)).ReduceByKey((a, b) => a + b, 2).Values().CollectAsync()).Sum();
        }));
        Assert.Equal(Enumerable.Range(0, 100).Select(i => 4950L + 100 * i), sums);
    }

    [Fact]
    public async Task A_large_capture_works_and_is_warned_of_once()
    {
        var spark = shapes.Of(Shapes.Names[0]);
        var table = new int[1_000_000];
        table[999_999] = 7;
        var said = new List<string>();
        void Hear(ClosureWarning warning) => said.Add(warning.Message);
        ClosureWarnings.Raised += Hear;
        try
        {
            Rdd<int> Lookup(int[] rows) => spark.Parallelize([999_999], 1).Map(i => rows[i]);
            await Expect.ElementsAsync([7], Lookup(table).CollectAsync());
            await Expect.ElementsAsync([7], Lookup(table).CollectAsync());
        }
        finally
        {
            ClosureWarnings.Raised -= Hear;
        }

        Assert.Contains("Broadcast", Assert.Single(said, s => s.Contains("LimitTests", StringComparison.Ordinal)), StringComparison.Ordinal);
    }
}
