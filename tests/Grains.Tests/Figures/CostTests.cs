using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Figures;
using MicroSpark.Grains.History;
using MicroSpark.Model;
using MicroSpark.Plans;
using MicroSpark.Tasks;

namespace MicroSpark.Tests.Figures;

/// <summary>What a stage's long tasks and failures cost, and that advice comes in the order of it.</summary>
public sealed class CostTests
{
    private static readonly JobId s_job = new(new Guid(1, 2, 3, new byte[8]));
    private static readonly LineageId s_maps = new(1, 1);
    private static readonly LineageId s_groups = new(1, 2);
    private readonly JobRecording _recording = new(s_job);

    public CostTests()
    {
        _recording.Learn(
        [
            new StageOutline(
                0, s_maps, "GroupByKey", OutputKind.Shuffle, 12, [], ["Parallelize", "MapPartitions", "Map", "GroupByKey"],
                ["Program.cs:7", "Program.cs:8"], Lines: ["", "Program.cs:7", "Program.cs:8", ""]),
            new StageOutline(
                1, s_groups, "ReduceByKey", OutputKind.Shuffle, 8, [s_maps], ["GroupByKey", "Map", "ReduceByKey"],
                ["Program.cs:10", "Program.cs:11"], Lines: ["", "Program.cs:10", "Program.cs:11"]),
        ]);
        _recording.Summary = new JobSummary(
            s_job, default, "CollectAsync", null, 1, 1, JobPhase.Succeeded, 2, 2, 20, 20, At(0), At(580), null, default);
    }

    /// <summary>The job of a trial: a task took a third of its stage's time, four slots, and a failed task cost 5 ms.</summary>
    [Fact]
    public void A_task_that_holds_the_end_is_told_before_a_cheap_retry()
    {
        Skewed(read: true);
        Cheap();
        _recording.Keys[s_groups] = (5, "7", 270_291);
        var advice = Advice();
        Assert.Equal(["skew", "failures"], advice.Select(one => one.Kind));
        Assert.Equal("Stage 1 (GroupByKey → Map) waits for partition 5: about 197 ms of the job's 580 ms could be saved", advice[0].Title);
        Assert.Equal(0.197, advice[0].Saves!.Value, 3);
        Assert.Contains("took 370 ms, the median task 90 ms.", advice[0].Text, StringComparison.Ordinal);
        Assert.Contains("Key '7' alone has 270,291 values.", advice[0].Text, StringComparison.Ordinal);
        Assert.Contains("Change the key, which is made at Program.cs:8: give a heavy one", advice[0].Text, StringComparison.Ordinal);
        Assert.Contains("ReduceByKey or AggregateByKey in place of GroupByKey; or make Program.cs:10 cheaper", advice[0].Text, StringComparison.Ordinal);
        Assert.Equal("Program.cs:8, Program.cs:10", advice[0].Source);
        Assert.True(advice[1].Saves < 0.02, $"{advice[1].Saves}");
        Assert.Contains("cost about 5 ms", advice[1].Title, StringComparison.Ordinal);
    }

