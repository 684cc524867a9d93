using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.History;
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

    private static JobSummary Failed(string error) => new(
        JobId.New(), default, "CountAsync", null, 0, 0, JobPhase.Failed, 0, 1, 0, 1, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, error,
        default);
}
