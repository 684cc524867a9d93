using System.Text;
using System.Text.Json;
using MicroSpark.Grains.Archive;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Figures;
using MicroSpark.Model;
using MicroSpark.Plans;
using MicroSpark.Tasks;

namespace MicroSpark.Tests.Archive;

/// <summary>What a log says of a job is read again as it was written, in pieces of any size and with anything in between.</summary>
public sealed class JobLogTests
{
    private const string Hostile = "</script>\n<img src=x onerror=alert(1)> \"\\\u2028";

    private static readonly DateTimeOffset s_start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly JobId s_job = new(new Guid(1, 2, 3, new byte[8]));
    private static readonly LineageId s_output = new(1, 2);
    private static readonly WorkerId s_worker = new("127.0.0.1:1@2");
    private static readonly JobSummary s_summary = new(
        s_job, default, Hostile, "group", 7, 8, JobPhase.Failed, 0, 1, 2, 3, s_start, s_start + TimeSpan.FromSeconds(9), Hostile,
        new TaskTraffic(1, 2, 3, 4, 5, 6), Owner: "ann");

    private static readonly TaskSpan[] s_tasks =
    [
        new(0, default, 0, s_start, TimeSpan.FromTicks(12_345_678), TaskEnd.Succeeded, 10, 20, new TaskTraffic(1, 2, 3, 4, 5, 6), null, false, Hostile, 4000),
        new(1, default, 0, s_start, TimeSpan.FromSeconds(2), TaskEnd.Failed, 0, 0, default, Hostile, false),
        new(1, default, 1, s_start + TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(1), TaskEnd.Succeeded, 1, 2, default, null, true),
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1_000_000)]
    public void A_log_is_read_as_it_was_written(int piece)
    {
        var recording = Read(Log(), piece, out var whole);
        Assert.True(whole);
        Assert.True(recording.IsRead);
        Assert.Equal(s_summary, recording.Summary);
        var part = Assert.Single(recording.Workers);
        Assert.Equal(s_worker, part.Worker);
        Assert.Equal([0, 1, 0], part.Rows.Select(row => (int)row.Lane));
        Assert.Equal(
            s_tasks.Select(task => task with { Key = null, KeyValues = 0 }),
            part.Rows.Select(row => row.Span(row.End == (byte)TaskEnd.Failed ? Hostile : null)));
        Assert.Equal((0, Hostile, 4000), Assert.Single(recording.Keys).Value);
        Assert.Equal(new TaskNote(s_start, 1, 0, s_worker, TaskEnd.Failed, true, Hostile), Assert.Single(recording.Notes).Note);
        Assert.Equal(("Map", Hostile), (recording.Failures[0].Trouble.Operator, recording.Failures[0].Trouble.Stack));
        Assert.Equal([Hostile], Assert.Single(recording.Plan).Sources);
        var stage = Assert.Single(JobFigures.Of(recording, s_start, 2).Stages);
        Assert.Equal((1, 1, 0, 1), (stage.Tasks, stage.Failed, stage.Reused, stage.Copies));
        Assert.Equal((5L << 20, Hostile, true), (stage.CapturedBytes, stage.CapturedAt, stage.Debug));
    }

    [Fact]
    public void The_last_line_says_what_lists_show()
    {
        var line = Encoding.UTF8.GetString(Log()).TrimEnd('\n').Split('\n')[^1];
        using var document = JsonDocument.Parse(line);
        Assert.Equal(s_summary, JobLogReader.Summary(document.RootElement));
    }

    [Fact]
    public void What_is_no_event_is_left_out()
    {
        var damaged = Encoding.UTF8.GetBytes(
            "no json\n{}\n[1]\n{\"event\":\"task-ended\",\"output\":\"zz\"}\n{\"event\":\"of later\"}\n{\"event\":7}\n");
        var recording = Read([.. damaged, .. Log()], 100, out var whole);
        Assert.True(whole);
        Assert.Equal(3, recording.Count);
    }

    [Fact]
    public void A_log_that_was_cut_off_or_is_of_another_job_is_not_the_jobs()
    {
        Read(Log()[..^20], 100, out var whole);
        Assert.False(whole);
        var reader = new JobLogReader(new JobRecording(JobId.New()));
        reader.Add(Log());
        Assert.False(reader.End());
    }

    private static JobRecording Read(byte[] log, int piece, out bool whole)
    {
        var recording = new JobRecording(s_job);
        var reader = new JobLogReader(recording);
        foreach (var part in log.Chunk(piece))
        {
            reader.Add(part);
        }

        whole = reader.End();
        return recording;
    }

    private static byte[] Log()
    {
        using var file = new MemoryStream();
        using var log = new JobLogWriter(file, s_job);
        log.Started(s_summary, [new StageOutline(0, s_output, "Map", OutputKind.Result, 3, [], ["Map"], [Hostile], 5 << 20, Hostile, Debug: true)]);
        foreach (var task in s_tasks)
        {
            var failed = task.End == TaskEnd.Failed;
            log.Ended(s_output, 0, s_worker, task, failed ? "Map" : null, failed ? Hostile : null);
        }

        log.Noted(s_output, 0, new TaskNote(s_start, 1, 0, s_worker, TaskEnd.Failed, true, Hostile));
        log.Missed(s_start, s_worker, 2);
        log.Completed(s_start, s_output, 0, 3);
        log.Ended(s_summary);
        Assert.Equal(file.Length, log.Length);
        return file.ToArray();
    }
}
