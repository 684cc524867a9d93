using System.Globalization;
using MicroSpark.Tests.Infrastructure;

namespace MicroSpark.Tests.Programs;

/// <summary>A result that fits neither into its client nor into its worker, between real processes whose heaps are limited.</summary>
public sealed class StreamingTests
{
    /// <summary>Strings of 100 characters: <c>args[0]</c> of them in two partitions.</summary>
    private const string Program = """
        await using var spark = await MicroSparkContext.ConnectAsync();
        var count = long.Parse(args[0]);
        var lines = spark.Range(0, count, 1, 2).Map(n => n.ToString("D100"));
        var next = 0L;
        await foreach (var line in lines)
        {
            if (line.Length != 100 || long.Parse(line) != next++)
            {
                throw new InvalidDataException($"Expected {next - 1}, found {line}.");
            }
        }

        try
        {
            await lines.CollectAsync();
        }
        catch (JobFailedException e) when (e.Message.Contains("MicroSpark:MaxResultSize lets one action bring 30.0 MB"))
        {
            Console.WriteLine("refused");
        }

        using var self = System.Diagnostics.Process.GetCurrentProcess();
        Console.Error.WriteLine($"peak {self.PeakWorkingSet64 >> 20} MB, heap limit {GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 20} MB");
        Console.WriteLine(next);
        """;

    [Fact]
    public Task A_result_of_300_MB_streams_to_a_client_with_60_MB_from_a_worker_with_160_MB() => StreamAsync(3_000_000, clientHeap: 60, maxResultSize: null);

    [SoakFact]
    public Task A_result_of_2_GB_streams_to_a_client_with_300_MB_from_a_worker_with_160_MB() => StreamAsync(22_000_000, clientHeap: 300, maxResultSize: "30MB");

    /// <param name="lines">How many lines of 100 characters.</param>
    /// <param name="clientHeap">In megabytes.</param>
    /// <param name="maxResultSize">Null for the default, which is half of that.</param>
    private static async Task StreamAsync(int lines, int clientHeap, string? maxResultSize)
    {
        using var database = new SqliteDatabase();
        using var folder = new ProgramFolder();
        var spill = folder.Marks("spill");
        await using var worker = SiloProcess.Launch(
            [.. database.Settings, "--MicroSpark:Slots=2", "--MicroSpark:MemoryBudget=64MB", $"--MicroSpark:SpillDirectory={spill.FullName}"], HeapOf(160));
        await worker.WaitUntilReadyAsync();
        var program = folder.Program("Reader", Program);
        folder.MakeRunnable(program);

        var environment = new Dictionary<string, string>(HeapOf(clientHeap).Concat(database.Environment));
        if (maxResultSize is not null)
        {
            environment["MICROSPARK__MAXRESULTSIZE"] = maxResultSize;
        }

        await using var client = ChildProcess.Start("dotnet", [program, $"{lines}"], environment);
        var code = await client.WaitForExitAsync();

        Assert.True(code == 0, client.Errors + worker.Errors);
        Assert.Equal(["refused", $"{lines}"], client.Output.ReplaceLineEndings("\n").Trim().Split('\n'));
        Assert.Contains($"heap limit {clientHeap} MB", client.Errors, StringComparison.Ordinal);
        Assert.Empty(spill.GetFiles("*.frames", SearchOption.AllDirectories));
    }

    private static Dictionary<string, string> HeapOf(int megabytes) =>
        new() { ["DOTNET_GCHeapHardLimit"] = (megabytes << 20).ToString("X", CultureInfo.InvariantCulture), ["DOTNET_gcServer"] = "0" };
}
