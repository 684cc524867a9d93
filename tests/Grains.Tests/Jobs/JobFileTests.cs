using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Jobs;

namespace MicroSpark.Tests.Jobs;

public sealed class JobFileTests
{
    [Fact]
    public void A_file_is_made_of_a_record_under_an_epoch_of_its_own()
    {
        var record = Some.Record(JobPhase.Running, Some.Result(3).OnRecord(), Some.Result(1).OnRecord());
        var file = JobFile.Of(record, 99);
        var head = file.Summary(JobPhase.Running, null, null);
        Assert.Equal((99, 0), (head.Epoch, head.Sequence));
        Assert.Equal(record.Committed, file.Results.Page(0));
        Assert.Equal(record.Contents, file.Contents);
        Assert.Equal((1, 2, 3, 4), (head.StagesDone, head.StagesTotal, head.TasksDone, head.TasksTotal));
        Assert.Equal(record.Head.Started, head.Started);
        Assert.True(file.WasDriven);
    }

    [Fact]
    public void Success_is_told_with_the_last_results()
    {
        var file = new JobFile(Some.Submission, 1, DateTimeOffset.UnixEpoch);
        for (var p = 0; p < 3; p++)
        {
            file.Results.Commit(Some.Result(p, inline: 3 << 19));
        }

        var first = file.Update(0, JobPhase.Succeeded, null);
        Assert.Equal((JobPhase.Running, 2), (first.Phase, first.Next));
        var last = file.Update(first.Next, JobPhase.Succeeded, null);
        Assert.Equal((JobPhase.Succeeded, 3), (last.Phase, last.Next));
        Assert.Equal(JobPhase.Failed, file.Update(0, JobPhase.Failed, Some.Error).Phase);
    }
}
