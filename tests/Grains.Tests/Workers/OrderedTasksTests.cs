using MicroSpark.Engine;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Workers;
using MicroSpark.Model;
using MicroSpark.Tasks;

namespace MicroSpark.Tests.Workers;

public sealed class OrderedTasksTests
{
    /// <summary>A cancel finds the tasks under the batch's lock and stops them outside: one of them may end in between.</summary>
    [Fact]
    public void A_task_that_has_ended_may_still_be_cancelled()
    {
        var released = 0;
        var plan = new HeldPlan(new PlanLease(new PlanRef(default, [], []), () => null!, () => released++), tasks: 2);
        RunningTask[] tasks = [new(new TaskItem(0, AttemptId.New(), 0), plan), new(new TaskItem(1, AttemptId.New(), 0), plan)];

        tasks[0].End();
        foreach (var task in tasks)
        {
            task.Stop.Cancel();
        }

        Assert.True(tasks[1].Stop.IsCancellationRequested);
        Assert.Equal(0, released);
        tasks[1].End();
        Assert.Equal(1, released);
    }
}
