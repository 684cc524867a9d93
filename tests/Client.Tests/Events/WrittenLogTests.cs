using System.Runtime.CompilerServices;
using MicroSpark.Client.Events;

namespace MicroSpark.Tests.Events;

/// <summary>
/// Event logs that each version of the past wrote are read by this one. They lie in the folder Written, and whoever gives out a version adds one:
/// a shell's with several jobs, of which one fails.
/// </summary>
public sealed class WrittenLogTests
{
    [Theory]
    [InlineData("1.0.0", "CountAsync Succeeded 6", "TakeAsync Succeeded 10", "TakeAsync Succeeded 2", "SumAsync Failed 3")]
    public async Task A_log_of_a_version_is_read_whole(string version, params string[] jobs)
    {
        var path = Path.Join(Folder(), $"{version}.jsonl");
        var history = JobHistory.Read(path);

        Assert.Equal(0, history.Unreadable);
        Assert.Equal(jobs, history.Jobs.Select(static job => $"{job.Start.Name} {job.End?.State} {job.Stages.Sum(static stage => stage.Tasks.Count)}"));
        Assert.All(await File.ReadAllLinesAsync(path), static line => Assert.NotNull(EventJson.Read(System.Text.Encoding.UTF8.GetBytes(line))));

        var report = await ConsoleRun.OfAsync("history", path);
        Assert.Equal((0, ""), (report.ExitCode, report.Error));
        Assert.Contains("Attempted to divide by zero", report.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_log_that_lies_there_is_read() =>
        Assert.Equal(["1.0.0.jsonl"], Directory.GetFiles(Folder()).Select(Path.GetFileName).Order(StringComparer.Ordinal));

    private static string Folder([CallerFilePath] string here = "") => Path.Join(Path.GetDirectoryName(here), "Written");
}
