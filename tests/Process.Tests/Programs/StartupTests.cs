using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace MicroSpark.Tests.Programs;

/// <summary>
/// The console answers at once. What a command loads and the processor time it takes do not depend on what else runs on the machine, as the time
/// on the wall does; a hook in the process tells both at its end.
/// </summary>
public sealed class StartupTests : IDisposable
{
    private const string Hook = """
        using System;
        using System.Linq;

        internal class StartupHook
        {
            public static void Initialize() => AppDomain.CurrentDomain.ProcessExit += (_, _) => Console.Error.WriteLine(
                $"HOOK {Environment.CpuUsage.TotalTime.TotalMilliseconds:F0} {string.Join(' ', AppDomain.CurrentDomain.GetAssemblies().Select(a => a.GetName().Name))}");
        }
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("microspark-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("--help")]
    [InlineData("wordcount --help")]
    [InlineData("wordcuont file")]
    public async Task Help_needs_neither_cluster_nor_compiler(string line)
    {
        var (milliseconds, loaded) = await RunAsync(line.Split(' '));

        Assert.DoesNotContain(loaded, name => name.StartsWith("Orleans", StringComparison.Ordinal) || name.StartsWith("Microsoft.CodeAnalysis", StringComparison.Ordinal));
        Assert.InRange(milliseconds, 1, 500);
    }

    [Fact]
    public async Task A_cold_word_count_of_a_small_file_takes_less_than_three_seconds_of_processor_time()
    {
        var file = Path.Combine(_folder, "words.txt");
        await File.WriteAllTextAsync(file, "to be or not to be");
        var (milliseconds, loaded) = await RunAsync("wordcount", file);

        Assert.DoesNotContain(loaded, name => name.StartsWith("Microsoft.CodeAnalysis", StringComparison.Ordinal));
        Assert.InRange(milliseconds, 1, 3000);
    }

    private async Task<(int Milliseconds, string[] Loaded)> RunAsync(params string[] arguments)
    {
        var hook = Path.Combine(_folder, "Hook.dll");
        var platform = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator);
        var result = CSharpCompilation.Create(
            "Hook", [CSharpSyntaxTree.ParseText(Hook)], platform.Select(path => MetadataReference.CreateFromFile(path)),
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary)).Emit(hook);
        Assert.True(result.Success, string.Join('\n', result.Diagnostics));
        var (_, _, error) = await Cli.RunAsync(new Dictionary<string, string> { ["DOTNET_STARTUP_HOOKS"] = hook }, arguments);
        var told = Assert.Single(error.Split('\n'), text => text.StartsWith("HOOK ", StringComparison.Ordinal)).Trim().Split(' ');
        return (int.Parse(told[1], CultureInfo.InvariantCulture), told[2..]);
    }
}
