using System.Reflection;
using System.Text;
using System.Text.Json;
using MicroSpark.Client.Events;
using MicroSpark.Driver.Events;
using MicroSpark.Plans;
using MicroSpark.Tasks;

namespace MicroSpark.Tests.Events;

/// <summary>What is written is read again as it was, and later versions may say more.</summary>
public sealed class EventJsonTests
{
    private static readonly DateTimeOffset s_time = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero).AddTicks(1_234_567);
    private static readonly JobId s_job = JobId.New();
    private static readonly LineageId s_lineage = LineageId.Parse(new string('a', 64));

    private static readonly EngineEvent[] s_all =
    [
        new EngineEvent.WorkerJoined(s_time, "w", "Silo \"1\"", "127.0.0.1:1", 4, 1L << 40),
        new EngineEvent.WorkerLost(s_time, "w"),
        new EngineEvent.NoWorker(s_time, TimeSpan.FromTicks(50_012_345), TimeSpan.FromSeconds(60)),
        new EngineEvent.JobStarted(s_time, s_job, "CountAsync", null, [new StagePlan(0, s_lineage, "Cache", OutputKind.Persisted, 3, []), new StagePlan(1, s_lineage, "Größe", OutputKind.Result, 1, [s_lineage]) { Operators = ["Map", "Größe"], Sources = ["Program.cs:12"] }]),
        new EngineEvent.TaskEnded(s_time, s_job, s_lineage, 1, "w", new TaskAttempt(2, 1, TaskEnd.Succeeded, s_time, TimeSpan.FromTicks(123_457), 5, 6, new TaskTraffic(7, 8, 9, 10, 11, 12), null, Copy: true, "a \u001b\"key\"", 5000)),
        new EngineEvent.TaskEnded(s_time, s_job, s_lineage, 1, "w", new TaskAttempt(2, 0, TaskEnd.InputLost, s_time, TimeSpan.Zero, 0, 0, default, "lost\nit")),
        new EngineEvent.TaskNoted(s_time, s_job, s_lineage, 1, 2, 0, "w", TaskEnd.WorkerLost, Again: true, "its worker was lost"),
        new EngineEvent.TaskNoted(s_time, s_job, s_lineage, 1, null, null, null, null, Again: false, "it goes on"),
        new EngineEvent.StageCompleted(s_time, s_job, s_lineage, 1, 3),
        new EngineEvent.BlockMoved(s_time, "w", s_lineage, 4, 100, ToDisk: true),
        new EngineEvent.BlockMoved(s_time, "w", s_lineage, null, 100, ToDisk: false),
        new EngineEvent.EventsMissed(s_time, "w", 9),
        new EngineEvent.JobEnded(s_time, s_job, JobState.Failed, TimeSpan.FromTicks(987_654_321), "it failed"),
    ];

    [Fact]
    public void Every_event_is_read_as_it_was_written()
    {
        Assert.Equal(
            typeof(EngineEvent).GetNestedTypes(BindingFlags.Public | BindingFlags.NonPublic).Where(type => type.IsSubclassOf(typeof(EngineEvent))).ToHashSet(),
            s_all.Select(one => one.GetType()).ToHashSet());
        foreach (var one in s_all)
        {
            var text = Write(one);
            var read = EventJson.Read(Encoding.UTF8.GetBytes(text))!;

            Assert.Equal(one.GetType(), read.GetType());
            Assert.Equal(text, Write(read));
            Assert.DoesNotContain('\n', text);
        }
    }

    [Fact]
    public void The_lines_of_the_document_are_read_and_written_so()
    {
        var lines = File.ReadLines(Path.Combine(Repository(), "docs", "events.md")).Where(line => line.StartsWith("{\"event\"", StringComparison.Ordinal)).ToArray();
        var read = lines.Select(line => EventJson.Read(Encoding.UTF8.GetBytes(line))!).ToArray();

        Assert.Equal(s_all.Select(one => one.GetType()).ToHashSet(), read.Select(one => one.GetType()).ToHashSet());
        Assert.Equal(lines, read.Select(one => Write(one).Replace("+00:00", "Z", StringComparison.Ordinal)));
    }

    [Fact]
    public void Events_of_later_versions_are_skipped() =>
        Assert.Null(EventJson.Read("""{"event":"moon-rose","time":"2026-01-02T03:04:05Z"}"""u8.ToArray()));

    [Theory]
    [InlineData("""{"event":"worker-lost","time":"2026-01-02T03:04:05Z"}""")]
    [InlineData("""{"event":"worker-lost","time":"yesterday","worker":"w"}""")]
    [InlineData("""{"event":"worker-lo""")]
    [InlineData("""[]""")]
    public void What_is_no_event_is_said_to_be_none(string line) =>
        Assert.Throws<FormatException>(() => EventJson.Read(Encoding.UTF8.GetBytes(line)));

    private static string Repository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "MicroSpark.sln")))
        {
            folder = folder.Parent!;
        }

        return folder.FullName;
    }

    private static string Write(EngineEvent one)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            EventJson.Write(json, one);
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }
}
