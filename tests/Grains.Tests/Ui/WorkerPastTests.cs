using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Figures;
using MicroSpark.Grains.Ui;
using MicroSpark.Model;
using MicroSpark.Tests.Infrastructure;

namespace MicroSpark.Tests.Ui;

/// <summary>What is put together of parts is what would have come whole.</summary>
public sealed class WorkerPastTests
{
    private const int Length = ClusterFeed.Seconds;

    private readonly ManualTime _time = new();

    [Fact]
    public void A_look_asks_for_what_may_have_changed_since_the_last_one()
    {
        var past = new WorkerPast(_time);
        Assert.Equal(Length, past.Wanted);
        past.Take(Pulse(1000, Length));
        Assert.Equal(3, past.Wanted);
        _time.Advance(TimeSpan.FromMilliseconds(250));
        Assert.Equal(4, past.Wanted);
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(Length, past.Wanted);
    }

    /// <summary>Seconds pass, none do, some were not asked for, and the worker's clock is set back.</summary>
    [Theory]
    [InlineData(1000, 3)]
    [InlineData(1001, 4)]
    [InlineData(1060, 62)]
    [InlineData(1179, Length)]
    [InlineData(5000, Length)]
    [InlineData(900, Length)]
    public void Seconds_are_those_that_the_worker_told_last(long second, int told)
    {
        var past = new WorkerPast(_time);
        past.Take(Pulse(1000, Length));
        past.Take(Pulse(second, told));
        Assert.Equal(second, past.Last);
        for (var at = second - Length + 1; at <= second; at++)
        {
            Assert.Equal(at, past.At(at).Tasks);
        }

        Assert.Equal(default, past.At(second + 1));
        Assert.Equal(default, past.At(second - Length));
    }

    [Fact]
    public void Seconds_that_nobody_asked_for_are_empty()
    {
        var past = new WorkerPast(_time);
        past.Take(Pulse(1000, Length));
        past.Take(Pulse(1100, 4));
        Assert.Equal((1000, 0, 0, 1097), (past.At(1000).Tasks, past.At(1001).Tasks, past.At(1096).Tasks, past.At(1097).Tasks));
    }

    [Fact]
    public void A_change_has_the_last_seconds_and_the_jobs_that_are_others()
    {
        var change = ClusterChange.Of(Cluster(100, Job("a"), Job("b"), Job("c")), Cluster(102, Job("a"), Job("b", 2), Job("d")))!;
        Assert.Equal((102 + Length - 5, 5), (change.Timeline.From, change.Timeline.Tasks.Length));
        Assert.Equal(5, change.Workers[0].Busy.Length);
        Assert.Equal(["b", "d"], change.Jobs.Select(job => job.Id));
        Assert.Equal(["c"], change.Gone);
    }

    [Fact]
    public void All_is_told_when_workers_or_clocks_are_others()
    {
        var before = Cluster(100);
        Assert.NotNull(ClusterChange.Of(before, Cluster(100)));
        Assert.Null(ClusterChange.Of(before, Cluster(99)));
        Assert.Null(ClusterChange.Of(before, Cluster(100 + Length)));
        Assert.Null(ClusterChange.Of(before, Cluster(100) with { Workers = [] }));
    }

    /// <summary>The number of tasks in each second is the second itself.</summary>
    private static Pulse Pulse(long second, int told) => new(
        new WorkerDescription(new WorkerId("w"), "w", "127.0.0.1:1", 1, 0, 0, 1, ""), 0, 0, 0, second,
        [.. Enumerable.Range(0, told).Select(i => new PulseSecond(0, (int)(second - told + 1 + i), 0, 0, 0, 0))], [], 7);

    private static ClusterShape Cluster(long from, params JobShape[] jobs) => new(
        0, [new WorkerShape("w", "w", "", 1, 0, 0, 0, 1, 0, 0, 0, new double[Length], new long[Length])],
        new TimelineShape(from, new double[Length], new int[Length], new int[Length], new long[Length], new long[Length], new long[Length]), jobs);

    private static JobShape Job(string id, int done = 1) => new(id, "CountAsync", null, "running", 0, 0, 0, 1, done, 4, 0, 0, 0, null, null);
}
