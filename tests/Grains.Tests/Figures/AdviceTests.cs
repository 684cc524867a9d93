using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Figures;
using MicroSpark.Grains.History;
using MicroSpark.Model;
using MicroSpark.Plans;
using MicroSpark.Tasks;

namespace MicroSpark.Tests.Figures;

/// <summary>Each rule speaks of what it is about, names the line, and is silent otherwise.</summary>
public sealed class AdviceTests
{
    private static readonly JobId s_job = new(new Guid(1, 2, 3, new byte[8]));
    private static readonly LineageId s_output = new(1, 2);
    private readonly JobRecording _recording = new(s_job);

    [Fact]
    public void An_even_stage_needs_none()
    {
        Add(Enumerable.Range(0, 8).Select(_ => 1000));
        Assert.Empty(Advice());
    }

    [Fact]
    public void One_task_that_takes_nearly_all_is_named()
    {
        Add([100, 100, 5000, 100]);
        var advice = Assert.Single(Advice());
        Assert.Equal(("one-task", 0, "Program.cs:12"), (advice.Kind, advice.Stage, advice.Source));
        Assert.Contains("Partition 2 of 4 took 5 s, the median task 100 ms.", advice.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_slow_partition_of_many_is_skew()
    {
        Add([.. Enumerable.Repeat(400, 12), 3000]);
        Assert.Equal("skew", Assert.Single(Advice()).Kind);
    }

    [Fact]
    public void Short_tasks_are_too_many()
    {
        Add(Enumerable.Repeat(2, 1000));
        Assert.Equal("tiny-partitions", Assert.Single(Advice()).Kind);
    }

    [Fact]
    public void Short_tasks_of_a_short_job_are_left_alone()
    {
        Add(Enumerable.Repeat(1, 300));
        Assert.Empty(Advice());
    }

    [Fact]
    public void Slots_without_a_partition_are_told()
    {
        Add([2000, 2000]);
        Assert.Equal("idle-slots", Assert.Single(Advice(slots: 8)).Kind);
        Assert.Empty(Advice(slots: 2));
    }

    [Fact]
    public void Spilling_is_told_with_its_size()
    {
        Add([700, 700, 700, 700], spilled: 1 << 20);
        Assert.Contains("4.00 MB", Assert.Single(Advice()).Title, StringComparison.Ordinal);
    }

    [Fact]
    public void Outputs_that_were_lost_are_counted()
    {
        Add([700, 700, 700, 700]);
        _recording.Notes.Add((s_output, new TaskNote(DateTimeOffset.UnixEpoch, 1, 0, null, TaskEnd.OutputLost, Again: true, "it was lost")));
        Assert.Equal("recomputed", Assert.Single(Advice()).Kind);
    }

    [Fact]
    public void The_key_that_makes_a_partition_slow_is_named()
    {
        Add([.. Enumerable.Repeat(400, 12), 3000]);
        _recording.Keys[s_output] = (12, "Berlin", 1_234_567);
        Assert.Contains("Key 'Berlin' alone has 1,234,567 values.", Assert.Single(Advice()).Text, StringComparison.Ordinal);

        // The heaviest key is in another partition: it is not why this one is slow.
        _recording.Keys[s_output] = (3, "Berlin", 1_234_567);
        Assert.DoesNotContain("Berlin", Assert.Single(Advice()).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_key_of_the_task_that_takes_nearly_all_is_named()
    {
        Add([100, 100, 5000, 100]);
        _recording.Keys[s_output] = (2, "Berlin", 5000);
        Assert.Contains("Key 'Berlin' alone", Assert.Single(Advice()).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_heavy_key_that_costs_nothing_is_not_told()
    {
        Add(Enumerable.Repeat(700, 8));
        _recording.Keys[s_output] = (2, "Berlin", 5000);
        Assert.Empty(Advice());
    }

    /// <summary>Below twice the median, and when less than a tenth of a second could be saved, a slow partition is no skew.</summary>
    [Theory]
    [InlineData(1000, 1900)]
    [InlineData(10, 190)]
    public void A_partition_that_is_little_slower_is_left_alone(int usual, int slow)
    {
        Add([.. Enumerable.Repeat(usual, 20), slow]);
        Assert.Empty(Advice());
    }

    [Fact]
    public void A_large_capture_is_told_with_its_line()
    {
        Add([700, 700, 700, 700], captured: 12 << 20);
        var advice = Assert.Single(Advice());
        Assert.Equal(("large-capture", "Program.cs:12"), (advice.Kind, advice.Source));
        Assert.Contains("captures 12.0 MB", advice.Title, StringComparison.Ordinal);
        Assert.Contains("each of the 4 tasks", advice.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_debug_build_is_told_once_of_a_job_that_took_a_while()
    {
        Add([700, 700, 700, 700], debug: true);
        _recording.Summary = Summary(TimeSpan.FromSeconds(2));
        Assert.Equal("debug-build", Assert.Single(Advice()).Kind);
        _recording.Summary = Summary(TimeSpan.FromSeconds(0.2));
        Assert.Empty(Advice());
    }

    [Fact]
    public void Tasks_that_failed_are_told()
    {
        Add([700, 700, 700, 700]);
        _recording.Add(new WorkerId("w"), s_output, new TaskRow { Began = TimeSpan.TicksPerDay, Took = 1, Partition = 1, End = (byte)TaskEnd.Failed });
        var advice = Assert.Single(Advice());
        Assert.Equal("failures", advice.Kind);
        Assert.Equal("1 attempt in stage 0 (TextFile → Map) failed and ran again: it cost nearly nothing", advice.Title);
    }

    [Fact]
    public void An_output_that_was_lost_and_not_needed_again_is_left_alone()
    {
        Add([700, 700, 700, 700]);
        _recording.Notes.Add((s_output, new TaskNote(DateTimeOffset.UnixEpoch, 1, 0, null, TaskEnd.OutputLost, Again: false, "it was lost")));
        _recording.Notes.Add((s_output, new TaskNote(DateTimeOffset.UnixEpoch, 1, 0, null, TaskEnd.Superseded, Again: true, "it was slow")));
        Assert.Empty(Advice());
    }

    private static JobSummary Summary(TimeSpan took) => new(
        s_job, default, "CountAsync", null, 1, 1, JobPhase.Succeeded, 1, 1, 4, 4, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch + took, null, default);

    private AdviceShape[] Advice(int slots = 2) => JobFigures.Of(_recording, DateTimeOffset.UnixEpoch, slots).Advice;

    private void Add(IEnumerable<int> milliseconds, long spilled = 0, long captured = 0, bool debug = false)
    {
        var times = milliseconds.ToArray();
        _recording.Learn([new StageOutline(
            0, s_output, "Map", OutputKind.Result, times.Length, [], ["TextFile", "Map"], ["Program.cs:9", "Program.cs:12"], captured,
            captured > 0 ? "Program.cs:12" : null, debug)]);
        for (var i = 0; i < times.Length; i++)
        {
            _recording.Add(new WorkerId("w"), s_output, new TaskRow
            { Began = TimeSpan.TicksPerDay, Took = times[i] * TimeSpan.TicksPerMillisecond, Partition = i, Spilled = spilled, Lane = (ushort)i });
        }
    }
}
