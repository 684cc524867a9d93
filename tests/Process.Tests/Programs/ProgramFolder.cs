using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace MicroSpark.Tests.Programs;

/// <summary>A folder with small programs that were compiled a moment ago.</summary>
internal sealed class ProgramFolder : IDisposable
{
    private static readonly string[] s_framework = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(System.IO.Path.PathSeparator);

    public string Path { get; } = Directory.CreateTempSubdirectory("microspark-program-").FullName;

    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>A folder for a program's tasks to leave marks in.</summary>
    public DirectoryInfo Marks(string name) => Directory.CreateDirectory(File(name));

    public string Library(string name, string source) => Compile(name, source, OutputKind.DynamicallyLinkedLibrary, OptimizationLevel.Release, []);

    public string Program(string name, string source, OptimizationLevel optimization = OptimizationLevel.Release, params string[] libraries) =>
        Compile(name, source, OutputKind.ConsoleApplication, optimization, libraries);

    /// <summary>Puts what a build puts beside a program, so that it can be started by itself.</summary>
    public void MakeRunnable(string program)
    {
        // One folder may have several programs.
        if (!Directory.Exists(File("runtimes")))
        {
            foreach (var file in Directory.EnumerateFiles(Cli.Folder, "*.dll"))
            {
                System.IO.File.CreateSymbolicLink(File(System.IO.Path.GetFileName(file)), file);
            }

            Directory.CreateSymbolicLink(File("runtimes"), System.IO.Path.Combine(Cli.Folder, "runtimes"));
        }

        foreach (var kind in new[] { "runtimeconfig.json", "deps.json" })
        {
            System.IO.File.Copy(System.IO.Path.Combine(Cli.Folder, $"microspark-cli.{kind}"), System.IO.Path.ChangeExtension(program, kind));
        }
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);

    private string Compile(string name, string source, OutputKind kind, OptimizationLevel optimization, string[] libraries)
    {
        var options = new CSharpCompilationOptions(kind, optimizationLevel: optimization, deterministic: true, allowUnsafe: true);
        var compilation = CSharpCompilation.Create(
            name, [CSharpSyntaxTree.ParseText(Usings), CSharpSyntaxTree.ParseText(source)],
            s_framework.Concat(libraries).Select(path => MetadataReference.CreateFromFile(path)), options);
        var file = File(name + ".dll");
        var result = compilation.Emit(file);
        Assert.True(result.Success, string.Join('\n', result.Diagnostics));
        return file;
    }

    private const string Usings = "global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq; global using System.Threading.Tasks; global using MicroSpark;";
}
