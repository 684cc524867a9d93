using System.IO.Compression;
using System.Reflection.Metadata;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using MicroSpark.Tests.Infrastructure;
using MicroSpark.Tests.Programs;

namespace MicroSpark.Tests.Packages;

/// <summary>From a folder with nothing in it to a result, by each package that a newcomer begins with.</summary>
[Collection(PackageCollection.Name)]
public sealed class PackageTests(PackageFeed feed)
{
    /// <summary>On two silos that behave as strangers: lambdas, a union as a key and struct tuples travel.</summary>
    private const string FSharp =
        """
        open System
        open System.Threading.Tasks
        open MicroSpark

        type Kind = Even | Odd

        let kindOf n = if n % 2L = 0L then Even else Odd

        let run () : Task =
            task {
                let! spark = MicroSparkContext.StartLocalAsync(2)
                let factor = 2L
                let! sums = spark.Range(1000L).Map(fun n -> struct (kindOf n, n * factor)).ReduceByKey(fun a b -> a + b).CollectAsync()
                for struct (kind, sum) in Array.sort sums do
                    Console.WriteLine $"{kind} {sum}"
                let! words = spark.Parallelize([ "to"; "be"; "not"; "that" ]).Filter(fun word -> word.Length = 2).CountAsync()
                Console.WriteLine $"{words} short words"
                do! spark.DisposeAsync()
            }

        [<EntryPoint>]
        let main _ =
            run().Wait()
            0
        """;

    private const string VisualBasic =
        """
        Imports MicroSpark

        Public Enum Kind
            Even
            Odd
        End Enum

        Module Program
            Sub Main()
                RunAsync().GetAwaiter().GetResult()
            End Sub

            Private Async Function RunAsync() As Task
                Dim spark = Await MicroSparkContext.StartLocalAsync(2)
                Dim factor = 2L
                Dim sums = Await spark.Range(1000).Map(Function(n) (Key:=CType(n Mod 2, Kind), Value:=n * factor)).ReduceByKey(Function(a, b) a + b).CollectAsync()
                For Each row In sums.OrderBy(Function(one) one.Key)
                    Console.WriteLine($"{row.Key} {row.Value}")
                Next
                Dim words = Await spark.Parallelize({"to", "be", "not", "that"}).Filter(Function(word) word.Length = 2).CountAsync()
                Console.WriteLine($"{words} short words")
                Await spark.DisposeAsync()
            End Function
        End Module
        """;

    [Fact]
    public async Task A_project_of_the_template_runs_and_one_without_dynamic_code_says_what_to_set()
    {
        await feed.DotnetAsync("console", "new", "install", $"MicroSpark.Templates@{feed.Version}");
        await feed.DotnetAsync("console", "new", "microspark-console", "-n", "First");
        await File.WriteAllTextAsync(feed.Place("console/words.txt"), "to be or not to be");

        var output = await feed.DotnetAsync("console/First", "run", "-c", "Release", "--disable-build-servers", "--", "../words.txt");

        Assert.Equal(["2  be", "2  to", "1  not", "1  or"], output.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));

        var built = feed.Place("console/First/bin/Release/net10.0");

