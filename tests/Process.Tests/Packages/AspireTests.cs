using System.Text.RegularExpressions;

namespace MicroSpark.Tests.Packages;

/// <summary>An app host of the package, as somebody else has it: its workers are the tool, which nobody has fetched before.</summary>
[Collection(PackageCollection.Name)]
public sealed class AspireTests(PackageFeed feed)
{
    [OrchestratorFact]
    public async Task An_app_host_has_two_workers_of_the_tool_and_a_program_that_waits_for_them()
    {
        Directory.CreateDirectory(feed.Place("aspire"));
        await File.WriteAllTextAsync(feed.Place("aspire/AppHost.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
              </PropertyGroup>
              <ItemGroup><PackageReference Include="MicroSpark.Aspire.Hosting" Version="{feed.Version}" /></ItemGroup>
            </Project>
            """);
        await File.WriteAllTextAsync(feed.Place("aspire/Program.cs"), """
            using Aspire.Hosting;
            using Aspire.Hosting.ApplicationModel;
            using MicroSpark;
            using Microsoft.Extensions.DependencyInjection;

            var builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions { Args = args, DisableDashboard = true });
            var spark = builder.AddMicroSpark("spark").WithWorkers(2).WithSetting("Slots", "1");
            var client = builder.AddExecutable(
                "client", "dotnet", ".", "tool", "exec", $"MicroSpark.Tool@{Environment.GetEnvironmentVariable("SPARK_VERSION")}", "--yes", "--", "run", "pi", "--cluster", "--quiet")
                .WithReference(spark).WaitFor(spark);
            await using var app = builder.Build();
            await app.StartAsync();
            var ended = await app.Services.GetRequiredService<ResourceNotificationService>().WaitForResourceAsync(
                "client", change => KnownResourceStates.TerminalStates.Contains(change.Snapshot.State?.Text));
            foreach (var resource in spark.Resource.Workers.Append(client.Resource))
            {
                await foreach (var lines in app.Services.GetRequiredService<ResourceLoggerService>().GetAllAsync(resource))
                {
                    foreach (var line in lines)
                    {
                        Console.WriteLine($"{resource.Name}: {line.Content}");
                    }
                }
            }

            await app.StopAsync();
            return ended.Snapshot.ExitCode ?? 99;
            """);
        await feed.DotnetAsync("aspire", "build", "-c", "Release", "--disable-build-servers");
        await using var host = feed.Start(
            feed.Place("aspire"), "env", $"SPARK_VERSION={feed.Version}", "dotnet", "bin/Release/net10.0/AppHost.dll",
            $"--DcpPublisher:CliPath={Orchestrator()}", $"--DcpPublisher:DashboardPath={Orchestrator()}",
            "--DcpPublisher:WaitForResourceCleanup=true", "--Logging:LogLevel:Default=None");

        Assert.True(await host.WaitForExitAsync() == 0, $"{host.Output}\n{host.Errors}");
        Assert.Equal(2, Regex.Count(host.Output, "^spark-worker-[12]: .*MicroSpark worker ready: ", RegexOptions.Multiline));
        Assert.Matches(new Regex(@"^client: .*3\.1", RegexOptions.Multiline), host.Output);
    }

    private static string Orchestrator()
    {
        var versions = File.ReadAllText(Path.Combine(PackageFeed.Repository, "Directory.Packages.props"));
        var version = Regex.Match(versions, "Include=\"Aspire.Hosting.Orchestration.linux-x64\" Version=\"([^\"]+)\"").Groups[1].Value;
        return Path.Combine(PackageFeed.Had, "aspire.hosting.orchestration.linux-x64", version, "tools", "dcp");
    }
}
