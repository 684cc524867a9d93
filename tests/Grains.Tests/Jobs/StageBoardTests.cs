using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Jobs;
using MicroSpark.Tasks;

namespace MicroSpark.Tests.Jobs;

public sealed class StageBoardTests
{
    [Fact]
    public void Until_a_stage_is_seen_the_record_tells()
    {
        var board = new StageBoard(Some.Job, new StageTotals(1, 2, 3, 4, default));
        Assert.Equal(new StageTotals(1, 2, 3, 4, default), board.Totals);
        board.Note(new StageState(new LineageId(0, 2), 2, "b", 1, 5, Some.Job, default));
        board.Note(new StageState(new LineageId(0, 1), 1, "a", 5, 5, Some.Job, default));
        board.Note(new StageState(new LineageId(0, 2), 2, "b", 4, 5, Some.Job, default));
        Assert.Equal(new StageTotals(1, 2, 9, 10, default), board.Totals);
        Assert.Equal(["a", "b"], board.InOrder.Select(s => s.Name));
    }

    [Fact]
    public void What_was_spent_for_another_job_is_not_the_jobs_own()
    {
        var board = new StageBoard(Some.Job);
        var spent = new TaskTraffic { ShuffleWritten = 7 };
        board.Note(new StageState(new LineageId(0, 1), 1, "a", 5, 5, Some.Job, spent));
        board.Note(new StageState(new LineageId(0, 2), 2, "b", 5, 5, default, spent));
        Assert.Equal(spent, board.Totals.Traffic);
    }
}
