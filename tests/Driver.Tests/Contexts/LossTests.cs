using MicroSpark.Actions;
using MicroSpark.Driver.Clusters;
using MicroSpark.Driver.Events;
using MicroSpark.Driver.Jobs;
using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Hosting;
using MicroSpark.Grains.Jobs;
using MicroSpark.Model;
using MicroSpark.Plans;
using MicroSpark.Tasks;

namespace MicroSpark.Tests.Contexts;

/// <summary>Losing a silo loses no job, and only what was lost is computed again.</summary>
public sealed class LossTests
{
    private static readonly ManualResetEventSlim s_gate = new();
    private static readonly SemaphoreSlim s_reached = new(0);
    private static readonly int[] s_mapped = new int[1];

    /// <summary>Three tasks at a time, of silos with one slot: each silo computes as many as the others.</summary>
    private static readonly Barrier?[] s_three = new Barrier?[1];

    [Fact]
    public async Task Cached_partitions_of_a_lost_silo_are_computed_again_and_no_others()
    {
        await using var spark = await MicroSparkContext.StartLocalAsync(3, o => o.Slots = 1);
        s_mapped[0] = 0;
        s_three[0] = new Barrier(3);
        var cached = spark.Parallelize(Enumerable.Range(0, 90), 9).MapPartitions(items =>
        {
            Interlocked.Increment(ref s_mapped[0]);
            s_three[0]?.SignalAndWait();
            return items;
        }).Cache();
        Assert.Equal(90, await cached.CountAsync());
        Assert.Equal(9, s_mapped[0]);
        s_three[0] = null;
        await spark.Silos!.Silos[2].KillAsync();
        Assert.Equal(4005, (await cached.CollectAsync()).Sum());
        Assert.Equal(12, s_mapped[0]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_silo_lost_between_map_and_reduce_costs_only_its_share(bool killed)
    {
        await using var spark = await MicroSparkContext.StartLocalAsync(3, o => o.Slots = 1);
        s_gate.Reset();
        var sums = spark.Parallelize(Enumerable.Range(0, 900), 9).Map(n => (n % 7, (long)n)).ReduceByKey((a, b) => a + b, 6).Map(p =>
        {
            s_reached.Release();
            s_gate.Wait();
            return p;
        });
        var result = sums.CollectAsync();
        await s_reached.WaitAsync();
        var victim = spark.Silos!.Silos[1];
        var gone = killed ? victim.KillAsync() : victim.StopAsync();
        s_gate.Set();
        await gone;
        var expected = Enumerable.Range(0, 900).GroupBy(n => n % 7).Select(g => (g.Key, g.Sum(n => (long)n)));
        Assert.Equal(expected.Order(), (await result).Order());
    }

    [Fact]
    public async Task A_job_whose_own_silo_is_lost_goes_on_under_a_higher_epoch()
    {
        await using var spark = await MicroSparkContext.StartLocalAsync(3, o => o.Slots = 1);
        s_gate.Reset();
        var rdd = spark.Parallelize(Enumerable.Range(0, 30), 6).Map(n =>
        {
            s_reached.Release();
            s_gate.Wait();
            return n;
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

        var watch = new JobWatcher(TimeProvider.System, spark.Silos.Silos[0].Grains.GetGrain<IJobGrain>(submission.Job.Value));
        var results = new Dictionary<int, CommittedResult>();
        JobUpdate update;
        do
        {
            update = await watch.NextAsync(Slices.Longest, CancellationToken.None);
            foreach (var result in update.Results)
            {
                results[result.Partition] = result;
            }
        }
        while (update.Phase == JobPhase.Running);
        Assert.True(update.Phase == JobPhase.Succeeded, update.Error?.Message);
        Assert.True(Epochs.RoundOf(update.Epoch) > 1);
        Assert.Equal(6, results.Count);

        // The new owner knows nothing of the attempts that ran, and says so once for all of them.
        var note = Assert.Single((await spark.EventsOfAsync(submission.Job))!.OfType<EngineEvent.TaskNoted>(), one => one.End == TaskEnd.OwnerLost);
        Assert.Equal((null, null, true), (note.Partition, note.Attempt, note.Again));

        // A program holds the RDD whose data it gave while its job runs.
        GC.KeepAlive(rdd);
    }
}
