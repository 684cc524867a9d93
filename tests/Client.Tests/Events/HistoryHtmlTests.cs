using MicroSpark.Client.Events;

namespace MicroSpark.Tests.Events;

/// <summary>A log as one HTML file, which asks nobody for anything.</summary>
public sealed class HistoryHtmlTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_log_is_written_as_a_file_that_only_its_owner_reads()
    {
        var (log, page) = (_folder.File("jobs.jsonl"), _folder.File("jobs.html"));
        var ran = await ConsoleRun.OfAsync("run", "pi", "2", "--event-log", log);
        var run = await ConsoleRun.OfAsync("history", log, "--html", page);

        Assert.Equal((0, 0), (ran.ExitCode, run.ExitCode));
        Assert.Contains("shows 1 job", run.Error, StringComparison.Ordinal);
        var html = await File.ReadAllTextAsync(page);
        Assert.Contains("\"sources\":[\"Pi.cs:", html, StringComparison.Ordinal);
        Assert.DoesNotContain("http://", html.Replace("http://www.w3.org/", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.DoesNotContain("https://", html, StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(page));
        }
    }

    [Fact]
    public async Task A_file_for_others_has_no_values()
    {
        const string Ids = "\"time\":\"2026-01-02T03:04:05Z\",\"job\":\"4ece5bf95aab40f6a9dec1676ed3dba7\"";
        var output = new string('a', 64);
        var stage = $"{Ids},\"output\":\"{output}\",\"stage\":0";
        const string Rest = "\"started\":\"2026-01-02T03:04:05Z\",\"worker\":\"w\",\"attempt\":0,\"records\":1,\"bytes\":1,\"inputBytes\":0,"
            + "\"shuffleReadBytes\":0,\"remoteReadBytes\":0,\"shuffleWrittenBytes\":0,\"spilledBytes\":0";
        var log = _folder.Write("jobs.jsonl", $$"""
            {"event":"worker-joined","time":"2026-01-02T03:04:05Z","worker":"w","name":"w","address":"w","slots":2,"memoryBudget":1}
            {"event":"job-started",{{Ids}},"name":"CountAsync","group":null,"stages":[{"stage":0,"output":"{{output}}","operator":"GroupByKey","kind":"shuffle","partitions":2,"parents":[]}]}
            {"event":"task-ended",{{stage}},"partition":0,"result":"failed","milliseconds":1,{{Rest}},"error":"sesame error"}
            {"event":"task-ended",{{stage}},"partition":0,"result":"succeeded","milliseconds":9000,{{Rest}},"key":"sesame key","keyValues":4000}
            {"event":"task-ended",{{stage}},"partition":1,"result":"succeeded","milliseconds":10,{{Rest}}}
            {"event":"task-noted",{{stage}},"partition":0,"attempt":0,"result":"failed","again":true,"reason":"sesame reason"}
            {"event":"job-ended",{{Ids}},"state":"failed","milliseconds":9000,"error":"sesame end"}

            """);
        var (all, less) = (_folder.File("all.html"), _folder.File("less.html"));
        Assert.Equal(0, (await ConsoleRun.OfAsync("history", log, "--html", all)).ExitCode);
        Assert.Equal(0, (await ConsoleRun.OfAsync("history", log, "--html", less, "--without-values")).ExitCode);
        var (own, others) = (await File.ReadAllTextAsync(all), await File.ReadAllTextAsync(less));
        Assert.All(["sesame error", "\"key\":\"sesame key\"", "sesame reason", "sesame end", "u0027sesame key"], value => Assert.Contains(value, own, StringComparison.Ordinal));
        Assert.DoesNotContain("sesame", others, StringComparison.Ordinal);
        Assert.Contains("(for admins and who has the cluster\\u0027s own secret) alone has 4,000 values", others, StringComparison.Ordinal);

        var run = await ConsoleRun.OfAsync("history", log, "--without-values");
        Assert.Equal((2, ""), (run.ExitCode, run.Out));
    }

    [Fact]
    public async Task A_place_that_cannot_be_written_is_named()
    {
        var log = _folder.Write("jobs.jsonl", """{"event":"worker-lost","time":"2026-01-02T03:04:05Z","worker":"w"}""" + "\n");
        var run = await ConsoleRun.OfAsync("history", log, "--html", _folder.File("none/jobs.html"));
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("Give a file in a folder that you may write to.", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_log_without_a_job_has_a_page_too() => Assert.Contains("id=\"recorded\"", HistoryHtml.Of(new JobHistory()), StringComparison.Ordinal);
}
