using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using MicroSpark.Tests.Infrastructure;

namespace MicroSpark.Tests.Programs;

/// <summary>The prompt as people use it: at a terminal, on two worker processes.</summary>
[Collection(TwoWorkersCollection.Name)]
public sealed class ShellTests(TwoWorkers workers)
{
    private const string CtrlC = "\u0003";
    private const string CtrlD = "\u0004";
    private const string Up = "\e[A";
    private const string Left = "\e[D";
    private const string Backspace = "\u007f";

    [Fact]
    public async Task A_session_defines_runs_errs_completes_cancels_and_goes_on()
    {
        using var folder = new ProgramFolder();
        await using var shell = Start(folder);
        await shell.WaitForPromptAsync();

        // A record, a function that uses a variable, and an RDD that uses all three.
        await EnterAsync(shell, "record Point(int X, int Y);");
        await EnterAsync(shell, "var factor = 10;");
        await EnterAsync(shell, "int Scaled(int x) => x * factor;");
        await EnterAsync(shell, "var points = spark.Range(4).Map(i => new Point((int)i, Scaled((int)i)));");
        await EnterAsync(shell, "await points.Filter(p => p.Y >= 20).ShowAsync()");
        Assert.Contains("X   Y\n-  --\n2  20\n3  30\nspark>", shell.Text, StringComparison.Ordinal);

        await EnterAsync(shell, "await points.Cont()");
        Assert.Contains("await points.Cont()\n             ^~~~\nerror CS1061", shell.Text, StringComparison.Ordinal);

        // One name goes on from what is typed: it is completed.
        await shell.TypeAsync("await points.CountApproxD\t");
        await shell.WaitAsync(screen => screen.Typing == "spark> await points.CountApproxDistinctAsync");
        await shell.TypeAsync("()");
        await EnterAsync(shell, "");
        Assert.Contains("CountApproxDistinctAsync()\n4", shell.Text, StringComparison.Ordinal);

        // A job that would take hours is cancelled; the prompt comes back, and the workers are free.
        await shell.TypeAsync("await spark.Range(1_000_000_000_000).Filter(x => x % 7 == 8).CountAsync()\r");
        await shell.WaitAsync(screen => screen.Text.Contains("0/", StringComparison.Ordinal));
        await shell.TypeAsync(CtrlC);
        await shell.WaitForPromptAsync();
        Assert.Contains("Cancelled.", shell.Text, StringComparison.Ordinal);
        await EnterAsync(shell, "await spark.Range(1000).SumAsync()");
        Assert.Contains("499500", shell.Text, StringComparison.Ordinal);

        // A line that no job keeps from ending is given up by a second one.
        await shell.TypeAsync("Console.WriteLine($\"a{1}b\"); await new TaskCompletionSource().Task; var lost = 1;\r");
        await shell.WaitAsync(screen => screen.Text.Contains("\na1b", StringComparison.Ordinal));
        await shell.TypeAsync(CtrlC);
        await shell.WaitAsync(screen => screen.Text.Contains("Ctrl-C again gives it up.", StringComparison.Ordinal));
        await shell.TypeAsync(CtrlC);
        await shell.WaitForPromptAsync();
        Assert.EndsWith("\nCancelled.\nspark>", shell.Text, StringComparison.Ordinal);
        await EnterAsync(shell, "await spark.Range(1000).SumAsync()");

        // What was entered is recalled; what is given up is not run.
        await shell.TypeAsync(Up);
        await shell.WaitAsync(screen => screen.Typing == "spark> await spark.Range(1000).SumAsync()");
        await shell.TypeAsync(CtrlC);
        await shell.WaitForPromptAsync();
        await shell.TypeAsync(CtrlD);
        Assert.Equal(0, await shell.WaitForExitAsync());
        Assert.Contains("Scaled", await File.ReadAllTextAsync(folder.File(".microspark/history")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_typed_and_written_stands_where_it_belongs()
    {
        using var folder = new ProgramFolder();
        await using var shell = Start(folder);
        await shell.WaitForPromptAsync();

        // A statement that only wants its semicolon ends with an empty line, and a prompt does not wipe what ran before it wrote.
        await shell.TypeAsync("var n = 40\r");
        await shell.WaitAsync(screen => screen.Typing == "     | ");
        await EnterAsync(shell, "");
        await EnterAsync(shell, "Console.Write($\"no end: {n + 2}\");");
        Assert.EndsWith("\nno end: 42\nspark>", shell.Text, StringComparison.Ordinal);

        // Wide characters take two columns, and each is removed as one.
        await shell.TypeAsync("\"漢🙂字\"" + Left + Left + Backspace);
        await shell.WaitAsync(screen => screen.Typing == "spark> \"漢");
        await EnterAsync(shell, "x");
        Assert.EndsWith("spark> \"漢x字\"\n漢x字\nspark>", shell.Text, StringComparison.Ordinal);

        // A line that is wider than the screen, drawn again at each key.
        var wide = "\"a" + string.Concat(Enumerable.Repeat("漢", 80)) + "\".Length";
        await EnterAsync(shell, wide);
        Assert.EndsWith($"spark> {wide[..57]}\n{wide[57..]}\n81\nspark>", shell.Text, StringComparison.Ordinal);

        await shell.TypeAsync(":wo\t");
        await shell.WaitAsync(screen => screen.Typing == "spark> :workers");
        await EnterAsync(shell, "");
        await EnterAsync(shell, "await spark.Range(10, 1, 2).Map(n => (n % 2, n)).ReduceByKey((a, b) => a + b).CountAsync()");
        await EnterAsync(shell, ":job");
        Assert.Contains("CountAsync: Succeeded after", shell.Text, StringComparison.Ordinal);
        await shell.TypeAsync(CtrlD);
        Assert.Equal(0, await shell.WaitForExitAsync());
    }

    [Fact]
    public async Task A_running_job_has_its_bars_and_with_verbose_its_failures_and_stages()
    {
        using var folder = new ProgramFolder();
        await using var gate = new Gate();
        await using var shell = Start(folder, "--verbose");
        await shell.WaitForPromptAsync();
        await EnterAsync(shell, $"var port = {gate.Port};");
        await EnterAsync(shell, """void Pass(long n) { if (n == 0 && TaskContext.Current.AttemptNumber == 0) throw new Exception("not yet"); using var gate = new System.Net.Sockets.TcpClient("127.0.0.1", port); gate.GetStream().ReadByte(); }""");
        await shell.TypeAsync("await spark.Range(0, 4, 1, 2).Map(n => { Pass(n); return n; }).SumAsync()\r");

        // A bar for the stage, below what is told meanwhile.
        await shell.WaitAsync(screen => Regex.IsMatch(screen.Text, "failed after [^\n]* at prompt:1: System.Exception: no\n?t yet\n(.*\n)*Sum +╌{12} 0/2  2 running$"));
        Assert.Matches(@"\nWorker \S+ at \S+: 2 slots, ", shell.Text);
        Assert.Matches(@"\nStage 0 partition 0 attempt 1 on worker \S+ failed after", shell.Text);
        gate.Open();
        await shell.WaitForPromptAsync();

        // Gone when the job is: its stages, the result and the summary are left.
        Assert.DoesNotContain("╌", shell.Text, StringComparison.Ordinal);
        Assert.Matches(
            @"Job [0-9a-f]{32} SumAsync: Succeeded after (.*\n)+  0 +Sum +Result +2 .*\n(.*\n)+6\n1 job, 1 stage, 2 tasks in .*; 0 B shuffled, 0 B fetched, 0 B spilled, 1 retry\nspark>$",
            shell.Text);
    }

    [Fact]
    public async Task Piped_input_gives_the_same_results_without_colours()
    {
        using var folder = new ProgramFolder();
        var script = folder.File("script.csx");
        await File.WriteAllTextAsync(script, "record P(int X);\nawait spark.Range(3).Map(i => new P((int)i * 2)).CollectAsync()\nmistake\n1\n");
        await using var shell = ChildProcess.Start(
            "sh", ["-c", $"dotnet '{Path.Combine(Cli.Folder, "microspark-cli.dll")}' shell --cluster < '{script}'"], workers.Settings);

        Assert.Equal(1, await shell.WaitForExitAsync());
        Assert.Equal("X\n-\n0\n2\n4\n", shell.Output);
        Assert.EndsWith("mistake\n^~~~~~~\nerror CS0103: The name 'mistake' does not exist in the current context\n", shell.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("--quiet")]
    public async Task Into_a_pipe_progress_is_plain_lines_or_nothing(string options)
    {
        using var folder = new ProgramFolder();
        await using var gate = new Gate();
        var script = folder.File("script.csx");

        // A variable that cannot travel does no harm on a cluster either.
        await File.WriteAllTextAsync(script, $$"""
            var port = {{gate.Port}};
            var timer = new Timer(_ => { });
            await spark.Range(0, 2, 1, 2).Map(n => { using var gate = new System.Net.Sockets.TcpClient("127.0.0.1", port); gate.GetStream().ReadByte(); return n; }).SumAsync()
            """);
        await using var shell = ChildProcess.Start(
            "sh", ["-c", $"dotnet '{Path.Combine(Cli.Folder, "microspark-cli.dll")}' shell --cluster {options} < '{script}'"], workers.Settings);
        await gate.ArrivedAsync();

        // Until it has run long enough to be worth a word.
        await using var spark = await workers.ConnectAsync();
        while ((await spark.JobsAsync()).First(job => job.State == JobState.Running).Duration < TimeSpan.FromMilliseconds(600))
        {
        }

        gate.Open();
        Assert.True(await shell.WaitForExitAsync() == 0, shell.Errors);
        Assert.Equal("1\n", shell.Output);
        if (options.Length > 0)
        {
            Assert.Equal("", shell.Errors);
            return;
        }

        // On a busy machine it takes a while before the first task has begun.
        Assert.Matches(@"^(SumAsync waits for slots .*\n)?(SumAsync stage 0 Sum: [12]/2 tasks.*\n)*1 job, 1 stage, 2 tasks in .*; 0 B shuffled, 0 B fetched, 0 B spilled, 0 retries\n$", shell.Errors);
        Assert.DoesNotContain('\e', shell.Errors);
    }

    [Fact]
    public async Task The_sessions_of_the_document_give_what_it_says()
    {
        using var folder = new ProgramFolder();
        var document = (await File.ReadAllTextAsync(DocumentPath())).ReplaceLineEndings("\n");
        var script = folder.File("sessions.csx");
        await File.WriteAllTextAsync(script, string.Concat(Blocks(document, "spark")));
        await using var shell = ChildProcess.Start("sh", ["-c", $"dotnet '{Path.Combine(Cli.Folder, "microspark-cli.dll")}' shell < '{script}'"]);

        Assert.True(await shell.WaitForExitAsync() == 0, shell.Errors);
        Assert.Equal($"{Blocks(document, "text").Single()}[apple]\nRdd<(long Key, long Value)>\n", shell.Output);
    }

    private static string[] Blocks(string document, string language) =>
        [.. Regex.Matches(document, $@"^```{language}\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline).Select(match => match.Groups[1].Value)];

    private static string DocumentPath([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Join(Path.GetDirectoryName(here), "..", "..", "..", "docs", "shell.md"));

    private TerminalProcess Start(ProgramFolder folder, string options = "") => TerminalProcess.Start(
        $"dotnet '{Path.Combine(Cli.Folder, "microspark-cli.dll")}' shell --cluster {options}",
        new Dictionary<string, string>(workers.Settings) { ["HOME"] = folder.Path });

    /// <summary>Types a line and waits until it has run.</summary>
    private static async Task EnterAsync(TerminalProcess shell, string line)
    {
        var before = Prompts(shell.Text);
        await shell.TypeAsync(line + "\r");
        await shell.WaitAsync(screen => screen.Typing == "spark> " && Prompts(screen.Text) > before);
    }

    private static int Prompts(string text) => text.Split('\n').Count(row => row.StartsWith("spark>", StringComparison.Ordinal));
}
