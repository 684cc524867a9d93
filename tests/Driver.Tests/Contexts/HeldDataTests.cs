using System.Runtime.CompilerServices;
using MicroSpark.Events;

namespace MicroSpark.Tests.Contexts;

/// <summary>What a program gave to Parallelize is there as long as one of its jobs may read it, whether or not the program still holds the RDD.</summary>
public sealed class HeldDataTests
{
    private static readonly ManualResetEventSlim s_gate = new();
    private static readonly SemaphoreSlim s_reached = new(0);

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

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_running_job_holds_what_its_plan_was_made_of(bool submitted)
    {
        await using var spark = await MicroSparkContext.StartLocalAsync(1);
        s_gate.Reset();
        while (s_reached.Wait(0))
        {
            // What the case before has left.
        }

        var (count, data) = Start(spark, submitted);
        await s_reached.WaitAsync();
        Collect();
        Assert.True(data.IsAlive);
        s_gate.Set();
        Assert.Equal(600, await count);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static (Task<long> Count, WeakReference Data) Start(MicroSparkContext spark, bool submitted)
    {
        var data = spark.Parallelize(Enumerable.Range(0, 600), 2);
        var waiting = data.Map(static n =>
        {
            s_reached.Release();
            s_gate.Wait();
            return n;
        });
        return (submitted ? SubmitAsync(spark, waiting) : waiting.CountAsync(), new WeakReference(data.Node));
    }

    private static async Task<long> SubmitAsync(MicroSparkContext spark, Rdd<int> rdd)
    {
        // The job's handle may hold it too, and need not be kept.
        var id = (await spark.SubmitAsync(() => rdd.CountAsync())).Id;
        var job = await spark.AttachAsync<long>(id);
        return await job.ResultAsync();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<long> CountAsync(MicroSparkContext spark, bool submitted)
    {
        if (!submitted)
        {
            return await spark.Parallelize(Enumerable.Range(0, 600), 6).CountAsync();
        }

        var job = await spark.SubmitAsync(() => spark.Parallelize(Enumerable.Range(0, 600), 6).CountAsync());
        return await job.ResultAsync();
    }

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
