using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using MicroSpark.Tests.Infrastructure;

namespace MicroSpark.Tests.Programs;

/// <summary>A program that is submitted and left: it goes on, its jobs are in the cluster's lists, and its log has the rest.</summary>
[Collection(TwoWorkersCollection.Name)]
public sealed class DetachTests(TwoWorkers cluster)
{
    [Fact]
    public async Task A_detached_program_goes_on_and_can_be_looked_at()
    {
        using var folder = new ProgramFolder();
        await using var gate = new Gate();
        var program = folder.Program(
            "Waits",
            """
            var port = int.Parse(args[0]);
            await using var spark = await MicroSparkContext.ConnectAsync();
            var sum = await spark.Range(0, 100, 1, 2).Map(n =>
            {
                if (n % 50 == 0)
                {
                    using var gate = new System.Net.Sockets.TcpClient("127.0.0.1", port);
                    gate.GetStream().ReadByte();
                }

                return (n % 5, n);
            }).ReduceByKey((a, b) => a + b).Values().SumAsync();
            Console.WriteLine($"sum {sum} of {args[1]}");
            return 7;
            """);
        var log = folder.File("waits.log");
        var (code, output, error) = await Cli.RunAsync(cluster.Settings, "submit", "--cluster", "--detach", "--log", log, program, gate.Port.ToString(CultureInfo.InvariantCulture), "--its own");
        Assert.True(code == 0, error);
        var job = output.Trim();
        using var process = Process.GetProcessById(int.Parse(Regex.Match(error, @"Process (\d+) goes on").Groups[1].Value, CultureInfo.InvariantCulture));
        try
        {
            await gate.ArrivedAsync();
            using (var listed = JsonDocument.Parse(await Cli.OutputAsync(cluster.Settings, "jobs", "--json")))
            {
                Assert.Equal("Running", listed.RootElement.EnumerateArray().Single(one => one.GetProperty("job").GetString() == job).GetProperty("state").GetString());
            }

            Assert.Matches($@"Job {job} SumAsync: Running for [^,]*, 0 of [24] tasks done\n", (await Cli.OutputAsync(cluster.Settings, "job", job[..8])).ReplaceLineEndings("\n"));
            gate.Open();
            await process.WaitForExitAsync();
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }

        var lines = await File.ReadAllLinesAsync(log);
        Assert.Contains("sum 4950 of --its own", lines);
        Assert.Contains("The program ended with 7.", lines);

        using var shown = JsonDocument.Parse(await Cli.OutputAsync(cluster.Settings, "job", job, "--json"));
        var recorded = Assert.Single(shown.RootElement.EnumerateArray());
        Assert.Equal("Succeeded", recorded.GetProperty("state").GetString());
        Assert.Equal([2, 2], recorded.GetProperty("stages").EnumerateArray().Select(stage => stage.GetProperty("partitions").GetInt32()));
        Assert.Equal([2, 2], recorded.GetProperty("stages").EnumerateArray().Select(stage => stage.GetProperty("succeeded").GetInt32()));
        Assert.Contains("ReduceByKey", await Cli.OutputAsync(cluster.Settings, "job", job));
    }

    [Fact]
    public async Task A_detached_program_without_jobs_gives_its_exit_code()
    {
        using var folder = new ProgramFolder();
        var program = folder.Program("Idle", "Console.WriteLine(\"nothing to do\"); return 3;");
        var log = folder.File("idle.log");
        await File.WriteAllTextAsync(log, "of another run\n");
        var (code, output, error) = await Cli.RunAsync(null, "submit", "--detach", "--log", log, program);

        Assert.Equal((3, ""), (code, output));
        Assert.Contains("submitted no job", error);
        Assert.DoesNotContain("of another run", error);
        Assert.Contains("nothing to do", error);
        Assert.Equal(["of another run", "nothing to do", "The program ended with 3."], await File.ReadAllLinesAsync(log));
    }
}
