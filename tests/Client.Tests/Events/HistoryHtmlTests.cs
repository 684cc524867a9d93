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
