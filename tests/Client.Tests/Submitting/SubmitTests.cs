using MicroSpark.Client.Commands;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace MicroSpark.Tests.Submitting;

/// <summary>A program given to <c>submit</c> runs as it would alone: its arguments, its libraries, its exit code.</summary>
public sealed class SubmitTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("submit app.dll --top 3", "submit app.dll -- --top 3")]
    [InlineData("submit --local 2 --set a=b app.dll --local x", "submit --local 2 --set a=b app.dll -- --local x")]
    [InlineData("submit --cluster app.dll", "submit --cluster app.dll --")]
    [InlineData("submit app.dll -- x", "submit app.dll -- -- x")]
    [InlineData("submit --help", "submit --help")]
    [InlineData("wordcount submit --top 3", "wordcount submit --top 3")]
    public void The_programs_arguments_are_its_own(string given, string expected) =>
        Assert.Equal(expected.Split(' '), SubmitCommand.SeparateProgramArguments(given.Split(' ')));

    [Fact]
    public async Task A_file_that_is_no_assembly_is_refused()
    {
        var run = await ConsoleRun.OfAsync("submit", _folder.Write("text.dll", "not an assembly"));

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("text.dll is no .NET assembly", run.Error);
    }

    [Fact]
    public async Task A_library_is_refused()
    {
        var run = await ConsoleRun.OfAsync("submit", Compile("Library", "public class Nothing;", OutputKind.DynamicallyLinkedLibrary));

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("has no Main", run.Error);
    }

    [Fact]
    public async Task The_programs_exit_code_and_libraries_are_met()
    {
        var library = Compile("Helper", "public static class Helper { public static int Twice(int x) => x * 2; }", OutputKind.DynamicallyLinkedLibrary);
        var program = Compile(
            "Program", "await System.Threading.Tasks.Task.Yield(); return Helper.Twice(args.Length);", OutputKind.ConsoleApplication, library);

        Assert.Equal(6, (await ConsoleRun.OfAsync("submit", program, "--a", "b", "--help")).ExitCode);
    }

    [Fact]
    public async Task An_exception_of_the_program_is_a_failed_job()
    {
        var run = await ConsoleRun.OfAsync("submit", Compile(
            "Thrower", "await System.Threading.Tasks.Task.Yield(); Deep(); static void Deep() => throw new System.InvalidOperationException(\"on purpose\");", OutputKind.ConsoleApplication));

        // Its own frames, and none of those that ran it.
        Assert.Equal(1, run.ExitCode);
        var lines = run.Error.TrimEnd().Split('\n');
        Assert.Equal("System.InvalidOperationException: on purpose", lines[0].TrimEnd());
        Assert.Contains("Deep", lines[1]);
        Assert.All(lines.Skip(1), line => Assert.Contains("at Program.<", line));
    }

    [Fact]
    public async Task A_project_is_built_and_run()
    {
        var project = _folder.Write("Counts.csproj", "<Project Sdk=\"Microsoft.NET.Sdk\"><PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework></PropertyGroup></Project>");
        _folder.Write("Main.cs", "return args.Length;");

        Assert.Equal(2, (await ConsoleRun.OfAsync("submit", project, "a", "b")).ExitCode);
        Assert.Equal(3, (await ConsoleRun.OfAsync("submit", Path.GetDirectoryName(project)!, "a", "b", "c")).ExitCode);

        _folder.Write("Main.cs", "return args.Lenght;");
        var broken = await ConsoleRun.OfAsync("submit", project);
        Assert.Equal(2, broken.ExitCode);
        Assert.Contains("does not build", broken.Error);
        Assert.Contains("CS1061", broken.Error);
    }

    [Fact]
    public async Task A_log_needs_a_detached_program()
    {
        var run = await ConsoleRun.OfAsync("submit", "--log", "x.log", "app.dll");

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("--log goes with --detach", run.Error);
    }

    [Theory]
    [InlineData("ConnectAsync()", new string[0], 1)]
    [InlineData("ConnectAsync()", new[] { "--local", "3" }, 3)]
    [InlineData("StartLocalAsync(2)", new string[0], 2)]
    [InlineData("StartLocalAsync(2)", new[] { "--local", "3" }, 3)]
    public async Task The_console_chooses_where_the_programs_jobs_run(string open, string[] options, int workers)
    {
        var program = Compile(
            "Jobs",
            $$"""
            using System.Linq;
            await using var spark = await MicroSpark.MicroSparkContext.{{open}};
            var sum = await spark.Range(10).Map(number => number * 2).CollectAsync();
            return sum.Sum() == 90 ? (await spark.WorkersAsync()).Count : -1;
            """,
            OutputKind.ConsoleApplication);

        Assert.Equal(workers, (await ConsoleRun.OfAsync(["submit", .. options, program])).ExitCode);
    }

    private string Compile(string name, string source, OutputKind kind, params string[] references)
    {
        var framework = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator);
        var compilation = CSharpCompilation.Create(
            name, [CSharpSyntaxTree.ParseText(source)], framework.Concat(references).Select(path => MetadataReference.CreateFromFile(path)),
            new CSharpCompilationOptions(kind, optimizationLevel: OptimizationLevel.Release));
        var file = _folder.File(name + ".dll");
        var result = compilation.Emit(file);
        Assert.True(result.Success, string.Join('\n', result.Diagnostics));
        return file;
    }
}
