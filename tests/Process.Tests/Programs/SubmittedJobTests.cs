using System.Globalization;
using MicroSpark.Tests.Infrastructure;

namespace MicroSpark.Tests.Programs;

/// <summary>A job that one process submits before it ends, and whose result another one gets.</summary>
[Collection(TwoWorkersCollection.Name)]
public sealed class SubmittedJobTests(TwoWorkers workers)
{
    private const string Program = """
        using System.Net.Sockets;

        await using var spark = await MicroSparkContext.ConnectAsync();
        if (args[0] == "submit")
        {
            var port = int.Parse(args[1]);
            var people = spark.Range(0, 100, 1, 4).MapPartitions(items =>
            {
                using var client = new TcpClient("127.0.0.1", port);
                _ = client.GetStream().ReadByte();
                return items;
            }).Map(n => new Person($"p{n}", (int)n % 7));
            Console.WriteLine((await spark.SubmitAsync(() => people.CollectAsync())).Id);
            Console.WriteLine((await spark.SubmitAsync(() => people.Map(p => p.Age).ReduceAsync((a, b) => a + b))).Id);
            return;
        }

        var collected = await spark.AttachAsync<Person[]>(JobId.Parse(args[1]));
        await foreach (var info in collected.WatchAsync())
        {
            Console.WriteLine(info.State);
        }

        var all = await collected.ResultAsync();
        var reduced = await spark.AttachAsync<int>(JobId.Parse(args[2]));
        var sum = await reduced.ResultAsync();
        Console.WriteLine($"{all.Length} {all[99]} {sum}");

        public sealed record Person(string Name, int Age);
        """;

    [Fact]
    public async Task Another_process_watches_it_and_gets_its_result_when_the_first_one_is_gone()
    {
        using var folder = new ProgramFolder();
        var program = folder.Program("Jobs", Program);
        folder.MakeRunnable(program);
        await using var gate = new Gate();

        var ids = (await OutputAsync(program, "submit", gate.Port.ToString(CultureInfo.InvariantCulture))).Split('\n', StringSplitOptions.TrimEntries);
        await gate.ArrivedAsync();
        await using var second = ChildProcess.Start("dotnet", [program, "attach", .. ids], workers.Settings);
        Assert.Equal("Running", await second.WaitForLineAsync(static line => line is "Running" or "Succeeded"));
        gate.Open();
        Assert.True(await second.WaitForExitAsync() == 0, second.Errors);
        var lines = second.Output.ReplaceLineEndings("\n").Trim().Split('\n');
        Assert.Equal("Succeeded", lines[^2]);
        Assert.Equal($"100 Person {{ Name = p99, Age = 1 }} {Enumerable.Range(0, 100).Sum(n => n % 7)}", lines[^1]);

        // A program without that very type cannot have it; anybody can have what is the framework's.
        await using var spark = await workers.ConnectAsync();
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => spark.AttachAsync<string[]>(JobId.Parse(ids[0])));
        Assert.Contains("gives Person[]", error.Message, StringComparison.Ordinal);
        Assert.Equal(Enumerable.Range(0, 100).Sum(n => n % 7), await (await spark.AttachAsync<int>(JobId.Parse(ids[1]))).ResultAsync());
    }

    private async Task<string> OutputAsync(string program, params string[] arguments)
    {
        await using var process = ChildProcess.Start("dotnet", [program, .. arguments], workers.Settings);
        Assert.True(await process.WaitForExitAsync() == 0, process.Errors);
        return process.Output.Trim();
    }
}
