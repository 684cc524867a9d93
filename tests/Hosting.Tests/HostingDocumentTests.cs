using System.Net;
using System.Reflection;
using System.Text.RegularExpressions;
using MicroSpark.Grains.DataPlane;
using Microsoft.Extensions.Hosting;

namespace MicroSpark.Tests;

/// <summary>The programs of docs/hosting.md run as they stand.</summary>
public sealed class HostingDocumentTests : IDisposable
{
    private static readonly string[] s_quiet = ["--urls", "http://127.0.0.1:0", "--Logging:LogLevel:Default", "Warning"];

    private readonly ProgramSources _sources = new();

    [Fact]
    public void All_of_them_are_here() => Assert.Equal(5, Blocks().Length);

    [Fact]
    public async Task The_web_service()
    {
        await using var program = await RunningProgram.StartAsync(Compile(0), s_quiet);
        await PrimesService.AssertAnswersAsync(program);
    }

    [Fact]
    public async Task The_silo_on_one_machine()
    {
        await using var program = await RunningProgram.StartAsync(Compile(1), [.. s_quiet, .. Ports(), "--MicroSpark:Secret", Hosts.Secret]);
        using var client = new HttpClient { BaseAddress = program.Address };

        Assert.Equal("499500", await client.GetStringAsync("/sum"));
    }

    [Fact]
    public async Task The_silo_with_a_database()
    {
        using var database = new SqliteFile();
        await using var program = await RunningProgram.StartAsync(
            Compile(2), [.. s_quiet, .. Ports(), "--ConnectionStrings:Cluster", database.Connection, "--MicroSpark:Secret", Hosts.Secret]);
        using var client = new HttpClient { BaseAddress = program.Address };

        Assert.Equal("499500", await client.GetStringAsync("/sum"));
    }

    [Fact]
    public async Task The_page_of_the_cluster()
    {
        await using var program = await RunningProgram.StartAsync(Compile(3), s_quiet);
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = program.Address };

        var answer = await client.GetAsync("/spark/");

        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.Contains("Login", answer.Headers.Location!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_service_in_the_background()
    {
        await using var program = await RunningProgram.StartAsync(Compile(4), s_quiet);

        await program.Services.OfType<BackgroundService>().Single().ExecuteTask!;
    }

    public void Dispose() => _sources.Dispose();

    private static string[] Ports()
    {
        var free = FreePorts.Find(IPAddress.Any, 2);
        return ["--SiloPort", $"{free[0]}", "--GatewayPort", $"{free[1]}"];
    }

    private Assembly Compile(int block) => _sources.Compile($"HostingBlock{block}", Blocks()[block]);

    private static string[] Blocks()
    {
        var found = Regex.Matches(
            ProgramSources.Read("docs/hosting.md"), "^```csharp sdk=web\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline);
        return [.. found.Select(block => block.Groups[1].Value)];
    }
}
