using System.Net;
using MicroSpark.Grains.DataPlane;
using MicroSpark.Tests.Infrastructure;

namespace MicroSpark.Tests.Programs;

/// <summary>What users get wrong at the console, and what it answers. The cluster counts on.</summary>
[Collection(TwoWorkersCollection.Name)]
public sealed class BadInputTests(TwoWorkers workers)
{
    [Fact]
    public async Task Files_that_are_missing_empty_broken_or_one_long_line()
    {
        using var folder = new ProgramFolder();
        var empty = folder.File("empty.txt");
        await File.WriteAllTextAsync(empty, "");
        var broken = folder.File("broken.txt");
        await File.WriteAllBytesAsync(broken, [(byte)'a', 0xff, (byte)' ', (byte)'b', (byte)'\r', (byte)'\n', 0xe2, 0x82]);
        var line = folder.File("long.txt");
        await using (var file = File.Create(line))
        {
            var part = new byte[1 << 20];
            Array.Fill(part, (byte)'y');
            for (var i = 0; i < 100; i++)
            {
                await file.WriteAsync(part);
            }

            await file.WriteAsync("\nend"u8.ToArray());
        }

        await FailsAsync(1, ["missing.txt", "not"], "wordcount", folder.File("missing.txt"), "--cluster");
        await FailsAsync(1, ["*.log"], "wordcount", folder.File("*.log"), "--cluster");
        Assert.Empty(Cli.Words(await Cli.OutputAsync(workers.Settings, "wordcount", empty, "--cluster", "--json")));
        Assert.Empty(Cli.Words(await Cli.OutputAsync(workers.Settings, "wordcount", folder.Marks("nothing").FullName, "--cluster", "--json")));
        Assert.Equal([("a\ufffd", 1), ("b", 1), ("\ufffd", 1)], Cli.Words(await Cli.OutputAsync(workers.Settings, "wordcount", broken, "--cluster", "--json")));
        var words = Cli.Words(await Cli.OutputAsync(workers.Settings, "wordcount", line, "--cluster", "--json"));
        Assert.Equal([(3, 1L), (100 << 20, 1L)], words.Select(w => (w.Word.Length, w.Count)));
        await GoesOnAsync();
    }

    [Fact]
    public async Task A_cluster_that_cannot_be_reached_and_a_secret_that_is_not_its_own()
    {
        var port = FreePorts.Find(IPAddress.Loopback, 1)[0];
        var (ended, _, error) = await Cli.RunAsync(
            new Dictionary<string, string>(workers.Settings) { [TestSecret.Setting] = TestSecret.Another }, "workers");
        Assert.Equal(3, ended);
        Assert.Contains("MicroSpark:Secret", error, StringComparison.Ordinal);
        await FailsAsync(
            3, [$"127.0.0.1:{port}"], "workers", "--set", "Membership:Provider=PostgreSql", "--set", $"Membership:ConnectionString=Host=127.0.0.1;Port={port};Database=d;Username=u;Password=hidden");
        await FailsAsync(3, ["nobody"], "workers", "--set", "ClusterId=nobody");
        await FailsAsync(2, ["Slot"], "wordcount", "x", "--set", "Slot=1");
        await FailsAsync(2, ["--tpo", "--top"], "wordcount", "x", "--tpo", "3");
        await GoesOnAsync();
    }

    [Theory]
    [InlineData("--cluster")]
    [InlineData("--local=2")]
    public async Task Ctrl_C_ends_a_submitted_programs_jobs_and_the_console_with_130(string place)
    {
        using var folder = new ProgramFolder();
        var program = folder.Program(
            "Endless",
            """
            await using var spark = await MicroSparkContext.ConnectAsync();
            await foreach (var n in spark.Range(0, 2, 1, 2).FlatMap(n => n == 0 ? new[] { n } : Odd.Forever(n)).Filter(n => n == 0))
            {
                Console.WriteLine("running");
            }

            internal static class Odd
            {
                public static IEnumerable<long> Forever(long n)
                {
                    while (true)
                    {
                        yield return n;
                    }
                }
            }
            """);
        await using var console = Cli.Start(workers.Settings, "submit", place, program);
        await console.WaitForLineAsync(static line => line == "running");

        console.Interrupt();

        Assert.Equal(130, await console.WaitForExitAsync());
        Assert.DoesNotContain("   at ", console.Errors, StringComparison.Ordinal);
        await using var spark = await workers.ConnectAsync();
        Assert.DoesNotContain(await spark.JobsAsync(), job => job.State == JobState.Running);
        await GoesOnAsync();
    }

    [Fact]
    public async Task A_program_that_fails_says_why_and_where()
    {
        using var folder = new ProgramFolder();
        var program = folder.Program(
            "Failing",
            """
            await using var spark = await MicroSparkContext.ConnectAsync(o => o.Retry.MaxTaskFailures = 2);
            await spark.Parallelize(new[] { "1", "2", "x", "4" }, 2).Map(s => int.Parse(s)).SumAsync();
            """);

        await FailsAsync(1, ["FormatException", "'x'", "tried 2 times", "partition 1", "Map"], "submit", "--cluster", program);
        await GoesOnAsync();
    }

    /// <summary>The console ends with that code, says those words on standard error, and nothing on standard output.</summary>
    private async Task FailsAsync(int code, string[] said, params string[] arguments)
    {
        var (ended, output, error) = await Cli.RunAsync(workers.Settings, arguments);
        Assert.True(ended == code, $"{string.Join(' ', arguments)}: expected exit code {code}, found {ended}: {error}");
        Assert.All(said, text => Assert.Contains(text, error, StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain("hidden", error, StringComparison.Ordinal);
        Assert.Equal("", output);
    }

    private async Task GoesOnAsync()
    {
        await using var spark = await workers.ConnectAsync();
        Assert.Equal(2, (await spark.WorkersAsync()).Count);
        Assert.Equal(4950, await spark.Range(0, 100, 1, 4).Map(n => (n % 3, n)).ReduceByKey((a, b) => a + b).Values().SumAsync());
    }
}
