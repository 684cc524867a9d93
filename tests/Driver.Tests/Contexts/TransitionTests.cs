using MicroSpark.Grains.Events;
using Microsoft.Extensions.DependencyInjection;

namespace MicroSpark.Tests.Contexts;

/// <summary>What the grains of real silos go through, as the silos count it.</summary>
public sealed class TransitionTests
{
    [Fact]
    public async Task A_job_and_what_it_shuffles_go_from_state_to_state_once()
    {
        await using var spark = await MicroSparkContext.StartLocalAsync(2, static o => o.Isolation = Isolation.Process);
        var pairs = spark.Parallelize(Enumerable.Range(0, 100), 5).Map(n => (n % 10, 1));
        Assert.Equal(10, (await pairs.ReduceByKey((a, b) => a + b, 3).CollectAsync()).Length);
        Assert.Equal((1, 3, 1), (Count(spark, "Job", "Submit"), Count(spark, "Job", "Commit"), Count(spark, "Job", "Succeed")));
        Assert.Equal((5, 5), (Count(spark, "Partition", "Start"), Count(spark, "Partition", "Compute")));
        Assert.Equal((1, 1), (Count(spark, "Wish", "Ensure"), Count(spark, "Wish", "Grant")));
        Assert.Equal(0, Count(spark, "Job", "TakeOver") + Count(spark, "Job", "Fail") + Count(spark, "Partition", "Lose") + Count(spark, "Wish", "Fail"));
    }

    [Fact]
    public async Task A_failure_is_one_of_the_wish_and_of_the_job()
    {
        await using var spark = await MicroSparkContext.StartLocalAsync(2, static o => o.Isolation = Isolation.Process);
        var pairs = spark.Parallelize(Enumerable.Range(0, 100), 1).Map(n => n == 70 ? throw new FormatException("seventy") : (n % 10, 1));
        await Assert.ThrowsAsync<JobFailedException>(() => pairs.ReduceByKey((a, b) => a + b, 3).CollectAsync());
        Assert.Equal((1, 0), (Count(spark, "Job", "Fail"), Count(spark, "Job", "Succeed")));
        Assert.Equal((1, 1), (Count(spark, "Wish", "Fail"), Count(spark, "Partition", "Drop")));
    }

    private static long Count(MicroSparkContext spark, string machine, string transition) =>
        spark.Silos!.Silos.Sum(silo => silo.Services.GetRequiredService<TransitionCounts>().Of(machine, transition));
}
