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
    [InlineData("wordcuont file", "There is no microspark wordcuont. Did you mean wordcount? `microspark --help` lists what there is.")]
    [InlineData("run nothing", "There is no microspark run nothing.")]
    [InlineData("--vesrion", "Did you mean --version?")]
    [InlineData("zzz", "There is no microspark zzz. `microspark --help`")]
    [InlineData("run pgerank x", "Did you mean pagerank?")]
    [InlineData("cancel zzz", "'zzz' is no job id")]
    [InlineData("job zzz", "'zzz' is no job id")]
    [InlineData("logs zzz", "'zzz' is no job id")]
    [InlineData("jbo", "Did you mean job?")]
    [InlineData("histroy file", "Did you mean history?")]
    [InlineData("wordcount file --quite", "Did you mean --quiet?")]
    [InlineData("wordcount file --quiet --verbose", "exclude each other")]
    [InlineData("run pi --evnt-log x", "Did you mean --event-log?")]
    [InlineData("worker --set Slots", "KEY=VALUE")]
    [InlineData("worker --set Secret=s", "MICROSPARK__SECRET")]
    [InlineData("workers --set secret=s", "SecretFile=-")]
    [InlineData("worker --otlp collector:4318", "takes the address of a collector, such as http://localhost:4318, not 'collector:4318'")]
    [InlineData("run pi --otlp ftp://host", "not 'ftp://host'")]
    [InlineData("submit --detahc app.dll", "Did you mean --detach?")]
    [InlineData("history --jsno file", "Did you mean --json?")]
    [InlineData("job --jsno 5750507d15d84af4abe7017732e59acb", "Did you mean --json?")]
    [InlineData("submit no-such.dll", "no-such.dll")]
    [InlineData("", "Required command")]
    public async Task Bad_usage_is_named(string line, string expected)
    {
        var run = await ConsoleRun.OfAsync(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal(2, run.ExitCode);
        Assert.Contains(expected, run.Error);
    }

    [Theory]
    [InlineData("wordcount")]
    [InlineData("run")]
    [InlineData("shell")]
    [InlineData("submit")]
    [InlineData("worker")]
    [InlineData("workers")]
    [InlineData("jobs")]
    [InlineData("job")]
    [InlineData("rdds")]
    [InlineData("cancel")]
    [InlineData("history")]
    [InlineData("bench")]
    public async Task Help_of_a_command_has_examples(string command)
    {
        var run = await ConsoleRun.OfAsync(command, "--help");

        Assert.Equal(0, run.ExitCode);
        var examples = run.Out.Split('\n').Select(line => line.Trim()).SkipWhile(line => !line.StartsWith("Example", StringComparison.Ordinal)).Skip(1).Where(line => line.Length > 0).ToArray();
        Assert.Contains(examples, example => example.Contains($"microspark {command}", StringComparison.Ordinal));
        Assert.All(examples, example => Assert.Contains("microspark ", example));
        Assert.Contains($"microspark {command}", run.Out.Split('\n').SkipWhile(line => line.TrimEnd() != "Usage:").ElementAt(1));
        Assert.DoesNotContain("-cli", run.Out);
    }

    [Fact]
    public async Task Help_is_a_result()
    {
        var run = await ConsoleRun.OfAsync("--help");

        Assert.Equal(0, run.ExitCode);
        Assert.Empty(run.Error);
        Assert.Contains("  microspark [command]", run.Out);
        Assert.All(["wordcount", "run", "shell", "submit", "worker", "workers", "jobs", "job", "rdds", "cancel", "history", "bench"], name => Assert.Contains($"  {name} ", run.Out));
    }
}
