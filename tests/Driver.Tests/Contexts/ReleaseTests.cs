using System.Runtime.CompilerServices;
using MicroSpark.Driver.Clusters;
using MicroSpark.Engine;
using MicroSpark.Grains.Workers;
using MicroSpark.Options;
using Microsoft.Extensions.DependencyInjection;

namespace MicroSpark.Tests.Contexts;

/// <summary>What no program can name any more goes from the workers, and nothing else does.</summary>
public sealed class ReleaseTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task An_output_that_nobody_can_name_goes_and_all_that_is_remembered_of_it(int silos)
    {
        await using var spark = await MicroSparkContext.StartLocalAsync(silos);
        var sums = await RunAsync(spark, 100);
        await CollectAsync(spark);
        Assert.True(Left(spark).Bytes > 0);
        Assert.Equal(10, await sums!.CountAsync());
        GC.KeepAlive(sums);
        sums = null;
        await CollectAsync(spark, static spark => Left(spark) == (0, 0L));
        Assert.Equal((0, 0L), Left(spark));
        Assert.Equal(0, spark.Runner.Names.Count);

        // Declared again, it is computed again.
        Assert.NotNull(await RunAsync(spark, 100));
    }

    [Fact]
    public async Task What_another_context_has_read_stays_until_that_one_cannot_name_it_either()
    {
        await using var spark = await MicroSparkContext.StartLocalAsync(2);
        var other = await MicroSparkContext.OpenAsync(
            new EmbeddedCluster(spark.Silos!, sharesMemory: true, TimeProvider.System), new MicroSparkOptions(), CancellationToken.None);
        var first = await RunAsync(spark, 200);
        var second = await RunAsync(other, 200);
        Assert.Equal(first!.Lineage, second!.Lineage);
        GC.KeepAlive(first);
        first = null;
        await CollectAsync(spark, static spark => spark.Runner.Names.Count == 0);
        Assert.Equal(0, spark.Runner.Names.Count);
        Assert.True(Left(spark).Bytes > 0);
        Assert.Equal(10, await second.CountAsync());
        GC.KeepAlive(second);
        second = null;
        await CollectAsync(other, _ => Left(spark) == (0, 0L));
        Assert.Equal((0, 0L), Left(spark));
        other.Runner.Close();
    }

    [Fact]
    public async Task Persisted_data_stays_when_its_recipe_is_gone()
    {
        await using var spark = await MicroSparkContext.StartLocalAsync();
        await PersistAsync(spark);
        await CollectAsync(spark, static spark => spark.Runner.Names.Count == 0);
        Assert.Equal(0, spark.Runner.Names.Count);
        Assert.Equal(2, Assert.Single(await spark.PersistentRddsAsync()).PartitionsCached);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<Rdd<(long, int)>?> RunAsync(MicroSparkContext spark, int count)
    {
        var sums = spark.Range(0, count, partitions: 4).Map(static n => (n % 10, 1)).ReduceByKey(static (a, b) => a + b, 3);
        Assert.Equal(count, (await sums.CollectAsync()).Sum(static row => row.Item2));
        return sums;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task PersistAsync(MicroSparkContext spark) =>
        Assert.Equal(10, await spark.Range(0, 100).Map(static n => (n % 10, 1)).ReduceByKey(static (a, b) => a + b, 2).Cache().CountAsync());

    private static (int Recipes, long Bytes) Left(MicroSparkContext spark)
    {
        var services = spark.Silos!.Silos.Select(static silo => silo.Services).ToArray();
        return (
            services.Sum(static s => s.GetRequiredService<LeaseTable>().Count),
            services.Sum(static s => s.GetRequiredService<WorkerEngine>().Blocks.Bytes));
    }

    /// <summary>A job's end is told in the background, and its plan is held until then.</summary>
    private static async Task CollectAsync(MicroSparkContext spark, Func<MicroSparkContext, bool>? until = null)
    {
        for (var round = 0; round < 500; round++)
        {
            await Task.Yield();
            Collect();
            await spark.Runner.Names.LookAsync();
            if (until?.Invoke(spark) ?? true)
            {
                break;
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Collect()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }
}
