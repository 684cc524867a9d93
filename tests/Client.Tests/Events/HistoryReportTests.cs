using System.Text.Json;
using MicroSpark.Client.CommandLine;
using MicroSpark.Client.Commands;
using MicroSpark.Client.Events;
using MicroSpark.Driver.Events;
using MicroSpark.Plans;
using MicroSpark.Tasks;

namespace MicroSpark.Tests.Events;

/// <summary>"Why did this run twice?" is answered by the report of a job, by its JSON and by its log.</summary>
public sealed class HistoryReportTests : IDisposable
{
    /// <summary>As it was written before owners said why.</summary>
    private const string OldLog =
        """
        {"event":"worker-joined","time":"2026-11-23T06:30:04.95Z","worker":"w@1","name":"Silo_1","address":"127.0.0.1:45203","slots":2,"memoryBudget":15165908580}
        {"event":"job-started","time":"2026-11-23T06:30:05.07Z","job":"4ece5bf95aab40f6a9dec1676ed3dba7","name":"CountAsync","group":null,"stages":[{"stage":0,"output":"49a5a96edca31a25ce054cf438f6d922f34b6c5a1a8fba445e0bd30555e8dec0","operator":"CountAsync","kind":"result","partitions":1,"parents":[]}]}
        {"event":"task-ended","time":"2026-11-23T06:30:05.95Z","job":"4ece5bf95aab40f6a9dec1676ed3dba7","output":"49a5a96edca31a25ce054cf438f6d922f34b6c5a1a8fba445e0bd30555e8dec0","stage":0,"partition":0,"attempt":0,"worker":"w@1","result":"input-lost","started":"2026-11-23T06:30:05.42Z","milliseconds":531.0461,"records":0,"bytes":0,"inputBytes":0,"shuffleReadBytes":0,"remoteReadBytes":0,"shuffleWrittenBytes":0,"spilledBytes":0}
        {"event":"task-ended","time":"2026-11-23T06:30:06.05Z","job":"4ece5bf95aab40f6a9dec1676ed3dba7","output":"49a5a96edca31a25ce054cf438f6d922f34b6c5a1a8fba445e0bd30555e8dec0","stage":0,"partition":0,"attempt":1,"worker":"w@1","result":"succeeded","started":"2026-11-23T06:30:05.96Z","milliseconds":31.5,"records":1,"bytes":8,"inputBytes":0,"shuffleReadBytes":0,"remoteReadBytes":0,"shuffleWrittenBytes":0,"spilledBytes":0}
        {"event":"job-ended","time":"2026-11-23T06:30:06.89Z","job":"4ece5bf95aab40f6a9dec1676ed3dba7","state":"succeeded","milliseconds":1811.7763,"error":null}

        """;

