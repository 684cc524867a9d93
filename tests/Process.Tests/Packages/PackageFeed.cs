using MicroSpark.Tests.Infrastructure;

namespace MicroSpark.Tests.Packages;

/// <summary>
/// The packages of what is built here, as a feed of a folder, and a place of somebody who has the SDK and nothing of MicroSpark: an empty
/// package cache, an empty home. Packages of others are taken from where the build of this repository has put them, so nothing is
/// fetched.
/// </summary>
public sealed class PackageFeed : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("microspark-packages-");

    public string Feed => Path.Combine(_folder.FullName, "feed");

    public static string Repository
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(folder.FullName, "MicroSpark.sln")))
            {
                folder = folder.Parent!;
            }

            return folder.FullName;
        }
    }

    /// <summary>Where the build of this repository has put what it is made of.</summary>
    public static string Had => Environment.GetEnvironmentVariable("NUGET_PACKAGES")
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    /// <summary>The only version in the feed.</summary>
    public string Version => Path.GetFileNameWithoutExtension(Directory.GetFiles(Feed, "MicroSpark.Tool.*.nupkg").Single())["MicroSpark.Tool.".Length..];

    /// <summary>Where the SDK keeps what it builds of programs of one file.</summary>
    public string Data => Place("home/data");

    public async Task InitializeAsync()
    {
        // A folder that is not there counts as none.
        Directory.CreateDirectory(Data);
        await RunAsync(Repository, Path.Combine(Repository, "eng", "pack.sh"), Feed, "--no-build");
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "nuget.config"), $"""
            <configuration>
              <packageSources><clear /><add key="feed" value="{Feed}" /></packageSources>
              <fallbackPackageFolders><clear /><add key="had" value="{Had}" /></fallbackPackageFolders>
            </configuration>
            """);
    }

    public Task DisposeAsync()
    {
        _folder.Delete(recursive: true);
        return Task.CompletedTask;
    }

    public string Place(string name) => Path.Combine(_folder.FullName, name);

    /// <summary>Runs what must succeed, from a place of this user.</summary>
    public Task<string> DotnetAsync(string place, params string[] arguments) => RunAsync(Place(place), "dotnet", arguments);

    public async Task<string> RunAsync(string folder, string program, params string[] arguments)
    {
        Directory.CreateDirectory(folder);
        await using var process = Start(folder, program, arguments);
        var code = await process.WaitForExitAsync();
        Assert.True(code == 0, $"{program} {string.Join(' ', arguments)} ended with {code}:\n{process.Output}\n{process.Errors}");
        return process.Output;
    }

    internal ChildProcess Start(string folder, string program, params string[] arguments) => ChildProcess.Start(
        program, arguments,
        new Dictionary<string, string>
        {
            // Nothing is left in the user's home, and no compiler that waits for more.
            ["XDG_DATA_HOME"] = Data,
            ["UseSharedCompilation"] = "false",
            ["NUGET_PACKAGES"] = folder == Repository ? Had : Place("packages"),
            ["DOTNET_CLI_HOME"] = Place("home"),
            ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1",
            ["DOTNET_NOLOGO"] = "1",
            ["DOTNET_SKIP_FIRST_TIME_EXPERIENCE"] = "1",
            ["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0",
            ["MSBUILDDISABLENODEREUSE"] = "1",
        },
        folder);
}

/// <summary>The tests that use the packages: they are made once, and the tests run one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class PackageCollection : ICollectionFixture<PackageFeed>
{
    public const string Name = "packages";
}
