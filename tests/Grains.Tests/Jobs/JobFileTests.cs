using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Jobs;

namespace MicroSpark.Tests.Jobs;

public sealed class JobFileTests
{
    [Fact]
    public void A_record_comes_back_as_the_file_that_it_was_made_of()
    {
        var record = Some.Record(JobPhase.Running, Some.Result(3).ForRecord(), Some.Result(1).ForRecord());
        var again = JobFile.Of(record, 99).Record(JobPhase.Running, null, null);
        Assert.Equal((99, 6), (again.Epoch, again.Sequence));
        Assert.Equal(record.Committed, again.Committed);
        Assert.Equal(record.Contents, again.Contents);
        Assert.Equal((1, 2, 3, 4), (again.StagesDone, again.StagesTotal, again.TasksDone, again.TasksTotal));
        Assert.Equal(record.Started, again.Started);
    }

    [Fact]
    public void Each_record_is_newer_and_none_has_what_travels_otherwise()
    {
        var file = new JobFile(Some.Submission, 1, DateTimeOffset.UnixEpoch);
        file.Results.Commit(Some.Result(0, inline: 4));
        Assert.Equal([1, 2], [file.Record(JobPhase.Running, null, null).Sequence, file.Record(JobPhase.Running, null, null).Sequence]);
        Assert.Equal(2, file.Summary(JobPhase.Running, null, null).Sequence);
        var committed = Assert.Single(file.Record(JobPhase.Running, null, null).Committed);
        Assert.Null(committed.Inline);
        Assert.True(committed.HasLostUpdates);
        Assert.NotNull(file.Record(JobPhase.Running, null, null).Submission.Plan.Inline);
        Assert.Null(file.Record(JobPhase.Cancelled, null, DateTimeOffset.UnixEpoch).Submission.Plan.Inline);
    }

    [Fact]
    public void Success_is_told_with_the_last_results()
    {
        var file = new JobFile(Some.Submission, 1, DateTimeOffset.UnixEpoch);
        for (var p = 0; p < 3; p++)
        {
            file.Results.Commit(Some.Result(p, inline: 3 << 20));
        }

        var first = file.Update(0, JobPhase.Succeeded, null);
        Assert.Equal((JobPhase.Running, 2), (first.Phase, first.Next));
        var last = file.Update(first.Next, JobPhase.Succeeded, null);
        Assert.Equal((JobPhase.Succeeded, 3), (last.Phase, last.Next));
        Assert.Equal(JobPhase.Failed, file.Update(0, JobPhase.Failed, Some.Error).Phase);
    }
}
