using MicroSpark.Actions;
using MicroSpark.Driver.Clusters;
using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Hosting;
using MicroSpark.Model;
using MicroSpark.Options;
using MicroSpark.Plans;
using MicroSpark.Tasks;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Hosting;

namespace MicroSpark.Tests.Contexts;

/// <summary>A job that takes longer than it may is stopped and says so. The jobs here end in no other way.</summary>
public sealed class JobTimeoutTests
{
    private static readonly TimeSpan s_short = TimeSpan.FromMilliseconds(50);

    [Fact]
    public async Task A_group_limits_its_jobs_and_no_others()
    {
        await using var spark = await MicroSparkContext.StartLocalAsync(configure: o => o.Slots = 2);
        Task<long> endless;
        using (spark.JobGroup("limited", timeout: s_short))
        {
            endless = Endless(spark).CountAsync();
        }

        var failure = await Assert.ThrowsAsync<JobFailedException>(() => endless);
        Assert.Contains("(CountAsync) did not end within its timeout of 0:00:00.05 and was stopped", failure.Message);
        Assert.IsType<TimeoutException>(failure.InnerException);
        Assert.Equal(10, await spark.Range(10).CountAsync());
        Assert.Equal(JobState.Failed, (await spark.JobsAsync()).Single(static j => j.Group == "limited").State);
    }

    [Fact]
    public async Task The_setting_limits_all_jobs_and_a_group_may_say_otherwise()
    {
        await using var spark = await MicroSparkContext.StartLocalAsync(configure: o => (o.Slots, o.JobTimeout) = (2, s_short));
        await Assert.ThrowsAsync<JobFailedException>(() => Endless(spark).CountAsync());
        using (spark.JobGroup("patient", timeout: TimeSpan.FromDays(1)))
        using (spark.JobGroup("inner"))
        {
            Assert.Equal(10, await spark.Range(10).CountAsync());
        }
    }

    [Fact]
    public async Task A_submitted_job_is_limited_too()
    {
        await using var spark = await MicroSparkContext.StartLocalAsync(configure: o => o.Slots = 2);
        SubmittedJob<long> job;
        using (spark.JobGroup("limited", timeout: s_short))
        {
            job = await spark.SubmitAsync(() => Endless(spark).CountAsync());
        }

        await Assert.ThrowsAsync<JobFailedException>(() => job.ResultAsync());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(25)]
    public async Task A_timeout_has_bounds(int days)
    {
        var timeout = TimeSpan.FromDays(days);
        var refused = await Assert.ThrowsAsync<InvalidSettingException>(
            () => MicroSparkContext.StartLocalAsync(configure: o => o.JobTimeout = timeout));
        Assert.Contains("MicroSpark:JobTimeout", refused.Message);
        await using var spark = await MicroSparkContext.StartLocalAsync();
        Assert.Throws<ArgumentOutOfRangeException>(() => spark.JobGroup("limited", timeout: timeout));
    }

    /// <summary>The time that the job has had before counts too: its new owner learns from the record when it was submitted.</summary>
    [Fact]
    public async Task A_job_whose_own_silo_is_lost_is_limited_by_the_owner_that_goes_on_with_it()
    {
        var time = new ManualLongTimers();
        var options = new MicroSparkOptions { Slots = 1 };
        var silos = await EmbeddedSilos.StartAsync(options, 3, customize: silo => silo.ConfigureServices(services => services.AddSingleton<TimeProvider>(time)));
        await using var spark = await MicroSparkContext.OpenAsync(new EmbeddedCluster(silos, true, TimeProvider.System), options, CancellationToken.None);
        var rdd = Endless(spark);
        var plan = PlanEncoder.Encode(new CountNode<int>(rdd.Node));
        var submission = new JobSubmission(
            JobId.New(), spark.Runner.Context, "test", null, new PlanRef(BlobName.Of(plan.Bytes), plan.Bytes, []), null, new TaskPolicy(1, false),
            Repeated: false, Timeout: TimeSpan.FromHours(5));
        await silos.Silos[1].Grains.GetGrain<IJobGrain>(submission.Job.Value).SubmitAsync(submission);
        var job = new JobWatcher(TimeProvider.System, silos.Silos[0].Grains.GetGrain<IJobGrain>(submission.Job.Value));
        var before = await job.NextAsync(Slices.Longest, CancellationToken.None);
        Assert.Equal(JobPhase.Running, before.Phase);
        var timers = time.SetFor(TimeSpan.FromHours(5));
        Assert.True(timers > 0);
        await silos.Silos[1].KillAsync();

        // Its new owner sets a timer too.
        var update = before;
        while (update.Epoch == before.Epoch || time.SetFor(TimeSpan.FromHours(5)) == timers)
        {
            update = await job.NextAsync(TimeSpan.FromMilliseconds(100), CancellationToken.None);
        }

        time.Pass(TimeSpan.FromHours(5));
        while (update.Phase == JobPhase.Running)
        {
            update = await job.NextAsync(Slices.Longest, CancellationToken.None);
        }

        Assert.Equal(JobPhase.Failed, update.Phase);
        Assert.Contains("did not end within its timeout of 5:00:00", update.Error?.Message, StringComparison.Ordinal);
        GC.KeepAlive(rdd);
    }

    private static Rdd<int> Endless(MicroSparkContext spark) => spark.Parallelize([1], 1).FlatMap(static _ => Forever()).Filter(static x => x < 0);

    private static IEnumerable<int> Forever()
    {
        while (true)
        {
            yield return 1;
        }
    }
}
