using System.Diagnostics;
using System.Reflection;
using System.Text.RegularExpressions;
using Aspire.Hosting.ApplicationModel;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace MicroSpark.Tests;

/// <summary>
/// The app hosts of docs/hosting.md, run as they stand up to where they are built: then there is their model, and nothing of it has been
/// started. What starts one is in <see cref="RunTests"/>.
/// </summary>
public sealed class DocumentTests
{
    /// <summary>What the SDK of app hosts adds: usings, and a class for each project that is referenced.</summary>
    private static readonly string s_sdk =
        $$"""
        global using System;
        global using Aspire.Hosting;
        global using Aspire.Hosting.ApplicationModel;

        namespace Projects
        {
            public sealed class Shop_Web : Aspire.Hosting.IProjectMetadata
            {
                public string ProjectPath => @"{{new WebProject().ProjectPath}}";
            }
        }
        """;

    [Fact]
    public void All_of_them_are_here() => Assert.Equal(2, Blocks().Length);

    [Fact]
    public async Task Two_workers_and_a_web_service_that_waits_for_them()
    {
        var resources = ResourcesOf(0);

        Assert.Equal(2, resources.OfType<MicroSparkWorkerResource>().Count());
        var web = Assert.Single(resources.OfType<ProjectResource>());
        var told = await AppHosts.EnvironmentAsync(web);
        Assert.Equal("Sqlite", told["MICROSPARK__MEMBERSHIP__PROVIDER"]);
        Assert.Equal("2", (await AppHosts.EnvironmentAsync(resources.OfType<MicroSparkWorkerResource>().First()))["MICROSPARK__SLOTS"]);
        Directory.Delete(Path.GetDirectoryName(told["MICROSPARK__SECRETFILE"])!, recursive: true);
    }

    [Fact]
    public async Task A_database_and_a_secret_of_the_app()
    {
        var resources = ResourcesOf(1, "--ConnectionStrings:cluster=Host=db", "--Parameters:spark-secret=0123");

        Assert.Equal(3, resources.OfType<MicroSparkWorkerResource>().Count());
        var told = await AppHosts.EnvironmentAsync(Assert.Single(resources.OfType<ProjectResource>()));
        Assert.Equal(("Host=db", "0123"), (told["MICROSPARK__MEMBERSHIP__CONNECTIONSTRING"], told["MICROSPARK__SECRET"]));
    }

    private static IResource[] ResourcesOf(int block, params string[] args)
    {
        using var folder = new AppHosts();
        var main = Compile(folder.Folder, $"AppHost{block}", Blocks()[block]).EntryPoint!;
        var built = new Built();
        using var hosts = DiagnosticListener.AllListeners.Subscribe(built);
        built.Follow();

        var end = Assert.Throws<TargetInvocationException>(() => main.Invoke(null, [args]));

        Assert.True(end.InnerException is BuiltException, $"{end.InnerException}");
        return [.. built.Host!.Services.GetRequiredService<DistributedApplicationModel>().Resources];
    }

    private static Assembly Compile(string folder, string name, string source)
    {
        var platform = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator);
        var compilation = CSharpCompilation.Create(
            name, [CSharpSyntaxTree.ParseText(s_sdk), CSharpSyntaxTree.ParseText(source)],
            platform.Select(path => MetadataReference.CreateFromFile(path)),
            new CSharpCompilationOptions(OutputKind.ConsoleApplication, nullableContextOptions: NullableContextOptions.Enable));
        var file = Path.Combine(folder, $"{name}.dll");
        var emitted = compilation.Emit(file);
        Assert.True(emitted.Success, string.Join('\n', emitted.Diagnostics));
        return Assembly.LoadFrom(file);
    }

    private static string[] Blocks()
    {
        var text = File.ReadAllText(Path.Combine(AppHosts.Repository, "docs", "hosting.md"));
        return [.. Regex.Matches(text, "^```csharp sdk=apphost\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline).Select(block => block.Groups[1].Value)];
    }

    /// <summary>Ends a program where its host is built: hosting tells of that.</summary>
    private sealed class Built : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>
    {
        private readonly AsyncLocal<bool> _follows = new();

        public IHost? Host { get; private set; }

        /// <summary>From here on, and not the hosts of other tests.</summary>
        public void Follow() => _follows.Value = true;

        public void OnNext(DiagnosticListener value)
        {
            if (value.Name == "Microsoft.Extensions.Hosting")
            {
                value.Subscribe(this);
            }
        }

        public void OnNext(KeyValuePair<string, object?> value)
        {
            if (_follows.Value && value is { Key: "HostBuilt", Value: IHost host })
            {
                Host = host;
                throw new BuiltException();
            }
        }

        public void OnCompleted()
        {
        }

        public void OnError(Exception error)
        {
        }
    }

    private sealed class BuiltException : Exception;
}
