using MicroSpark.Grains.Hosting;

namespace MicroSpark.Tests.Contexts;

/// <summary>A task of a barrier stage that fails, or loses its silo, takes the others with it.</summary>
public sealed class BarrierJobTests
{
    private static readonly int[] s_runs = new int[4];
    private static readonly CountdownEvent s_together = new(1);
    private static readonly ManualResetEventSlim s_released = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task One_failure_starts_all_again_and_counts_once(bool shuffled)
    {
        await using var spark = await MicroSparkContext.StartLocalAsync(2, o => (o.Slots, o.Retry.MaxTaskFailures) = (2, 3));
        Array.Clear(s_runs);
        s_together.Reset(4);
        var count = spark.LongAccumulator();
        var stage = spark.Parallelize(Enumerable.Range(0, 40), 4).Barrier().MapPartitionsWithIndex((partition, items) =>
        {
            Interlocked.Increment(ref s_runs[partition]);
            var all = items.ToArray();
            count += all.Length;
            if (TaskContext.Current!.AttemptNumber == 0)
            {
                // Only tasks that run at the same time get past this.
                s_together.Signal();
                s_together.Wait();
                if (partition == 2)
                {
                    throw new FormatException("the first time");
                }
            }

            return all;
        });
        Assert.Equal(780, shuffled ? await stage.Map(n => (n % 3, n)).ReduceByKey((a, b) => a + b, 2).Values().SumAsync() : await stage.SumAsync());
        Assert.Equal([2, 2, 2, 2], s_runs);
        Assert.Equal(40, count.Value);
    }

    [Fact]
    public async Task After_the_limit_the_job_fails_with_the_users_error()
    {
        await using var spark = await MicroSparkContext.StartLocalAsync(2, o => (o.Slots, o.Retry.MaxTaskFailures) = (2, 2));
        var stage = spark.Parallelize(Enumerable.Range(0, 4), 4).Barrier().MapPartitions(IEnumerable<int> (items) => throw new FormatException("always"));
        var error = await Assert.ThrowsAsync<JobFailedException>(() => stage.CountAsync());
        Assert.IsType<FormatException>(error.InnerException);
        Assert.Contains("2 times", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lost_silo_starts_all_again_on_the_others()
    {
        await using var spark = await MicroSparkContext.StartLocalAsync(3, o => o.Slots = 2);
        Array.Clear(s_runs);
        s_together.Reset(4);
        s_released.Reset();
        var stage = spark.Parallelize(Enumerable.Range(0, 40), 4).Barrier().MapPartitionsWithIndex((partition, items) =>
        {
            if (Interlocked.Increment(ref s_runs[partition]) == 1)
            {
                s_together.Signal();
                s_together.Wait();
                s_released.Wait();
            }

            return items;
        });
        var sum = stage.SumAsync();
        s_together.Wait();
        var busy = spark.Silos!.Silos.Last(s => s.Engine.SlotsBusy > 0 && s != spark.Silos.Silos[0]);
        await busy.KillAsync();
        s_released.Set();
        Assert.Equal(780, await sum);
        Assert.All(s_runs, runs => Assert.True(runs >= 2));
    }
}