    private static readonly JobId s_job = JobId.New();
    private static readonly LineageId s_output = LineageId.Parse(new string('b', 64));
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_log_of_an_earlier_version_is_read_and_has_no_reasons()
    {
        var path = _folder.Write("old.jsonl", OldLog);
        var run = await ConsoleRun.OfAsync("history", path);
        var json = await ConsoleRun.OfAsync("history", path, "--json");

        Assert.Equal((0, "", 0, ""), (run.ExitCode, run.Error, json.ExitCode, json.Error));
        Assert.Contains("CountAsync: Succeeded after 1.81 s", run.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("tried again", run.Out, StringComparison.Ordinal);
        var stage = JsonDocument.Parse(json.Out).RootElement[0].GetProperty("stages")[0];
        Assert.Equal((1, 1), (stage.GetProperty("succeeded").GetInt32(), stage.GetProperty("retries").GetInt32()));
        Assert.False(stage.TryGetProperty("triedAgain", out _));
    }

    /// <summary>A log may come from anybody.</summary>
    [Fact]
    public async Task What_a_log_says_does_nothing_on_the_terminal()
    {
        var path = _folder.Write(
            "hostile.jsonl", OldLog.Replace("CountAsync", "\\u001b[2J\\u202e", StringComparison.Ordinal)
                .Replace("\"group\":null", "\"group\":\"\\u001b[3J\"", StringComparison.Ordinal)
                .Replace("\"error\":null", "\"error\":\"\\u001b[4J\"", StringComparison.Ordinal));
        var run = await ConsoleRun.OfAsync("history", path);

        Assert.Equal(0, run.ExitCode);
        Assert.DoesNotContain(run.Out.ReplaceLineEndings(""), static c => char.IsControl(c) || c == '\u202e');
        Assert.All(new[] { "2J", "3J", "4J" }, code => Assert.Contains(@"\u001b[" + code, run.Out, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Reasons_of_a_log_are_shown_and_are_in_the_json()
    {
        var note = """{"event":"task-noted","time":"2026-11-23T06:30:05.96Z","job":"4ece5bf95aab40f6a9dec1676ed3dba7","output":"49a5a96edca31a25ce054cf438f6d922f34b6c5a1a8fba445e0bd30555e8dec0","stage":0,"partition":0,"attempt":0,"worker":"w@1","result":"input-lost","again":true,"reason":"it found no partition 3"}""";
        var path = _folder.Write("new.jsonl", OldLog + note + "\n");
        var run = await ConsoleRun.OfAsync("history", path);
        var json = await ConsoleRun.OfAsync("history", path, "--json");

        var lines = run.Out.ReplaceLineEndings("\n").Split('\n');
        var title = Array.IndexOf(lines, "Why tasks were tried again");
        Assert.True(title > 0, run.Out);
        Assert.Equal("stage partition attempt worker ended why", Words(lines[title + 2]));
        Assert.Equal("0 0 1 w@1 input-lost it found no partition 3", Words(lines[title + 4]));
        var reason = Assert.Single(JsonDocument.Parse(json.Out).RootElement[0].GetProperty("stages")[0].GetProperty("triedAgain").EnumerateArray());
        Assert.Equal(("input-lost", true), (reason.GetProperty("result").GetString(), reason.GetProperty("again").GetBoolean()));
        Assert.Equal("it found no partition 3", reason.GetProperty("reason").GetString());
    }

    [Fact]
    public void Of_many_reasons_the_newest_are_shown_and_how_many_there_are()
    {
        var job = Job(Enumerable.Range(0, 50).Select(i => Note(i, i % 25, TaskEnd.WorkerLost, again: true)));
        var text = Report(job);

        Assert.Contains("\nWhy tasks were tried again; the newest 20 of 50 reasons\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("reason 29", text, StringComparison.Ordinal);
        Assert.Contains("reason 30", text, StringComparison.Ordinal);
        Assert.Contains("reason 49", text, StringComparison.Ordinal);
    }

    [Fact]
    public void An_attempt_that_goes_on_and_one_that_came_too_late_are_told_apart()
    {
        var text = Report(Job([Note(0, 1, null, again: true), Note(1, 1, TaskEnd.Superseded, again: false)]));

        Assert.Contains("0 1 1 w goes on reason 0", Words(text), StringComparison.Ordinal);
        Assert.Contains("0 1 1 w superseded reason 1", Words(text), StringComparison.Ordinal);
    }

    /// <summary>As <c>microspark job ID</c> asks: what the workers remember.</summary>
    [Fact]
    public async Task A_job_of_the_cluster_tells_why_its_tasks_ran_twice()
    {
        await using var spark = await MicroSparkContext.StartLocalAsync(2, options => (options.Slots, options.Retry.MaxTaskFailures) = (1, 4));
        var count = await spark.Range(0, 10, 1, 2).Map(n => TaskContext.Current!.AttemptNumber > 0 ? n : throw new InvalidDataException("not yet")).CountAsync();
        Assert.Equal(10, count);
        var job = await JobArgument.RecallAsync(spark, (await spark.JobsAsync())[0].Id, CancellationToken.None);

        var text = Report(job);
        Assert.Contains("\nWhy tasks were tried again\n", text, StringComparison.Ordinal);
        Assert.Contains("failed attempt 1 failed, failure 1 of 4 that it may have: System.IO.InvalidDataException: not yet", Words(text), StringComparison.Ordinal);
    }

    private static RecordedJob Job(IEnumerable<EngineEvent> notes)
    {
        var history = new JobHistory();
        history.Add(new EngineEvent.JobStarted(
            DateTimeOffset.UnixEpoch, s_job, "CountAsync", null, [new StagePlan(0, s_output, "CountAsync", OutputKind.Result, 25, [])]));
        foreach (var note in notes)
        {
            history.Add(note);
        }

        return history.Jobs[0];
    }

    private static EngineEvent.TaskNoted Note(int number, int partition, TaskEnd? end, bool again) =>
        new(DateTimeOffset.UnixEpoch.AddSeconds(number), s_job, s_output, 0, partition, 0, "w", end, again, $"reason {number}");

    private static string Report(RecordedJob job)
    {
        using var text = new StringWriter();
        HistoryReport.Write(text, job);
        return text.ToString().ReplaceLineEndings("\n");
    }

    private static string Words(string text) => string.Join(' ', text.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries));
}
