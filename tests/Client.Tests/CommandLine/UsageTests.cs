namespace MicroSpark.Tests.CommandLine;

/// <summary>What cannot be meant is answered with exit code 2 and a sentence on standard error, before anything starts.</summary>
public sealed class UsageTests
{
    [Theory]
    [InlineData("wordcount", "Required argument missing")]
    [InlineData("wordcount file --tpo 3", "Did you mean --top?")]
    [InlineData("wordcount file --top -1", "0 or more, not '-1'")]
    [InlineData("wordcount file --top many", "0 or more, not 'many'")]
    [InlineData("wordcount file --local 0", "1 to 64, not '0'")]
    [InlineData("wordcount file --local 2 --cluster", "exclude each other")]
    [InlineData("wordcount file --set Slots", "KEY=VALUE, such as Slots=2, not 'Slots'")]
    [InlineData("wordcuont file", "wordcount")]
    [InlineData("run nothing", "'nothing'")]
    [InlineData("cancel zzz", "'zzz' is no job id")]
    [InlineData("submit no-such.dll", "no-such.dll")]
    [InlineData("", "Required command")]
    public async Task Bad_usage_is_named(string line, string expected)
    {
        var run = await ConsoleRun.OfAsync(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal(2, run.ExitCode);
        Assert.Contains(expected, run.Error);
    }

    [Fact]
    public async Task Help_is_a_result()
    {
        var run = await ConsoleRun.OfAsync("--help");

        Assert.Equal(0, run.ExitCode);
        Assert.Empty(run.Error);
        Assert.All(["wordcount", "run", "submit", "workers", "jobs", "cancel"], name => Assert.Contains($"  {name} ", run.Out));
    }
}
