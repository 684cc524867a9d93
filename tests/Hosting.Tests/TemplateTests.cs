using System.Net;
using System.Reflection;
using MicroSpark.Grains.DataPlane;
using MicroSpark.Grains.Membership;

namespace MicroSpark.Tests;

/// <summary>The templates with a host, run as they stand. That of a console program is in the tests of the packages.</summary>
public sealed class TemplateTests : IDisposable
{
    private readonly ProgramSources _sources = new();

    [Fact]
    public async Task The_web_service_answers_with_a_result_and_with_a_stream()
    {
        await using var program = await RunningProgram.StartAsync(
            Compile("web"), "--urls", "http://127.0.0.1:0", "--Logging:LogLevel:Default", "Warning");
        await PrimesService.AssertAnswersAsync(program);
    }

    [Fact]
    public async Task The_worker_computes_for_a_program_that_has_the_database_and_the_secret()
    {
        using var database = new SqliteFile();
        var free = FreePorts.Find(IPAddress.Any, 2);
        await using var program = await RunningProgram.StartAsync(
            Compile("worker"), "--Cluster:ConnectionString", database.Connection, "--Cluster:SiloPort", $"{free[0]}",
            "--Cluster:GatewayPort", $"{free[1]}", "--MicroSpark:Secret", Hosts.Secret, "--Logging:LogLevel:Default", "Warning");
        await using var spark = await MicroSparkContext.ConnectAsync(options =>
        {
            options.Secret = Hosts.Secret;
            (options.Membership.Provider, options.Membership.ConnectionString) = (MembershipProvider.Sqlite, database.Connection);
        });

        Assert.Equal("be=2 not=1 or=1 to=2", await spark.CountAsync());
    }

    public void Dispose() => _sources.Dispose();

    private Assembly Compile(string template) =>
        _sources.Compile($"Template{template}", ProgramSources.Read($"templates/content/{template}/Program.cs"));
}
