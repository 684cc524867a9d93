using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.History;
using MicroSpark.Grains.Ui;
using MicroSpark.Model;

namespace MicroSpark.Tests.History;

/// <summary>The book has a thousand jobs, and what they say of themselves has bounds.</summary>
public sealed class JobBookTests
{
    [Fact]
    public void Of_an_error_the_beginning_is_kept()
    {
        var book = new JobBook();
        book.Note(Failed(new string('x', 1_000_000)));
        Assert.InRange(Assert.Single(book.Since(0).Jobs).Error!.Length, 4000, 4001);
    }

    [Fact]
    public void The_oldest_of_a_thousand_makes_room()
    {
        var book = new JobBook();
        var jobs = Enumerable.Range(0, 1001).Select(_ => Failed("no")).ToArray();
        Assert.All(jobs, book.Note);
        Assert.Null(book.Find(jobs[0].Job));
        Assert.Equal(jobs[1], book.Find(jobs[1].Job)!.Value.Summary);
        Assert.Equal(1000, book.Since(0).Jobs.Length);
        Assert.Equal(jobs[^1], Assert.Single(book.Since(book.Since(0).Version - 1).Jobs));
    }

    /// <summary>Else its errors, keys and lines would be shown to whoever takes a finished job's id.</summary>
    [Fact]
    public void A_job_that_another_one_submits_again_is_nobodys()
    {
        var book = new JobBook();
        var job = Failed("hers") with { Owner = "alice" };
        book.Note(job);
        book.Note(job with { Sequence = 1 });
        Assert.Equal("alice", book.Find(job.Job)!.Value.Summary!.Owner);
        book.Note(job with { Epoch = 9, Owner = "bob" });
        Assert.Equal(JobSummary.Disputed, book.Find(job.Job)!.Value.Summary!.Owner);
        book.Note(job with { Epoch = 10, Owner = "bob" });
        Assert.Equal(JobSummary.Disputed, book.Find(job.Job)!.Value.Summary!.Owner);

        var list = new JobList();
        list.Learn(job with { Epoch = 9, Owner = "bob" });
        list.Learn(job);
        Assert.Equal((9, JobSummary.Disputed), (list.Find(job.Job)!.Epoch, list.Find(job.Job)!.Owner));
        list.Follow(job.Job, job with { Epoch = 11, Owner = "bob" });
        Assert.Equal(JobSummary.Disputed, list.Find(job.Job)!.Owner);
    }

    private static JobSummary Failed(string error) => new(
        JobId.New(), default, "CountAsync", null, 0, 0, JobPhase.Failed, 0, 1, 0, 1, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, error,
        default);
}
