using MicroSpark.Grains.Figures;
using MicroSpark.Grains.Ui;

namespace MicroSpark.Tests.Ui;

/// <summary>Who follows is told news at once, progress twice a second, and that time passes once a second.</summary>
public sealed class EventStreamTests
{
    private static readonly JobShape s_job = new("j", "CountAsync", null, "running", 0, 1, 0, 1, 3, 10, 0, 0, 0, null, null);
    private static readonly WorkerShape s_worker = new("w@1", "w", "w", 2, 1, 0, 0, 0, 0, 0, 0, [0], [0]);
    private static readonly ClusterShape s_told = new(0, [s_worker], new TimelineShape(0, [0], [0], [0], [0], [0], [0]), [s_job]);

    [Fact]
    public void A_job_that_only_runs_longer_is_told_once_a_second() =>
        Assert.Equal(1000, DueAfter(s_told with { Now = 250, Timeline = new TimelineShape(1, [2], [0], [0], [0], [0], [0]), Jobs = [s_job with { Seconds = 2 }] }));

    [Fact]
    public void Progress_is_told_twice_a_second()
    {
        Assert.Equal(500, DueAfter(s_told with { Jobs = [s_job with { TasksDone = 4 }] }));
        Assert.Equal(500, DueAfter(s_told with { Workers = [s_worker with { SlotsBusy = 2 }] }));
    }

    [Fact]
    public void What_comes_goes_or_ends_is_told_at_once()
    {
        Assert.Equal(0, DueAfter(s_told with { Jobs = [s_job with { State = "succeeded" }] }));
        Assert.Equal(0, DueAfter(s_told with { Jobs = [s_job with { Id = "k" }, s_job] }));
        Assert.Equal(0, DueAfter(s_told with { Jobs = [] }));
        Assert.Equal(0, DueAfter(s_told with { Jobs = [s_job with { Waits = "a worker" }] }));
        Assert.Equal(0, DueAfter(s_told with { Workers = [] }));
    }

    private static double DueAfter(ClusterShape now) => EventStream.DueAfter(EventStream.StateOf(s_told), EventStream.StateOf(now)).TotalMilliseconds;
}
