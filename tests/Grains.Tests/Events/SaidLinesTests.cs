using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Events;
using MicroSpark.Model;

namespace MicroSpark.Tests.Events;

/// <summary>What a silo keeps of what the tasks of its jobs said.</summary>
public sealed class SaidLinesTests
{
    private static readonly WorkerId s_here = new("here");
    private static readonly WorkerId s_there = new("there");

    [Fact]
    public void The_first_lines_are_kept_and_the_rest_is_counted_by_worker()
    {
        var said = New(most: 3);
        var job = JobId.New();
        Assert.Equal(0, said.VersionOf(job));
        Assert.True(said.Add(job, Batch(s_here, "a", "b")));
        Assert.False(said.Add(job, new SaidBatch(s_there, [Line("c"), Line("d"), Line("e")], 10)));
        Assert.False(said.Add(job, new SaidBatch(s_here, [], 5)));

        var page = said.Read(job, 0);
        Assert.Equal(["a", "b", "c"], page.Lines.Select(line => line.Text));
        Assert.Equal((3, false), (page.Next, page.More));
        Assert.Equal([new DroppedLines(s_here, 5), new DroppedLines(s_there, 12)], page.Dropped.OrderBy(dropped => dropped.Count));
        Assert.Equal(3, said.VersionOf(job));
        Assert.Equal(["c"], said.Read(job, 2).Lines.Select(line => line.Text));
        Assert.Empty(said.Read(job, 7).Lines);
        Assert.Empty(said.Read(JobId.New(), 0).Lines);
    }

    [Fact]
    public void Long_lines_come_in_pages_and_have_a_bound_of_their_own()
    {
        var said = New(most: 100_000);
        var job = JobId.New();
        var line = Line(new string('x', 100_000));
        Assert.False(said.Add(job, new SaidBatch(s_here, [.. Enumerable.Repeat(line, 12)], 0)));
        var first = said.Read(job, 0);
        Assert.True(first.More);
        var rest = said.Read(job, first.Next);
        Assert.Equal((10, false), (first.Lines.Length + rest.Lines.Length, rest.More));
        Assert.Equal(2, Assert.Single(rest.Dropped).Count);
    }

    [Fact]
    public void What_jobs_said_long_ago_gives_way()
    {
        var said = New(most: 100_000);
        var jobs = Enumerable.Range(0, 10).Select(_ => JobId.New()).ToArray();
        foreach (var job in jobs)
        {
            said.Add(job, new SaidBatch(s_here, [.. Enumerable.Repeat(Line(new string('x', 100_000)), 10)], 0));
        }

        Assert.Equal([0L, 0, 0, 1, 1, 1, 1, 1, 1, 1], jobs.Select(said.VersionOf));
    }

    /// <summary>They had no characters, and stayed for the silo's life.</summary>
    [Fact]
    public void Jobs_whose_lines_are_only_counted_give_way_too()
    {
        var said = New(most: 0);
        var first = JobId.New();
        said.Add(first, Batch(s_here, "x"));
        for (var i = 0; i < 20_000; i++)
        {
            said.Add(JobId.New(), Batch(s_here, "x"));
        }

        Assert.Equal(0, said.VersionOf(first));
    }

    private static SaidLines New(int most) =>
        new(s_here, new MicroSparkOptions { TaskLog = new TaskLogOptions { MaxLines = most } }.TaskLog);

    private static SaidBatch Batch(WorkerId worker, params string[] lines) => new(worker, [.. lines.Select(Line)], 0);

    private static SaidLine Line(string text) => new(default, s_here, 0, 0, 0, 2, null, text);
}
