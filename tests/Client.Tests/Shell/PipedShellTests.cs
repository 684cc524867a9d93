namespace MicroSpark.Tests.Shell;

/// <summary>The prompt without a terminal: what is piped in runs line by line, each on top of those before it.</summary>
public sealed class PipedShellTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_lambda_uses_variables_functions_and_records_of_earlier_lines()
    {
        var run = await ShellAsync("""
            record Person(string Name, int Age);
            var factor = 3;
            int Scaled(int x) => x * factor;
            var people = new[] { new Person("Ann", 30), new Person("Bob", 20) };
            await spark.Parallelize(people).Map(p => p with { Age = Scaled(p.Age) }).CollectAsync()
            await spark.Range(4).Map(x => x * factor).SumAsync()
            """);

        Assert.True(run.Error.Length == 0, run.Error);
        Assert.Equal("Name  Age\n----  ---\nAnn    90\nBob    60\n18\n", run.Out.ReplaceLineEndings("\n"));
        Assert.Equal(0, run.ExitCode);
    }

    [Fact]
    public async Task Usings_references_and_comments_may_stand_alone()
    {
        var run = await ShellAsync($"""
            // a comment
            #nullable disable
            using System.Numerics;
            #r "{Path.GetRelativePath(Directory.GetCurrentDirectory(), typeof(Xunit.Assert).Assembly.Location)}"
            using static Xunit.Assert;
            await spark.Range(3).Map(x => new Complex(x, 0).Real).SumAsync()
            Contains("a", "cat");
            """);

        Assert.Equal(("", "3", 0), (run.Error, run.Out.Trim(), run.ExitCode));
    }

    [Fact]
    public async Task Values_are_shown_as_what_they_are()
    {
        var run = await ShellAsync("""
            class Dog { public string Name { get; set; } public int[] Ages; }
            new Dog { Name = "Rex", Ages = new[] { 1, 2 } }
            struct Point { public int X; public int? Y; }
            new[] { new Point { X = 1 }, new Point { X = 20, Y = 3 } }
            "\ta\e[31mb"
            spark.Range(3).CountAsync()
            Task.Run(() => { })
            new[] { ("漢字", 1), ("e\u0301t\u00e9", 2), ("ab", 30), ("🙂", 4) }
            """);

        Assert.Equal(("", 0), (run.Error, run.ExitCode));
        Assert.Equal(
            "Dog { Ages = [1, 2], Name = Rex }\n X     Y\n--  ----\n 1  null\n20     3\n\ta\uFFFD[31mb\n" +
            "Task<long>: not awaited. Write 'await' in front of it.\nTask: not awaited. Write 'await' in front of it.\n" +
            "Item1  Item2\n-----  -----\n漢字       1\ne\u0301té        2\nab        30\n🙂         4\n",
            run.Out.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task The_first_mistake_ends_the_script_with_a_caret_under_it()
    {
        var run = await ShellAsync("""
            1 + 1
            var x = 2 + nothing;
            3 + 3
            """);

        Assert.Equal("2", run.Out.Trim());
        Assert.Equal("var x = 2 + nothing;\n            ^~~~~~~\nerror CS0103: The name 'nothing' does not exist in the current context\n", run.Error.ReplaceLineEndings("\n"));
        Assert.Equal(1, run.ExitCode);
    }

    [Fact]
    public async Task A_variable_that_cannot_travel_does_no_harm_unless_a_lambda_reads_it()
    {
        var run = await ShellAsync("""
            var timer = new Timer(_ => { });
            var n = 1;
            await spark.Range(3).Map(x => x + n).SumAsync()
            await spark.Range(3).Map(x => x + timer.GetHashCode()).SumAsync()
            """);

        Assert.Equal("6", run.Out.Trim());
        Assert.Contains("uses 'timer', which cannot be sent to workers", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", run.Error, StringComparison.Ordinal);
        Assert.Equal(1, run.ExitCode);
    }

    [Fact]
    public async Task A_lambda_that_uses_the_context_is_told_so()
    {
        var run = await ShellAsync("await spark.Range(3).Map(x => spark.DefaultParallelism).SumAsync()");
        Assert.Contains("spark", run.Error, StringComparison.Ordinal);
        Assert.Equal(1, run.ExitCode);
    }

    [Fact]
    public async Task Statements_over_several_lines_run_once_they_are_whole()
    {
        var run = await ShellAsync("""
            foreach (var x in new[] { 1, 2 })
            {
                spark.ToString();
            }
            var text = string.Join(",",
                spark.GetType().Name,
                "x");
            text
            """);

        Assert.Equal("MicroSparkContext,x", run.Out.Trim());
        Assert.Equal(0, run.ExitCode);
    }

    [Fact]
    public async Task An_unfinished_end_is_a_mistake()
    {
        var run = await ShellAsync("1 + 1\nforeach (var x in new[] { 1 }) {");
        Assert.Contains("error CS1513: } expected", run.Error, StringComparison.Ordinal);
        Assert.Equal(1, run.ExitCode);
    }

    [Fact]
    public async Task A_failed_job_names_the_operator_and_the_users_error()
    {
        var run = await ShellAsync("await spark.Range(10).Map(x => 10 / (x - 5)).CollectAsync()");
        Assert.True(run.Error.Contains("Map", StringComparison.Ordinal), run.Error);
        Assert.Contains("DivideByZeroException", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at MicroSpark", run.Error, StringComparison.Ordinal);
        Assert.Equal(1, run.ExitCode);
    }

    [Fact]
    public async Task The_stack_of_a_failure_names_the_prompt()
    {
        var run = await ShellAsync("await spark.Range(0, 10, 1, 1).Map(x => x == 5 ? throw new InvalidDataException($\"bad {x}\") : x).CountAsync()");
        Assert.Matches(@"\nSystem.IO.InvalidDataException: bad 5\r?\n   at Submission#[0-9]+\..* in prompt:line 1\r?\n$", run.Error);

        var refused = await ShellAsync("var timer = new Timer(_ => { });\nspark.Range(3).Map(x => x + timer.GetHashCode())");
        Assert.Contains("(prompt:1)", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Commands_save_load_and_forget()
    {
        var saved = Path.Join(_folder.Path, "saved.csx");
        var run = await ShellAsync($"""
            var a = 20;
            int Twice(int x) => 2 * x;
            :save {saved}
            :reset
            :load {saved}
            Twice(a) + 2
            :type spark.Range(3).Map(x => (x, "a"))
            :quit
            never
            """);

        Assert.Equal("", run.Error);
        Assert.Equal(["42", "Rdd<(long x, string)>"], run.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        Assert.Equal(0, run.ExitCode);
    }

    [Fact]
    public async Task What_was_entered_is_saved_as_a_script_that_runs()
    {
        var saved = Path.Join(_folder.Path, "saved.csx");
        var setup = _folder.Write("setup.csx", "int Half(int x) => Third(x) * 3 / 2;\nint Third(int x) => x / 3;\n");
        var lines = $"""
            :load {setup}
            record Row(int Id);
            new Row(1)
            record Row(int Id, string Name);
            await spark.Parallelize(new Row[] {"{"} new(Half(6), null) {"}"}, 1).CollectAsync()
            """;
        var run = await ShellAsync($"{lines}\n:save {saved}");
        const string Shown = "Row { Id = 1 }\nId  Name\n--  ----\n 3  null\n";
        Assert.Equal(("", Shown, 0), (run.Error, run.Out.ReplaceLineEndings("\n"), run.ExitCode));

        var again = await ConsoleRun.WithInputAsync("Half(8)", "shell", "-i", saved, "--quiet");
        Assert.Equal(("", Shown + "3\n", 0), (again.Error, again.Out.ReplaceLineEndings("\n"), again.ExitCode));
    }

    [Fact]
    public async Task A_mistake_in_a_script_is_told_with_its_place()
    {
        var script = _folder.Write("wrong.csx", "1 + 1\n\nvar x =\n  nothing;\n2");
        var run = await ConsoleRun.WithInputAsync("", "shell", "-i", script);

        Assert.Equal(1, run.ExitCode);
        Assert.Equal("2", run.Out.Trim());
        Assert.Equal($"  nothing;\n  ^~~~~~~\n{script}(4,3): error CS0103: The name 'nothing' does not exist in the current context\n", run.Error.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task After_reset_names_are_gone()
    {
        var run = await ShellAsync("var a = 20;\n:reset\nspark.DefaultParallelism > 0\na");
        Assert.Equal("True", run.Out.Trim());
        Assert.Contains("The name 'a' does not exist", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(":jbos", "Did you mean :jobs?")]
    [InlineData(":job", "No job has run yet.")]
    [InlineData(":job zz", "'zz' is no job id")]
    [InlineData(":job 12", "The cluster knows no job 12")]
    [InlineData(":load", ":load takes FILE.")]
    [InlineData(":quit now", ":quit takes nothing")]
    public async Task A_wrong_command_is_answered(string line, string expected)
    {
        var run = await ShellAsync(line);
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
        Assert.Equal(2, run.ExitCode);
    }

    [Fact]
    public async Task Help_lists_the_commands()
    {
        var run = await ShellAsync(":help");

        Assert.Equal(("", 0), (run.Error, run.ExitCode));
        Assert.All([":help", ":jobs", ":job", ":rdds", ":workers", ":type", ":load", ":save", ":reset", ":quit"], name => Assert.Contains($"\n  {name} ", run.Out.ReplaceLineEndings("\n")));
    }

    [Fact]
    public async Task A_script_given_with_i_runs_first()
    {
        var script = _folder.Write("setup.csx", "var a = 40;\nint Plus(int x) => a + x;\n");
        var run = await ConsoleRun.WithInputAsync("Plus(2)", "shell", "-i", script);
        Assert.Equal("42", run.Out.Trim());

        var missing = await ConsoleRun.WithInputAsync("", "shell", "-i", script + "x");
        Assert.Equal(2, missing.ExitCode);
        Assert.Contains("there is no file", missing.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lists_show_what_the_session_keeps()
    {
        var run = await ShellAsync("""
            var kept = spark.Range(100).SetName("hundred").Cache();
            await kept.CountAsync();
            :rdds
            :workers
            :jobs
            :job
            """);

        Assert.Contains("hundred", run.Out, StringComparison.Ordinal);
        Assert.Contains("MemoryOnly", run.Out, StringComparison.Ordinal);
        Assert.Contains("CountAsync: Succeeded after", run.Out, StringComparison.Ordinal);
        Assert.Equal(0, run.ExitCode);
    }

    /// <summary>Quiet: a job that a busy machine lets run longer than 300 ms would write its summary where a test expects no error.</summary>
    private static Task<ConsoleRun> ShellAsync(string input) => ConsoleRun.WithInputAsync(input, "shell", "--local", "1", "--quiet");
}
