using System.Text.Json;
using System.Text.RegularExpressions;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace MicroSpark.Tests;

/// <summary>An app host that runs, by Aspire's orchestrator and without containers.</summary>
public sealed class RunTests : IDisposable
{
    /// <summary>More than a busy machine takes to start two workers.</summary>
    private static readonly TimeSpan s_hang = TimeSpan.FromMinutes(3);

    private readonly AppHosts _hosts = new();

    public void Dispose() => _hosts.Dispose();

    [OrchestratorFact]
    public async Task Two_workers_compute_for_a_program_that_waits_for_them()
    {
        using var late = new CancellationTokenSource(s_hang);
        var builder = _hosts.NewRunning();
        var spark = builder.AddMicroSpark("spark").WithWorkers(2).WithWorkerCommand("dotnet", AppHosts.Console, "worker").WithSetting("Slots", "1");
        var client = builder.AddExecutable("client", "dotnet", _hosts.Folder, AppHosts.Console, "workers", "--json").WithReference(spark).WaitFor(spark);
        await using (var app = builder.Build())
        {
            var notifications = app.Services.GetRequiredService<ResourceNotificationService>();
            await app.StartAsync(late.Token);

            // The console as a resource: it began when both were ready, and was told where they are.
            var ended = await notifications.WaitForResourceAsync(
                "client", change => KnownResourceStates.TerminalStates.Contains(change.Snapshot.State?.Text), late.Token);
            var lines = await LinesAsync(app, client.Resource, late.Token);
            Assert.True(ended.Snapshot.ExitCode == 0, lines);
            using var workers = JsonDocument.Parse(lines.Split('\n').Single(line => line.StartsWith("[{", StringComparison.Ordinal)));
            Assert.Equal(2, workers.RootElement.GetArrayLength());

            // A host with what a project is told: AddMicroSpark() reads it.
            var host = Host.CreateEmptyApplicationBuilder(null);
            host.Configuration.AddInMemoryCollection((await AppHosts.EnvironmentAsync(client.Resource)).Select(
                one => KeyValuePair.Create(one.Key.Replace("__", ":", StringComparison.Ordinal), (string?)one.Value)));
            host.Services.AddMicroSpark();
            using (var running = host.Build())
            {
                await running.StartAsync(late.Token);
                var context = running.Services.GetRequiredService<MicroSparkContext>();
                Assert.Equal(2, context.DefaultParallelism);
                Assert.Equal(9900, await context.Range(0, 100, 1, 4).Map(n => (n % 3, n * 2)).ReduceByKey((a, b) => a + b).Values().SumAsync(late.Token));
                await running.StopAsync(late.Token);
            }

            // The page is where its link on the dashboard says, and lets nobody in who has no link of its own; the command gives one.
            foreach (var worker in spark.Resource.Workers.Cast<MicroSparkWorkerResource>())
            {
                using var browser = new HttpClient();
                Assert.Equal(System.Net.HttpStatusCode.Unauthorized, (await browser.GetAsync(new Uri(worker.Page.Url), late.Token)).StatusCode);
            }

            var link = await app.Services.GetRequiredService<ResourceCommandService>().ExecuteCommandAsync(spark.Resource, "microspark-page", late.Token);
            Assert.True(link.Success, link.Message);
            using (var browser = new HttpClient())
            {
                var address = Regex.Match(link.Data!.Value, @"\((http://127\.0\.0\.1:[0-9]+/enter\?code=.+)\)").Groups[1].Value;
                Assert.Equal(System.Net.HttpStatusCode.OK, (await browser.GetAsync(new Uri(address), late.Token)).StatusCode);
            }

            await app.StopAsync(late.Token);
        }
    }

    [OrchestratorFact]
    public async Task Who_waits_for_workers_that_end_is_told_so()
    {
        using var late = new CancellationTokenSource(s_hang);
        var builder = _hosts.NewRunning();
        var spark = builder.AddMicroSpark("spark").WithWorkerCommand("dotnet", AppHosts.Console, "worker").WithSetting("Slotts", "1");
        await using var app = builder.Build();
        var notifications = app.Services.GetRequiredService<ResourceNotificationService>();
        await app.StartAsync(late.Token);

        await notifications.WaitForResourceAsync("spark", KnownResourceStates.FailedToStart, late.Token);

        Assert.Contains("Slotts", await LinesAsync(app, spark.Resource.Workers[0], late.Token), StringComparison.OrdinalIgnoreCase);
        await app.StopAsync(late.Token);
    }

    /// <summary>What a resource has written that has ended.</summary>
    private static async Task<string> LinesAsync(DistributedApplication app, IResource resource, CancellationToken cancellationToken)
    {
        var lines = new List<string>();
        await foreach (var some in app.Services.GetRequiredService<ResourceLoggerService>().GetAllAsync(resource).WithCancellation(cancellationToken))
        {
            // Each begins with the time at which it came.
            lines.AddRange(some.Where(line => line.Content.Contains(' ')).Select(line => line.Content[(line.Content.IndexOf(' ') + 1)..]));
        }

        return string.Join('\n', lines);
    }
}
