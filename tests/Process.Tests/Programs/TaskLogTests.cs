using System.Text.Json;
using System.Text.RegularExpressions;
using MicroSpark.Tests.Infrastructure;
using MicroSpark.Tests.Workers;

namespace MicroSpark.Tests.Programs;

/// <summary>What tasks say on workers comes to the workers' logs, to whoever runs the job, and to whoever asks later.</summary>
public sealed class TaskLogTests
{
    private const string Source =
        """
        using Microsoft.Extensions.Logging;

        await using var spark = await MicroSparkContext.ConnectAsync();
        await spark.Range(0, 4, 1, 2).ForeachAsync(n =>
        {
            Console.WriteLine($"element {n}");
            Console.Error.Write($"\u001b[31mred {n}\n");
            TaskContext.Current!.Logger.LogInformation("logged {Number}", n);
        });
        Console.WriteLine("the program's own");
        """;

    [Fact]
    public async Task Lines_of_tasks_reach_the_workers_log_the_clients_and_the_console()
    {
        using var database = new SqliteDatabase();
        using var folder = new ProgramFolder();
        var silos = await SiloProcess.StartAsync(2, [.. database.Settings, "--MicroSpark:Slots=1"]);
        try
        {
            var program = folder.Program("Says", Source);
            var (code, output, errors) = await Cli.RunAsync(database.Environment, "submit", "--cluster", program);
            Assert.True(code == 0, errors);
            Assert.Equal("the program's own", output.Trim());
            var expected = Enumerable.Range(0, 4).SelectMany(n => new[]
            {
                $"stage 0, partition {n / 2}: element {n}", $@"stage 0, partition {n / 2}: warning: \u001b[31mred {n}",
                $"stage 0, partition {n / 2}: logged {n}",
            }).ToArray();
            var heard = Regex.Matches(errors, "^job ([0-9a-f]{8}), (.*?)\r?$", RegexOptions.Multiline);
            Assert.Equal(expected.Order(), heard.Select(match => match.Groups[2].Value).Order());
            var job = heard[0].Groups[1].Value;

            var listed = (await Cli.OutputAsync(database.Environment, "logs", job)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.Equal(expected.Order(), listed.Select(line => line[(line.IndexOf("  ", StringComparison.Ordinal) + 2)..].TrimEnd()).Order());
            using var json = JsonDocument.Parse(await Cli.OutputAsync(database.Environment, "logs", job, "--json"));
            Assert.Equal(12, json.RootElement.GetArrayLength());
            Assert.Equal(4, json.RootElement.EnumerateArray().Count(line => line.GetProperty("level").GetString() == "Warning"));

            // Without the console: the program's own log, and a limit.
            folder.MakeRunnable(program);
            var settings = new Dictionary<string, string>(database.Environment) { ["MICROSPARK__TASKLOG__MAXLINES"] = "5" };
            await using var own = ChildProcess.Start("dotnet", [program], settings);
            Assert.Equal(0, await own.WaitForExitAsync());
            Assert.Equal("the program's own", own.Output.Trim());
            Assert.Equal(5, Regex.Count(own.Errors, @"Tasks: Job [0-9a-f]{32}, stage 0, partition \d: "));
            Assert.Matches(@"warning Tasks: Job [0-9a-f]{32}: 7 more lines were dropped", own.Errors);
            foreach (var silo in silos)
            {
                silo.Terminate();
                Assert.Equal(0, await silo.WaitForExitAsync());
            }
        }
        finally
        {
            await ClusterAsserts.StopAllAsync(silos);
        }

        // A log is written in the background, and is whole when its process has ended.
        var logs = string.Concat(silos.Select(silo => silo.Errors));
        Assert.All(Enumerable.Range(0, 4), n => Assert.Equal(2, Regex.Count(logs, $@"information Tasks: Job [0-9a-f]{{32}}, stage 0, partition \d: element {n}")));
        Assert.Equal(8, Regex.Count(logs, @"warning Tasks: Job [0-9a-f]{32}, stage 0, partition \d: \\u001b\[31mred"));
        Assert.All(silos, silo => Assert.DoesNotContain("element", silo.Output));
    }
}