        // What a program takes along for MicroSpark: docs/install.md says of what it is made.
        Assert.Equal(
            ["linux-arm64", "linux-musl-arm64", "linux-musl-x64", "linux-x64", "osx-arm64", "osx-x64", "win", "win-arm64", "win-x64"],
            Directory.GetDirectories(Path.Combine(built, "runtimes")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.InRange(Directory.EnumerateFiles(built, "*", SearchOption.AllDirectories).Sum(file => new FileInfo(file).Length), 1, 36L << 20);
        Assert.Equal(
            ["MicroSpark.Core.dll", "MicroSpark.Grains.dll", "MicroSpark.dll"],
            Directory.GetFiles(built, "MicroSpark*.dll").Select(Path.GetFileName).Order(StringComparer.Ordinal));
        var config = Path.Combine(built, "First.runtimeconfig.json");
        var json = JsonNode.Parse(await File.ReadAllTextAsync(config))!;
        json["runtimeOptions"]!["configProperties"]!["System.Runtime.CompilerServices.RuntimeFeature.IsDynamicCodeSupported"] = false;
        await File.WriteAllTextAsync(config, json.ToJsonString());
        await using var refused = feed.Start(built, "dotnet", "First.dll");
        Assert.NotEqual(0, await refused.WaitForExitAsync());
        Assert.Contains("#:property PublishAot=false", refused.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("fsproj", "Program.fs", FSharp)]
    [InlineData("vbproj", "Program.vb", VisualBasic)]
    public async Task A_program_in_another_language_runs(string project, string file, string source)
    {
        Directory.CreateDirectory(feed.Place(project));
        await File.WriteAllTextAsync(feed.Place($"{project}/{file}"), source);
        await File.WriteAllTextAsync(feed.Place($"{project}/appsettings.json"), """{ "MicroSpark": { "Isolation": "Simulated" } }""");
        await File.WriteAllTextAsync(feed.Place($"{project}/App.{project}"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework></PropertyGroup>
              <ItemGroup Condition="'$(MSBuildProjectExtension)' == '.fsproj'"><Compile Include="{file}" /></ItemGroup>
              <ItemGroup><PackageReference Include="MicroSpark" Version="{feed.Version}" /></ItemGroup>
            </Project>
            """);

        var output = await feed.DotnetAsync(project, "run", "-c", "Release", "--disable-build-servers");
        Assert.Equal(
            ["Even 499000", "Odd 500000", "2 short words"], output.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task A_program_of_one_file_runs_optimized()
    {
        Directory.CreateDirectory(feed.Place("file"));

        // By itself the SDK fetches its native compiler for such a file, whether it is used or not; this line spares it that.
        await File.WriteAllTextAsync(feed.Place("file/app.cs"), $"""
            #:package MicroSpark@{feed.Version}
            #:property PublishAot=false
            using MicroSpark;

            await using var spark = await MicroSparkContext.StartLocalAsync();
            Console.WriteLine(await spark.Range(1000).Map(n => n * 2).SumAsync());
            """);
        await using var run = feed.Start(feed.Place("file"), "dotnet", "run", "app.cs");

        Assert.True(await run.WaitForExitAsync() == 0, run.Output + run.Errors);
        Assert.Equal("999000", run.Output.Trim());
        Assert.DoesNotContain("Debug build", run.Errors, StringComparison.Ordinal);
        Assert.Single(Directory.GetDirectories(Path.Combine(feed.Data, "dotnet", "runfile")));
    }

    [Fact]
    public async Task What_a_one_file_program_needs_set_is_set_there_and_nowhere_else()
    {
        Directory.CreateDirectory(feed.Place("set"));
        await File.WriteAllTextAsync(feed.Place("set/App.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <PublishAot>$(AskedAot)</PublishAot>
                <Optimize Condition="'$(AskedOptimize)' != ''">$(AskedOptimize)</Optimize>
              </PropertyGroup>
              <ItemGroup><PackageReference Include="MicroSpark" Version="{feed.Version}" /></ItemGroup>
            </Project>
            """);
        await feed.DotnetAsync("set", "restore", "--disable-build-servers");

        Assert.Equal("false,true,true", await PropertiesAsync("-p:FileBasedProgram=true", "-p:AskedAot=true"));
        Assert.Equal("false,true,false", await PropertiesAsync("-p:FileBasedProgram=true", "-p:AskedAot=true", "-p:AskedOptimize=false"));
        Assert.Equal("true,,false", await PropertiesAsync("-p:AskedAot=true"));
        Assert.Equal(",,false", await PropertiesAsync());

        async Task<string> PropertiesAsync(params string[] asked)
        {
            string[] names = ["PublishAot", "DynamicCodeSupport", "Optimize"];
            var json = await feed.DotnetAsync("set", ["msbuild", .. names.Select(name => $"-getProperty:{name}"), .. asked]);
            return string.Join(',', names.Select(name => (string)JsonNode.Parse(json)!["Properties"]![name]!));
        }
    }

    [Fact]
    public async Task The_tool_counts_words_and_is_a_worker()
    {
        await feed.DotnetAsync("tool", "tool", "install", "MicroSpark.Tool", "--tool-path", feed.Place("tools"));
        var microspark = feed.Place("tools/microspark");
        await File.WriteAllTextAsync(feed.Place("tool/words.txt"), "to be or not to be");

        Assert.Equal(["count  word", "2  be", "2  to"], Lines(await feed.RunAsync(feed.Place("tool"), microspark, "wordcount", "words.txt", "--top", "2", "--quiet")));

        string[] cluster = ["--set", "Membership:Provider=Sqlite", "--set", $"Membership:ConnectionString=Data Source={feed.Place("cluster.db")}", "--set", $"SecretFile={feed.Place("secret")}"];
        await using var worker = feed.Start(feed.Place("tool"), microspark, ["worker", .. cluster]);
        await worker.WaitForLineAsync(line => line.StartsWith("MicroSpark worker ready", StringComparison.Ordinal));
        var counted = await feed.RunAsync(feed.Place("tool"), microspark, ["wordcount", "words.txt", "--top", "1", "--quiet", "--cluster", .. cluster]);
        Assert.Equal(["count  word", "2  be"], Lines(counted));
    }

    /// <summary>NodaTime is one of the packages that the build of this repository has put there.</summary>
    [Fact]
    public async Task The_prompt_brings_a_package_and_says_when_there_is_none()
    {
        Directory.CreateDirectory(feed.Place("prompt"));
        var properties = await File.ReadAllTextAsync(Path.Combine(PackageFeed.Repository, "Directory.Packages.props"));
        var version = Regex.Match(properties, "Include=\"NodaTime\" Version=\"([^\"]+)\"").Groups[1].Value;
        await File.WriteAllTextAsync(feed.Place("prompt/setup.csx"), $"""
            #r "nuget: NodaTime, {version}"
            using NodaTime;
            var hours = await spark.Range(1, 4).Map(n => Duration.FromDays(n).TotalHours).SumAsync();
            """);
        await File.WriteAllTextAsync(feed.Place("prompt/typed.txt"), """
            hours
            Duration.FromHours(hours)
            #r "nuget: MicroSpark.No.Such.Package, 1.0.0"
            """);
        await using var shell = feed.Start(
            feed.Place("prompt"), "sh", "-c", "exec dotnet \"$0\" shell --local 2 --quiet -i setup.csx < typed.txt", Path.Combine(Cli.Folder, "microspark-cli.dll"));

        Assert.Equal(1, await shell.WaitForExitAsync());
        Assert.Equal(["144", "6:00:00:00"], shell.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        Assert.Contains("MicroSpark.No.Such.Package", shell.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("prompt.csproj", shell.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_library_has_its_documents_its_licence_and_its_symbols_with_the_source_inside()
    {
        string[] libraries = ["MicroSpark", "MicroSpark.Core", "MicroSpark.Grains", "MicroSpark.Hosting", "MicroSpark.Testing", "MicroSpark.Aspire.Hosting"];
        foreach (var library in libraries)
        {
            using var package = ZipFile.OpenRead(Path.Combine(feed.Feed, $"{library}.{feed.Version}.nupkg"));
            using var symbols = ZipFile.OpenRead(Path.Combine(feed.Feed, $"{library}.{feed.Version}.snupkg"));
            var names = package.Entries.Select(entry => entry.FullName).ToArray();

            Assert.Contains("README.md", names);
            Assert.Contains($"lib/net10.0/{library}.dll", names);
            Assert.Contains($"lib/net10.0/{library}.xml", names);
            Assert.Contains("<license type=\"expression\">MIT</license>", Text(package, $"{library}.nuspec"), StringComparison.Ordinal);
            Assert.DoesNotContain(PackageFeed.Repository, Text(package, $"lib/net10.0/{library}.dll"), StringComparison.Ordinal);
            AssertHasSources(symbols.GetEntry($"lib/net10.0/{library}.pdb")!);

            // Programs bring nothing of Aspire, and app hosts nothing of MicroSpark's engine.
            string[] needed = [.. Regex.Matches(Text(package, $"{library}.nuspec"), "<dependency id=\"([^\"]+)\"").Select(match => match.Groups[1].Value)];
            if (library == "MicroSpark.Aspire.Hosting")
            {
                Assert.Equal(["Aspire.Hosting"], needed);
            }
            else
            {
                Assert.DoesNotContain(needed, name => Regex.IsMatch(name, "^(Aspire|Polly|Nerdbank)"));
            }
        }
    }

    /// <summary>Named alike on every machine that builds them.</summary>
    private static void AssertHasSources(ZipArchiveEntry symbols)
    {
        var embedded = new Guid("0E8A571B-6926-466E-B4AD-8AB04611F5FE");
        using var packed = symbols.Open();
        using var file = new MemoryStream();
        packed.CopyTo(file);
        file.Position = 0;
        using var pdb = MetadataReaderProvider.FromPortablePdbStream(file);
        var reader = pdb.GetMetadataReader();
        Assert.All(reader.Documents, handle => Assert.StartsWith("/_/", reader.GetString(reader.GetDocument(handle).Name), StringComparison.Ordinal));
        Assert.All(reader.Documents, handle => Assert.Contains(
            reader.GetCustomDebugInformation(handle), found => reader.GetGuid(reader.GetCustomDebugInformation(found).Kind) == embedded));
    }

    [Fact]
    public async Task The_library_brings_its_analyzer()
    {
        Directory.CreateDirectory(feed.Place("rules"));
        await File.WriteAllTextAsync(feed.Place("rules/Rules.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <WarningsAsErrors>MSPARK004</WarningsAsErrors>
              </PropertyGroup>
              <ItemGroup><PackageReference Include="MicroSpark" Version="{feed.Version}" /></ItemGroup>
            </Project>
            """);
        await File.WriteAllTextAsync(feed.Place("rules/Rules.cs"), "using MicroSpark; class Rules { void Of(Rdd<int> rdd) { rdd.CountAsync(); } }");
        await using var build = feed.Start(feed.Place("rules"), "dotnet", "build", "--disable-build-servers");

        Assert.NotEqual(0, await build.WaitForExitAsync());
        Assert.Contains("error MSPARK004", build.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("CS8032", build.Output, StringComparison.Ordinal);
    }

    private static string[] Lines(string output) =>
        [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => string.Join("  ", line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)))];

    private static string Text(ZipArchive package, string entry)
    {
        using var reader = new StreamReader(package.GetEntry(entry)!.Open(), System.Text.Encoding.Latin1);
        return reader.ReadToEnd();
    }
}
