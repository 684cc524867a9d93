using MicroSpark.Actions;
using MicroSpark.Driver.Clusters;
using MicroSpark.Driver.Jobs;
using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Hosting;
using MicroSpark.Grains.Jobs;
using MicroSpark.Model;
using MicroSpark.Plans;
using MicroSpark.SharedVariables;
using MicroSpark.Tasks;

namespace MicroSpark.Tests.Contexts;

/// <summary>Each partition counts once, whatever fails; a broadcast reaches each silo once.</summary>
public sealed class SharedVariableJobTests
{
    private static readonly ManualResetEventSlim s_gate = new();
    private static readonly SemaphoreSlim s_reached = new(0);

    public SharedVariableJobTests()
    {
        s_gate.Reset();
        while (s_reached.Wait(0))
        {
            // What the test before has left.
        }
    }

    [Theory]
    [InlineData(1, Isolation.Process)]
    [InlineData(3, Isolation.Process)]
    [InlineData(3, Isolation.Simulated)]
    public async Task A_broadcast_is_decoded_once_per_silo_and_again_after_unpersist(int workers, Isolation isolation)
    {
        await using var spark = await MicroSparkContext.StartLocalAsync(workers, o => (o.Slots, o.Isolation) = (2, isolation));
        var engines = spark.Silos!.Silos.Select(s => s.Engine).ToArray();
        var names = spark.Broadcast(Enumerable.Range(0, 1000).ToDictionary(n => n, n => $"name {n}"));
        var rdd = spark.Parallelize(Enumerable.Range(0, 240), 24).Map(n => names.Value[n]);
        for (var job = 0; job < 3; job++)
        {
            Assert.Equal(Enumerable.Range(0, 240).Select(n => $"name {n}"), await rdd.CollectAsync());
        }

        Assert.All(engines, engine => Assert.Equal(1, engine.Broadcasts.Decoded));
        await names.UnpersistAsync();
        Assert.Equal(240, await rdd.Filter(n => n.Length > 0).CountAsync());
        Assert.All(engines, engine => Assert.Equal(2, engine.Broadcasts.Decoded));
        await names.DestroyAsync();
        Assert.All(engines, engine => Assert.False(engine.Blobs.Has(names.Content.Chunks[0])));
    }

    [Fact]
    public async Task A_broadcast_outlives_the_silos_that_it_was_given_to()
    {
        await using var spark = await MicroSparkContext.StartLocalAsync(3, o => (o.Slots, o.Isolation) = (1, Isolation.Simulated));
        var names = spark.Broadcast(Enumerable.Range(0, 1000).ToDictionary(n => n, n => $"name {n}"));
        var rdd = spark.Parallelize(Enumerable.Range(0, 60), 6).Map(n => names.Value[n]);
        await rdd.CountAsync();
        await spark.Silos!.Silos[2].KillAsync();
        Assert.Equal("name 59", (await rdd.CollectAsync())[^1]);
        await spark.Silos!.Silos[1].KillAsync();
        Assert.Equal("name 59", (await rdd.CollectAsync())[^1]);
    }

    [Fact]
    public async Task An_attempt_that_fails_does_not_count()
    {
        await using var spark = await MicroSparkContext.StartLocalAsync(2, o => o.Retry.MaxTaskFailures = 3);
        var (count, mapped) = (spark.LongAccumulator(), spark.LongAccumulator());
        var sums = spark.Parallelize(Enumerable.Range(0, 60), 6).Map(n =>
        {
            mapped += 1;
            return n % 10 == 9 && TaskContext.Current!.AttemptNumber == 0 ? throw new FormatException("the first time") : (n % 10, n);
        }).ReduceByKey((a, b) => a + b, 4);
        await sums.ForeachAsync(_ =>
        {
            count += 1;
            if (TaskContext.Current!.AttemptNumber < 2)
            {
                throw new FormatException("twice");
            }
        });
        Assert.Equal((60, 10), (mapped.Value, count.Value));
    }