    [Fact]
    public void A_partition_whose_key_is_not_known_is_named_with_what_it_read()
    {
        Skewed(read: true);
        var advice = Assert.Single(Advice());
        Assert.Contains("It read 3.81 MB, 85 % of what the stage read; the median task 97.7 KB.", advice.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Key '", advice.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_slow_task_that_read_no_more_than_others_is_not_said_to_have_more_data()
    {
        Skewed(read: false);
        var advice = Assert.Single(Advice());
        Assert.Contains("no more than others. So its elements take longer, or its worker was slow: look at Program.cs:10", advice.Text, StringComparison.Ordinal);
        Assert.Equal("Program.cs:10", advice.Source);
    }

    [Fact]
    public void A_long_task_that_ends_before_the_others_holds_nobody_up()
    {
        for (var i = 0; i < 40; i++)
        {
            Add(s_groups, i, 100 * (i / 4), 100);
        }

        Add(s_groups, 40, 0, 900);
        Assert.Empty(Advice());
    }

    [Fact]
    public void Some_long_tasks_of_many_are_told_together()
    {
        for (var i = 0; i < 40; i++)
        {
            Add(s_groups, i, 0, 100);
        }

        Add(s_groups, 40, 0, 900);
        Add(s_groups, 41, 0, 800);
        var advice = Assert.Single(Advice());
        Assert.StartsWith("Stage 1 (GroupByKey → Map) waits for partition 40 and 1 more partition: about 425 ms", advice.Title, StringComparison.Ordinal);
    }

    [Fact]
    public void With_one_slot_nothing_can_be_spread()
    {
        Skewed(read: true);
        Assert.Empty(Advice(slots: 1));
    }

    [Fact]
    public void A_retry_costs_what_its_stage_ended_later_for_it()
    {
        for (var i = 0; i < 4; i++)
        {
            Add(s_maps, i, 0, 100);
        }

        Add(s_maps, 4, 0, 200, TaskEnd.Failed);
        Add(s_maps, 4, 230, 100, attempt: 1);
        var advice = Assert.Single(Advice());
        Assert.Equal(("failures", 0.23), (advice.Kind, Math.Round(advice.Saves!.Value, 3)));
        Assert.Contains("cost about 230 ms of the job's 580 ms", advice.Title, StringComparison.Ordinal);
        Assert.Contains("The failed attempt had a slot for 200 ms", advice.Text, StringComparison.Ordinal);
        Assert.Contains("made the stage end 230 ms later", advice.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_job_that_failed_cost_all_of_it_and_names_the_line_that_threw()
    {
        Add(s_maps, 0, 0, 100, TaskEnd.Failed);
        _recording.Summary = _recording.Summary! with { Phase = JobPhase.Failed };
        _recording.Failures.Add((new WorkerId("w"), new TaskTrouble(
            new SpanStage(s_job, default, s_maps, 0, OutputKind.Shuffle, null, 12),
            new TaskSpan(0, default, 3, At(0), default, TaskEnd.Failed, 0, 0, default, "System.FormatException: no number", false, At: "Program.cs:7"), "Map", null)));
        var advice = Assert.Single(Advice());
        Assert.Equal((0.58, "Program.cs:7"), (advice.Saves, advice.Source));
        Assert.Contains("attempt 4 at partition 0, ended with System.FormatException: no number at Program.cs:7.", advice.Text, StringComparison.Ordinal);
    }

    /// <summary>A stage whose retry went well has no part in what the job failed of.</summary>
    [Fact]
    public void Of_a_job_that_failed_the_stage_that_was_done_is_not_to_blame()
    {
        for (var i = 0; i < 12; i++)
        {
            Add(s_maps, i, 0, 30);
        }

        Add(s_maps, 12, 0, 10, TaskEnd.Failed);
        Add(s_groups, 0, 100, 100, TaskEnd.Failed);
        _recording.Summary = _recording.Summary! with { Phase = JobPhase.Failed };
        var advice = Advice();
        Assert.Equal([("failures", 1), ("failures", 0)], advice.Select(one => (one.Kind, one.Stage!.Value)));
        Assert.Contains("and with them the job", advice[0].Title, StringComparison.Ordinal);
        Assert.DoesNotContain("with them the job", advice[1].Title, StringComparison.Ordinal);
    }

    /// <summary>A short failure at the begin of a stage whose last task still runs has not cost the time since.</summary>
    [Fact]
    public void A_retry_has_no_cost_yet_while_its_stage_runs()
    {
        Add(s_maps, 0, 0, 4, TaskEnd.Failed);
        Add(s_maps, 0, 5, 20, attempt: 1);
        _recording.PartOf(new WorkerId("w")).Running.Add(new TaskRow { Began = At(0).UtcTicks, Took = 500 * TimeSpan.TicksPerMillisecond, Partition = 1 });
        Assert.Equal(0.001, Assert.Single(Advice()).Saves!.Value, 3);
    }

    [Fact]
    public void A_stage_is_named_by_what_it_runs_and_not_by_the_shuffle_it_writes()
    {
        Skewed(read: true);
        var stages = Detail().Stages;
        Assert.Equal(
            [("Parallelize → MapPartitions → Map", "GroupByKey", "Program.cs:8"), ("GroupByKey → Map", "ReduceByKey", "Program.cs:10")],
            stages.Select(stage => (stage.Name, stage.Feeds, stage.Line)));

        // What earlier versions wrote has lines, and not whose.
        var old = new StageOutline(0, s_maps, "Sum", OutputKind.Result, 1, [], [.. Enumerable.Range(0, 30).Select(i => $"Map{i}")], ["a.cs:1", "a.cs:2"]);
        Assert.Equal(new StageNames("Map0 → … → Map26 → Map27 → Map28 → Map29", null, "a.cs:2"), StageNames.Of(old));
        Assert.Equal(new StageNames("Sum", null, null), StageNames.Of(old with { Operators = [], Sources = [] }));
    }

    [Fact]
    public void The_slowest_tasks_are_listed_and_what_each_task_read_spreads()
    {
        Skewed(read: true);
        var stage = Detail().Stages[1];
        Assert.Equal([5, 7, 6, 4, 0], stage.SlowestTasks.Select(task => task.Partition));
        Assert.Equal(
            new TaskShape(5, 0, "w", 0, 100, 0.37, "succeeded", 4_000_000, 0, 0, 4.11), stage.SlowestTasks[0]);
        Assert.Equal([100_000, 100_000, 100_000, 100_000, 4_000_000], stage.TaskReadBytes);
    }

    [Fact]
    public void A_note_says_how_long_the_attempt_took_and_what_became_of_the_task()
    {
        Add(s_maps, 3, 0, 20, TaskEnd.Failed);
        Add(s_maps, 3, 40, 12, attempt: 1);
        _recording.Notes.Add((s_maps, new TaskNote(At(21), 3, 0, new WorkerId("w"), TaskEnd.Failed, Again: true, "attempt 1 failed")));
        _recording.Notes.Add((s_maps, new TaskNote(At(22), 4, 0, new WorkerId("w"), TaskEnd.WorkerLost, Again: true, "lost")));

        // Made, lost, and made again, when attempts count from 0 anew.
        Add(s_maps, 5, 0, 10);
        Add(s_maps, 5, 200, 30);
        _recording.Notes.Add((s_maps, new TaskNote(At(150), 5, null, new WorkerId("w"), TaskEnd.OutputLost, Again: true, "it went")));
        Add(s_maps, 6, 0, 10);
        _recording.Notes.Add((s_maps, new TaskNote(At(150), 6, null, new WorkerId("w"), TaskEnd.OutputLost, Again: true, "it went")));
        var notes = Detail().Notes;
        Assert.Equal(
            [(0.02, "attempt 2 began, 20 ms later, on w and succeeded in 12 ms"), ((double?)null, null), (null, "attempt 1 began on w and succeeded in 30 ms"), (null, null)],
            notes.Select(note => (note.Seconds, note.Then)));
    }

    /// <summary>Eight partitions on four slots; partition 5 takes four times the median, and the stage ends with it.</summary>
    private void Skewed(bool read)
    {
        for (var i = 0; i < 8; i++)
        {
            Add(s_groups, i, i < 4 ? 0 : 100, i == 5 ? 370 : i < 4 ? 90 : 100 + i, read: read && i == 5 ? 4_000_000 : 100_000);
        }
    }

    private void Cheap()
    {
        for (var i = 0; i < 12; i++)
        {
            Add(s_maps, i, -60, 30);
        }

        Add(s_maps, 3, -60, 7, TaskEnd.Failed);
        Add(s_maps, 3, -50, 25, attempt: 1);
    }

    private AdviceShape[] Advice(int slots = 4) => Detail(slots).Advice;

    private JobDetail Detail(int slots = 4) => JobFigures.Of(_recording, At(1000), slots);

    private void Add(LineageId output, int partition, int began, int took, TaskEnd end = TaskEnd.Succeeded, int attempt = 0, long read = 0) => _recording.Add(
        new WorkerId("w"), output, new TaskRow
        {
            Began = At(began).UtcTicks,
            Took = took * TimeSpan.TicksPerMillisecond,
            Partition = partition,
            Attempt = (ushort)attempt,
            End = (byte)end,
            ShuffleRead = read,
        });

    private static DateTimeOffset At(int milliseconds) => new DateTimeOffset(2026, 11, 30, 0, 0, 0, TimeSpan.Zero).AddMilliseconds(milliseconds);
}
