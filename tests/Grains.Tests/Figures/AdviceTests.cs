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
        Assert.Equal(("one-task", 0, "Program.cs:9, Program.cs:12"), (advice.Kind, advice.Stage, advice.Source));
        Assert.Contains("Partition 2 of 4 took 5 s", advice.Text, StringComparison.Ordinal);
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

    private AdviceShape[] Advice(int slots = 2) => JobFigures.Of(_recording, DateTimeOffset.UnixEpoch, slots).Advice;

    private void Add(IEnumerable<int> milliseconds, long spilled = 0)
    {
        var times = milliseconds.ToArray();
        _recording.Learn([new StageOutline(0, s_output, "Map", OutputKind.Result, times.Length, [], ["TextFile", "Map"], ["Program.cs:9", "Program.cs:12"])]);
        for (var i = 0; i < times.Length; i++)
        {
            _recording.Add(new WorkerId("w"), s_output, new TaskRow
            { Began = TimeSpan.TicksPerDay, Took = times[i] * TimeSpan.TicksPerMillisecond, Partition = i, Spilled = spilled, Lane = (ushort)i });
        }
    }
}
