using MicroSpark.Options;

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

    private static Rdd<int> Endless(MicroSparkContext spark) => spark.Parallelize([1], 1).FlatMap(static _ => Forever()).Filter(static x => x < 0);

    private static IEnumerable<int> Forever()
    {
        while (true)
        {
            yield return 1;
        }
    }
}
