using MicroSpark.Grains.Rdds;
using MicroSpark.Model;

namespace MicroSpark.Tests.Rdds;

public sealed class CopyPlanTests
{
    private readonly BlockTable _table = new(4);
    private readonly CopyPlan _plan;

    public CopyPlanTests()
    {
        _plan = new CopyPlan(_table);
        for (var p = 0; p < 3; p++)
        {
            _table.Put(p, new WorkerId("a"), new AttemptId(p), 1);
        }
    }

    [Fact]
    public void What_cannot_be_copied_is_tried_again_when_workers_have_changed()
    {
        _plan.AddSingles();
        Assert.Equal([0, 1, 2], _plan.Take());
        Assert.True(_plan.IsEmpty);
        _table.PutCopy(1, new WorkerId("b"), new AttemptId(1));
        _plan.Tried([0, 1, 2]);
        _plan.AddSingles();
        Assert.Empty(_plan.Take());
        _plan.WorkersChanged();
        _plan.AddSingles();
        Assert.Equal([0, 2], _plan.Take());
    }

    [Fact]
    public void Wishes_wait_for_what_was_just_computed_until_it_was_tried()
    {
        _plan.AddAwaited(2);
        _plan.AddAwaited(0);
        Assert.Equal(2, _table.Copying);
        var partitions = _plan.Take();
        Assert.Equal([0, 2], partitions);
        _table.PutCopy(0, new WorkerId("b"), new AttemptId(0));
        Assert.Equal(1, _table.Copying);
        _plan.Tried(partitions);
        Assert.Equal(0, _table.Copying);
    }

    [Fact]
    public void Nobody_waits_for_a_copy_that_nobody_makes()
    {
        _plan.AddAwaited(1);
        _plan.AddAwaited(2);
        _plan.GiveUp();
        Assert.Equal((0, true), (_table.Copying, _plan.IsEmpty));
        Assert.True(_table.IsSettled(1));
    }
}
