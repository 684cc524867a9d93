using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Events;
using MicroSpark.Grains.Jobs;
using MicroSpark.Grains.Security;
using MicroSpark.Model;
using Microsoft.Extensions.Logging.Abstractions;

namespace MicroSpark.Tests.Jobs;

public sealed class JobQuotasTests
{
    private readonly JobQuotas _quotas = new(
        new MicroSparkOptions { Secrets = { new SecretOptions { Name = "bob" }, new SecretOptions { Name = "ann", MaxJobs = 2 } } },
        new AuditLog(NullLoggerFactory.Instance, TimeProvider.System));

    private int _refused;

    [Fact]
    public void What_does_not_fit_is_refused_with_the_setting_and_the_number_until_a_job_has_ended()
    {
        var first = Submit("ann");
        Submit("ann");
        var error = Assert.Throws<InvalidOperationException>(() => Submit("ann"));
        Assert.Contains("ann", error.Message, StringComparison.Ordinal);
        Assert.Contains("MicroSpark:Secrets:1:MaxJobs is 2", error.Message, StringComparison.Ordinal);
        Assert.Equal(1, _refused);
        Assert.True(first.Cancel("asked for"));
        Submit("ann");
        Assert.Throws<InvalidOperationException>(() => Submit("ann"));
    }

    [Fact]
    public void Others_have_no_quota()
    {
        for (var i = 0; i < 10; i++)
        {
            Submit("bob");
            Submit(null);
        }
    }

    /// <summary>A client repeats a submit whose reply was lost, and may have released the job before it came.</summary>
    [Fact]
    public void What_is_known_or_not_wanted_asks_for_no_place()
    {
        var job = Submit("ann");
        Submit("ann");
        _quotas.Admit(Submission("ann"), job, static () => Assert.Fail());
        var unwanted = Life();
        unwanted.Refuse();
        _quotas.Admit(Submission("ann"), unwanted, static () => Assert.Fail());
        Assert.True(job.Cancel("asked for"));
        Submit("ann");
    }

    /// <summary>One that another silo drove is gone on with, whatever the number.</summary>
    [Fact]
    public void A_job_that_is_taken_over_counts_and_is_not_refused()
    {
        var jobs = Enumerable.Range(0, 3).Select(_ => TakenOver("ann")).ToArray();
        Assert.Throws<InvalidOperationException>(() => Submit("ann"));
        jobs[0].Leave("another has it");
        Assert.Throws<InvalidOperationException>(() => Submit("ann"));
        jobs[1].Leave("another has it");
        Submit("ann");
    }

    /// <summary>The same silo may drive a job again while its former activation has not ended.</summary>
    [Fact]
    public void An_activation_that_leaves_takes_only_its_own_place()
    {
        var (old, next) = (TakenOver("ann"), TakenOver("ann"));
        old.Leave("another has it");
        Submit("ann");
        Assert.Throws<InvalidOperationException>(() => Submit("ann"));
        next.Leave("another has it");
        Submit("ann");
    }

    /// <summary>Its results could not be read, and are computed again.</summary>
    [Fact]
    public void A_job_that_is_opened_again_counts_again()
    {
        var job = Submit("ann");
        job.Succeed();
        Submit("ann");
        job.Reopen([Some.Result(0)]);
        Assert.Throws<InvalidOperationException>(() => Submit("ann"));
    }

    private JobLife Submit(string? owner)
    {
        var (life, submission) = (Life(), Submission(owner));
        _quotas.Admit(submission, life, () => _refused++);
        Assert.True(life.Submit(submission, 1));
        return life;
    }

    private JobLife TakenOver(string owner)
    {
        var life = Life();
        Assert.True(life.TakeOver(Some.Record(JobPhase.Running) with { Submission = Submission(owner) }, 2));
        return life;
    }

    private JobLife Life()
    {
        JobLife? life = null;
        return life = new JobLife(
            Some.Job, TimeProvider.System, static () => false, new TransitionCounts(), NullLogger.Instance, (_, to) => _quotas.Moved(life!, to));
    }

    private static JobSubmission Submission(string? owner) => Some.Submission.OwnedBy(owner);
}
