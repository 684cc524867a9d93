using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.History;
using MicroSpark.Model;
using MicroSpark.Plans;
using MicroSpark.Tasks;

namespace MicroSpark.Tests.History;

/// <summary>The ring of task ends keeps the newest, each with its own stage, and costs a task no allocation.</summary>
public sealed class TaskHistoryTests
{
    private const long Second = TimeSpan.TicksPerSecond;

    private readonly JobId _job = JobId.New();

    [Fact]
    public void A_row_has_what_the_task_did()
    {
        var history = new TaskHistory(100);
        var lane = history.Begin(Stage(_job, 1), 7, 2, 5 * Second);
        var traffic = new TaskTraffic(1, 2, 3, 4, 5, 6);
        history.End(lane, Second, TaskEnd.Failed, copy: true, 10, 20, traffic);

        var read = history.Read(_job, 0, 9 * Second);
        var row = Assert.Single(read.Rows);
        Assert.Equal((5 * Second, Second, 7, 2), (row.Began, row.Took, row.Partition, row.Attempt));
        Assert.Equal(((byte)TaskEnd.Failed, (byte)1, 10L, 20L), (row.End, row.Copy, row.Records, row.Bytes));
        Assert.Equal((1L, 2L, 3L, 4L, 5L, 6L), (row.Input, row.ShuffleRead, row.RemoteRead, row.ShuffleWritten, row.Spilled, row.ReadRecords));
        Assert.Equal(Stage(_job, 1), Assert.Single(read.Stages));
        Assert.Empty(read.Running);
        Assert.Equal(96, System.Runtime.CompilerServices.Unsafe.SizeOf<TaskRow>());
    }

    [Fact]
    public void Tasks_at_the_same_time_have_lanes_of_their_own_and_the_lowest_free_one()
    {
        var history = new TaskHistory(100);
        var stage = Stage(_job, 0);
        var lanes = Enumerable.Range(0, 20).Select(i => history.Begin(stage, i, 0, 0)).ToArray();
        Assert.Equal(Enumerable.Range(0, 20).Select(i => (ushort)i), lanes);
        Assert.Equal(20, history.Read(_job, 0, 3).Running.Count(row => row.Took == 3));
        End(history, 4);
        End(history, 9);
        Assert.Equal(4, history.Begin(stage, 20, 0, 0));
        Assert.Equal(9, history.Begin(stage, 21, 0, 0));
    }

    [Fact]
    public void What_ended_long_ago_is_not_looked_for()
    {
        var history = new TaskHistory(100);
        for (var i = 0; i < 150; i++)
        {
            history.End(history.Begin(Stage(_job, 0), i, 0, i * Second), Second, TaskEnd.Succeeded, false, 0, 0, default);
        }

        Assert.Equal(100, history.Read(_job, 0, 0).Rows.Count);
        Assert.Equal(100, history.Read(_job, 0, 0, since: 1).Rows.Count);
        Assert.Equal(Enumerable.Range(119, 31), history.Read(_job, 0, 0, since: 120 * Second).Rows.Select(row => row.Partition));
        Assert.Equal([149], history.Read(_job, 149, 0, since: 120 * Second).Rows.Select(row => row.Partition));
        Assert.Empty(history.Read(_job, 0, 0, since: 151 * Second).Rows);
    }

    /// <summary>A model: the last rows of each job in the order of their ends, whatever the shape.</summary>
    [Theory]
    [InlineData(1, 1)]
    [InlineData(7, 3)]
    [InlineData(256, 40)]
    [InlineData(5000, 2)]
    [InlineData(10_000, 500)]
    public void The_newest_rows_stay_and_say_whose_they_are(int most, int jobs)
    {
        var history = new TaskHistory(most);
        var ids = Enumerable.Range(0, jobs).Select(_ => JobId.New()).ToArray();
        var model = new List<(JobId Job, int Stage, int Partition)>();
        var random = new Random(17);
        for (var i = 0; i < 3 * most; i++)
        {
            // Jobs come and go, so that their places in the table are used again.
            var job = ids[Math.Min(jobs - 1, (int)((long)i * jobs / (3 * most)) + random.Next(2))];
            var stage = random.Next(2);
            var lane = history.Begin(Stage(job, stage), i, 0, i);
            history.End(lane, 1, TaskEnd.Succeeded, copy: false, 0, 0, default);
            model.Add((job, stage, i));
        }

        var kept = 0;
        foreach (var job in ids)
        {
            var rows = new List<(JobId, int, int)>();
            var (from, more) = (0L, true);
            while (more)
            {
                var read = history.Read(job, from, 0);
                rows.AddRange(read.Rows.Select(row => (read.Stages[row.Stage].Job, read.Stages[row.Stage].Stage, row.Partition)));
                (from, more) = (read.Next, read.More);
            }

            kept += rows.Count;
            Assert.Equal(model.TakeLast(most).Where(one => one.Job == job).TakeLast(rows.Count), rows);
        }

        // Many stages take rows' places; few do not.
        Assert.True(kept == most || jobs > most / 8, $"{kept} of {most}");
    }

    [Fact]
    public void Reading_goes_on_where_it_was()
    {
        var history = new TaskHistory(1000);
        Run(history, _job, 10);
        var first = history.Read(_job, 0, 0);
        Run(history, JobId.New(), 5);
        Run(history, _job, 3);
        var second = history.Read(_job, first.Next, 0);
        Assert.Equal((10, 3, 18L), (first.Rows.Count, second.Rows.Count, second.Next));
        Assert.Empty(history.Read(_job, second.Next, 0).Rows);
    }

    [Fact]
    public void A_task_costs_no_allocation()
    {
        var history = new TaskHistory(1 << 14);
        var stage = Stage(_job, 0);
        Run(history, _job, 2 << 14);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 10_000; i++)
        {
            history.End(history.Begin(stage, i, 0, i), 1, TaskEnd.Succeeded, copy: false, 1, 1, default);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Seconds_have_the_part_of_a_task_that_fell_into_them()
    {
        var history = new TaskHistory(100);
        var lane = history.Begin(Stage(_job, 0), 0, 0, (10 * Second) + (Second / 2));
        history.End(lane, 2 * Second, TaskEnd.Succeeded, copy: false, 0, 0, new TaskTraffic(0, 100, 0, 0, 7));
        history.Begin(Stage(_job, 0), 1, 0, 12 * Second);

        var seconds = history.Seconds(13 * Second, 4);
        Assert.Equal([Second / 2, Second, (Second / 2) + Second, 0L], seconds.Select(sum => sum.Busy));
        Assert.Equal([0, 0, 1, 0], seconds.Select(sum => sum.Tasks));
        Assert.Equal((100L, 7L), (seconds[2].Shuffled, seconds[2].Spilled));
        Assert.All(history.Seconds(2000 * Second, 3), sum => Assert.Equal(0, sum.Tasks));
    }

    private static void Run(TaskHistory history, JobId job, int tasks)
    {
        var stage = Stage(job, 0);
        for (var i = 0; i < tasks; i++)
        {
            history.End(history.Begin(stage, i, 0, i), 1, TaskEnd.Succeeded, copy: false, 1, 1, default);
        }
    }

    private static void End(TaskHistory history, ushort lane) => history.End(lane, 1, TaskEnd.Succeeded, copy: false, 0, 0, default);

    private static SpanStage Stage(JobId job, int stage) =>
        new(job, new ContextId(Guid.Empty), new LineageId((UInt128)(ulong)stage, 1), stage, OutputKind.Shuffle, "Map", 8);
}