    [Fact]
    public async Task Of_two_attempts_one_counts()
    {
        await using var spark = await MicroSparkContext.StartLocalAsync(2, o => o.Slots = 2);
        var count = spark.LongAccumulator();
        var slow = spark.Parallelize(Enumerable.Range(0, 80), 8).MapPartitionsWithIndex((partition, items) =>
        {
            var gathered = items.ToArray();
            count += gathered.Length;
            if (partition == 7)
            {
                if (TaskContext.Current!.AttemptNumber > 0)
                {
                    s_gate.Set();
                }

                s_gate.Wait();
            }

            return gathered;
        });
        Assert.Equal(80, await slow.CountAsync());
        Assert.Equal((80, 8), (count.Value, count.Count));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_the_last_stage_adds_is_exact_after_a_loss_and_nothing_is_counted_twice(bool killed)
    {
        await using var spark = await MicroSparkContext.StartLocalAsync(3, o => o.Slots = 1);
        var (mapped, reduced) = (spark.LongAccumulator(), spark.LongAccumulator());
        var sums = spark.Parallelize(Enumerable.Range(0, 900), 9).Map(n =>
        {
            mapped += 1;
            return (n % 7, (long)n);
        }).ReduceByKey((a, b) => a + b, 6).Map(p =>
        {
            s_reached.Release();
            s_gate.Wait();
            reduced += p.Item2;
            return p;
        });
        var result = sums.CountAsync();
        await s_reached.WaitAsync();
        var victim = spark.Silos!.Silos[1];
        var gone = killed ? victim.KillAsync() : victim.StopAsync();
        s_gate.Set();
        await gone;
        Assert.Equal(7, await result);
        Assert.Equal(Enumerable.Range(0, 900).Sum(n => (long)n), reduced.Value);

        // The map side's counts stand with its blocks and with the grain that knows them. Both may die after the blocks were read, when nothing
        // is computed again for a number's sake.
        Assert.InRange(mapped.Value, 0, 900);
    }

    [Fact]
    public async Task A_job_that_lost_its_silo_tells_updates_it_no_longer_knows_anew()
    {
        await using var spark = await MicroSparkContext.StartLocalAsync(3, o => o.Slots = 1);
        var count = spark.LongAccumulator();
        var rdd = spark.Parallelize(Enumerable.Range(0, 30), 6).MapPartitionsWithIndex((partition, items) =>
        {
            var gathered = items.ToArray();
            count += gathered.Length;
            if (partition > 3)
            {
                s_reached.Release();
                s_gate.Wait();
            }

            return gathered;
        });
        var plan = PlanEncoder.Encode(new CountNode<int>(rdd.Node));
        var submission = new JobSubmission(
            JobId.New(), spark.Runner.Context, "test", null, new PlanRef(BlobName.Of(plan.Bytes), plan.Bytes, []), null, new TaskPolicy(1, false), Repeated: false);
        var home = spark.Silos!.Silos[1];
        await home.Grains.GetGrain<IJobGrain>(submission.Job.Value).SubmitAsync(submission);
        await s_reached.WaitAsync();
        var gone = home.KillAsync();
        s_gate.Set();
        await gone;

        // A client that has heard nothing of the job before.
        var watch = new JobWatcher(TimeProvider.System, spark.Silos.Silos[0].Grains.GetGrain<IJobGrain>(submission.Job.Value));
        var updates = new Dictionary<int, byte[]>();
        JobUpdate update;
        do
        {
            update = await watch.NextAsync(Slices.Longest, CancellationToken.None);
            var lost = update.Results.Where(r => r.HasLostUpdates && !updates.ContainsKey(r.Partition)).ToArray();
            foreach (var result in update.Results.Where(r => !r.HasLostUpdates))
            {
                updates[result.Partition] = result.Updates!;
            }

            if (lost.Length > 0)
            {
                await watch.ReportLostAsync(lost, CancellationToken.None);
            }
        }
        while (update.Phase == JobPhase.Running || (update.Phase == JobPhase.Succeeded && updates.Count < 6));
        Assert.True(update.Phase == JobPhase.Succeeded, update.Error?.Message);
        Assert.True(Epochs.RoundOf(update.Epoch) > 1);
        foreach (var task in updates.Values)
        {
            AccumulatorTable.Merge(task);
        }

        Assert.Equal((30, 6), (count.Value, count.Count));

        // A program holds the RDD whose data it gave while its job runs.
        GC.KeepAlive(rdd);
    }

    [Fact]
    public async Task Two_jobs_that_want_one_shuffle_count_it_once()
    {
        await using var spark = await MicroSparkContext.StartLocalAsync(2, o => o.Slots = 2);
        var mapped = spark.LongAccumulator();
        var sums = spark.Parallelize(Enumerable.Range(0, 100), 4).Map(n =>
        {
            mapped += 1;
            s_reached.Release();
            s_gate.Wait();
            return (n % 5, n);
        }).ReduceByKey((a, b) => a + b, 3);
        var (first, second) = (sums.CountAsync(), sums.CollectAsync());
        await s_reached.WaitAsync();
        s_gate.Set();
        Assert.Equal(5, await first);
        Assert.Equal(5, (await second).Length);
        Assert.Equal(100, mapped.Value);
    }

    [Fact]
    public async Task A_failed_job_counts_what_succeeded()
    {
        await using var spark = await MicroSparkContext.StartLocalAsync(1, o => o.Slots = 1);
        var count = spark.LongAccumulator();
        await Assert.ThrowsAsync<JobFailedException>(() => spark.Parallelize(Enumerable.Range(0, 40), 4).ForeachAsync(n =>
        {
            count += 1;
            if (n == 39)
            {
                throw new FormatException("the last one");
            }
        }));
        Assert.Equal(30, count.Value);
    }
}
