using System.Globalization;
using MicroSpark.Tests.Infrastructure;

namespace MicroSpark.Tests.Packages;

/// <summary>
/// Two patches of one version: what is built here, and the same source as a later patch with methods and lambdas before all others of the
/// classes that declare operators, so that everything that the compiler counts has another number in it.
/// </summary>
[Collection(PackageCollection.Name)]
public sealed class VersionTests(PackageFeed feed)
{
    private const string Answers = "7 100 3775 51 3 1717 5050 10100 50.5 100";

    private const string Added =
        """
        namespace MicroSpark;

        public partial class Rdd<T>
        {
            internal static Func<T, T> Added(T other) => item => other;

            internal static Func<T, bool> AddedToo() => item => false;
        }

        public static partial class PairRdd
        {
            internal static Func<K, K> Added<K>(K other) => item => other;
        }

        public static partial class NumericRdd
        {
            internal static Func<K, K> Added<K>(K other) => item => other;
        }
        """;

    private const string Targets =
        """
        <Project>
          <ItemGroup Condition="'$(MSBuildProjectName)' == 'Core'">
            <Compile Include="$(MSBuildThisFileDirectory)Added.cs" />
          </ItemGroup>
        </Project>
        """;

    private const string Program =
        """
        using System.Net.Sockets;
        using MicroSpark;

        await using var spark = await MicroSparkContext.ConnectAsync(options =>
        {
            options.Membership.Provider = "Sqlite";
            options.Membership.ConnectionString = $"Data Source={args[0]}";
            options.SecretFile = args[1];
        });
        var numbers = spark.Range(1, 101, 1, 6);
        var pairs = numbers.Map(n => (Key: n % 3, Value: n));
        if (args.Length > 2)
        {
            var port = int.Parse(args[2]);
            var job = await spark.SubmitAsync(() => pairs.ReduceByKey((a, b) => a + b).Values().Map(n => Passed(n, port)).SumAsync());
            Console.WriteLine($"sum {await job.ResultAsync()}");
            return;
        }

        Console.WriteLine(string.Join(
            ' ',
            await numbers.Map(n => n % 7).Distinct().CountAsync(),
            (await numbers.SortBy(n => -n).FirstAsync()),
            await pairs.Values().MapPartitions(part => part.Where(n => n > 50)).SumAsync(),
            await numbers.Intersection(spark.Range(50, 150, 1, 3)).CountAsync(),
            (await pairs.CollectAsMapAsync()).Count,
            await pairs.AggregateByKey(0L, (a, n) => a + n, (a, b) => a + b).Values().MaxAsync(),
            await numbers.TreeReduceAsync((a, b) => a + b),
            await (from n in numbers join m in numbers on n equals m select n + m).SumAsync(),
            (await numbers.MeanAsync()).ToString(System.Globalization.CultureInfo.InvariantCulture),
            (await numbers.Map(n => n).GroupBy(n => n).CountAsync())));

        static long Passed(long n, int port)
        {
            using var client = new TcpClient("127.0.0.1", port);
            _ = client.GetStream().ReadByte();
            return n;
        }
        """;

    [Fact]
    public async Task Patches_of_one_version_work_together_and_replace_each_other_under_a_running_job()
    {
        var patch = await PackPatchAsync();
        string[] versions = [feed.Version, patch];
        foreach (var version in versions)
        {
            await feed.DotnetAsync("versions", "tool", "install", "MicroSpark.Tool", "--version", version, "--tool-path", feed.Place($"versions/{version}/tool"));
            await BuildProgramAsync(version);
        }

        using var database = new SqliteDatabase();
        await using var a = await WorkerAsync(feed.Version, database);
        await using var b = await WorkerAsync(feed.Version, database);
        Assert.Equal(Answers, await RunAsync(patch, database));

        await using var gate = new Gate();
        await using var running = Start(feed.Version, database, gate.Port.ToString(CultureInfo.InvariantCulture));
        await gate.ArrivedAsync();
        await using var c = await WorkerAsync(patch, database);
        await StopAsync(a);
        await using var d = await WorkerAsync(patch, database);
        await StopAsync(b);
        gate.Open();
        Assert.True(await running.WaitForExitAsync() == 0, running.Output + running.Errors);
        Assert.Equal("sum 5050", running.Output.Trim());

        Assert.Equal(Answers, await RunAsync(feed.Version, database));
    }

    /// <summary>Into a feed of its own, built in a folder of its own: what is built here stays as it is.</summary>
    private async Task<string> PackPatchAsync()
    {
        var here = Version.Parse(feed.Version);
        var patch = $"{here.Major}.{here.Minor}.{here.Build + 1}";
        var folder = feed.Place("versions");
        Directory.CreateDirectory(Path.Combine(folder, "feed"));
        await File.WriteAllTextAsync(Path.Combine(folder, "Added.cs"), Added);
        await File.WriteAllTextAsync(Path.Combine(folder, "Added.props"), Targets);
        await File.WriteAllTextAsync(Path.Combine(folder, "nuget.config"), $"""
            <configuration><packageSources><add key="patch" value="{folder}/feed" /></packageSources></configuration>
            """);
        foreach (var project in new[] { "Core", "Grains", "Driver", "Client" })
        {
            await feed.RunAsync(
                PackageFeed.Repository, "dotnet", "pack", $"src/{project}", "-c", "Release", "-o", $"{folder}/feed", "--disable-build-servers",
                "-v", "quiet", $"-p:Version={patch}", $"-p:ArtifactsPath={folder}/artifacts", $"-p:CustomBeforeMicrosoftCommonProps={folder}/Added.props",
                "-p:NuGetAudit=false", "-p:TreatWarningsAsErrors=false", "-p:EnforceCodeStyleInBuild=false");
        }

        return patch;
    }

    private async Task BuildProgramAsync(string version)
    {
        Directory.CreateDirectory(feed.Place($"versions/{version}/app"));
        await File.WriteAllTextAsync(feed.Place($"versions/{version}/app/Program.cs"), Program);
        await File.WriteAllTextAsync(feed.Place($"versions/{version}/app/App.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
              </PropertyGroup>
              <ItemGroup><PackageReference Include="MicroSpark" Version="[{version}]" /></ItemGroup>
            </Project>
            """);
        await feed.DotnetAsync($"versions/{version}/app", "build", "-c", "Release", "--disable-build-servers", "-v", "quiet");
    }

    private async Task<ChildProcess> WorkerAsync(string version, SqliteDatabase database)
    {
        var worker = feed.Start(
            feed.Place("versions"), feed.Place($"versions/{version}/tool/microspark"), "worker", "--set", "Membership:Provider=Sqlite", "--set",
            $"Membership:ConnectionString={database.ConnectionString}", "--set", $"SecretFile={database.SecretFile}", "--set", "Slots=2");
        await worker.WaitForLineAsync(static line => line.StartsWith("MicroSpark worker ready", StringComparison.Ordinal));
        return worker;
    }

    private static async Task StopAsync(ChildProcess worker)
    {
        worker.Terminate();
        Assert.True(await worker.WaitForExitAsync() == 0, worker.Output + worker.Errors);
    }

    private ChildProcess Start(string version, SqliteDatabase database, params string[] more) => feed.Start(
        feed.Place("versions"), "dotnet",
        [feed.Place($"versions/{version}/app/bin/Release/net10.0/App.dll"), database.File, database.SecretFile, .. more]);

    private async Task<string> RunAsync(string version, SqliteDatabase database)
    {
        await using var process = Start(version, database);
        Assert.True(await process.WaitForExitAsync() == 0, process.Output + process.Errors);
        return process.Output.Trim();
    }
}
