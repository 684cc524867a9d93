using System.Diagnostics;

namespace MicroSpark.Bench.Workloads;

/// <summary>
/// From nothing to the first result: a program of one file that names the package, run by <c>dotnet run app.cs</c>. The packages of this
/// repository are packed into a feed of a folder; those of others are in the folder where the build has put them, as another feed. So no
/// network is measured, and all packages are unpacked anew. The program says that it is not for native AOT: else the SDK wants the
/// compiler for that, before it has read the package, which says so too.
/// </summary>
/// <param name="isCold">Whether the user has neither packages nor anything built, or runs the program again.</param>
internal sealed class FrontDoor(bool isCold) : IWorkload
{
    private const string Answer = "999000";

    private readonly TemporaryFolder _folder = new();

    public string Name => isCold ? "front-door-cold" : "front-door-warm";

    public string Description => isCold
        ? "dotnet run app.cs with an empty package cache, from local feeds, to the result of a first job"
        : "the same program again: nothing has changed since it ran";

    public IReadOnlyList<Bound> AtLeast => [];

    public IReadOnlyList<Bound> Goal => [Bound.Milliseconds(isCold ? 60_000 : 3_000)];

    public int WarmUps => isCold ? 0 : 1;

    public string Asked => "front-door";

    public async Task<IReadOnlyList<Contender>> PrepareAsync(Contexts contexts)
    {
        var repository = Repository();
        var feed = _folder.File("feed");
        using (var pack = Start(repository, Path.Join(repository, "eng", "pack.sh"), feed))
        {
            await pack.StandardOutput.ReadToEndAsync();
            await pack.WaitForExitAsync();
            if (pack.ExitCode != 0)
            {
                throw new InvalidOperationException($"eng/pack.sh ended with {pack.ExitCode}.");
            }
        }

        var version = Path.GetFileNameWithoutExtension(Directory.GetFiles(feed, "MicroSpark.Tool.*.nupkg").Single())["MicroSpark.Tool.".Length..];
        var had = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Join(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        var program = Directory.CreateDirectory(_folder.File("program")).FullName;
        await File.WriteAllTextAsync(Path.Join(program, "nuget.config"), $"""
            <configuration>
              <packageSources><clear /><add key="feed" value="{feed}" /><add key="had" value="{had}" /></packageSources>
            </configuration>
            """);
        await File.WriteAllTextAsync(Path.Join(program, "app.cs"), $"""
            #:package MicroSpark@{version}
            #:property PublishAot=false
            using MicroSpark;

            await using var spark = await MicroSparkContext.StartLocalAsync();
            Console.WriteLine(await spark.Range(1000).Map(n => n * 2).SumAsync());
            """);
        if (!isCold)
        {
            await RunAsync(program);
        }

        return
        [
            new Contender(Contender.Ours, () => RunAsync(program))
            {
                Before = () =>
                {
                    if (isCold)
                    {
                        Directory.CreateDirectory(_folder.File("home"));
                        Directory.Delete(_folder.File("home"), recursive: true);
                    }

                    return Task.CompletedTask;
                },
            },
        ];
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    private static string Repository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Join(folder.FullName, "MicroSpark.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("This is measured in a clone of the repository.");
    }

    /// <summary>Until the result is on the screen: what ends afterwards nobody waits for.</summary>
    private async Task<Outcome> RunAsync(string folder)
    {
        // A folder that is not there counts as none.
        Directory.CreateDirectory(_folder.File("home/data"));
        var clock = Stopwatch.StartNew();
        using var run = Start(folder, "dotnet", "run", "app.cs");
        var line = await run.StandardOutput.ReadLineAsync();
        var elapsed = clock.Elapsed;
        await run.StandardOutput.ReadToEndAsync();
        await run.WaitForExitAsync();
        return line == Answer
            ? new Outcome(line, elapsed, Cpu: TimeSpan.Zero) // its children have most of it, and nobody adds that up
            : throw new InvalidOperationException($"The program said '{line}' and ended with {run.ExitCode}; expected {Answer}.");
    }

    private Process Start(string folder, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true };
        if (program == "dotnet")
        {
            start.Environment["NUGET_PACKAGES"] = _folder.File("home/packages");
            start.Environment["XDG_DATA_HOME"] = _folder.File("home/data");
            start.Environment["DOTNET_CLI_HOME"] = _folder.File("home");
        }

        start.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
        start.Environment["DOTNET_NOLOGO"] = "1";

        // No server stays behind.
        start.Environment["UseSharedCompilation"] = "false";
        start.Environment["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0";
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        return Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
    }
}
