using MicroSpark.Grains.Events;

namespace MicroSpark.Tests.Events;

public sealed class TransitionCountsTests
{
    [Fact]
    public void Each_transition_of_each_machine_is_counted_by_itself()
    {
        var counts = new TransitionCounts();
        counts.Add("Wish", "Fail");
        counts.Add("Job", "Fail");
        counts.Add("Job", "Fail");
        counts.Add("Job", "Cancel");
        Assert.Equal(2, counts.Of("Job", "Fail"));
        Assert.Equal(0, counts.Of("Job", "Succeed"));
        Assert.Equal([("Job", "Cancel", 1L), ("Job", "Fail", 2L), ("Wish", "Fail", 1L)], counts.All);
    }

    [Fact]
    public void No_thread_loses_a_count()
    {
        var counts = new TransitionCounts();
        Parallel.For(0, 8, _ =>
        {
            for (var i = 0; i < 10_000; i++)
            {
                counts.Add("Job", "Commit");
            }
        });
        Assert.Equal(80_000, counts.Of("Job", "Commit"));
    }
}
