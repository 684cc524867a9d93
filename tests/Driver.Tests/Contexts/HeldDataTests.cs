using System.Runtime.CompilerServices;
using MicroSpark.Driver.Events;

namespace MicroSpark.Tests.Contexts;

/// <summary>What a program gave to Parallelize is there as long as one of its jobs may read it, whether or not the program still holds the RDD.</summary>
public sealed class HeldDataTests
{
    private static int s_first;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_job_may_be_all_that_holds_its_data(bool submitted)
    {
        await using var spark = await MicroSparkContext.StartLocalAsync(1);
        spark.Happened += one =>
        {
            if (one is EngineEvent.JobStarted)
            {
                // The plan is made, and no worker has seen it.
                Collect();
            }
        };
        Assert.Equal(600, await CountAsync(spark, submitted));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<long> CountAsync(MicroSparkContext spark, bool submitted)
    {
        if (!submitted)
        {
            return await Fresh(spark).CountAsync();
        }

        var job = await spark.SubmitAsync(() => Fresh(spark).CountAsync());
        return await job.ResultAsync();
    }

    /// <summary>Numbers that no other case has: the same content is one array in a process, and whoever holds it holds it for all.</summary>
    private static Rdd<int> Fresh(MicroSparkContext spark) => spark.Parallelize(Enumerable.Range(Interlocked.Add(ref s_first, 1_000_000), 600), 2);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Collect()
    {
        for (var round = 0; round < 2; round++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }
}
