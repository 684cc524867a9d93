using MicroSpark.Tests.Infrastructure;

namespace MicroSpark.Tests.Programs;

/// <summary><c>microspark worker</c> is a worker like any other.</summary>
public sealed class WorkerCommandTests
{
    [Fact]
    public async Task It_joins_computes_and_leaves_in_order()
    {
        using var database = new SqliteDatabase();
        string[] sets = ["--set", "Membership:Provider=Sqlite", "--set", $"Membership:ConnectionString={database.ConnectionString}", "--set", $"SecretFile={database.SecretFile}"];
        using var folder = new ProgramFolder();
        var words = folder.File("words.txt");
        await File.WriteAllTextAsync(words, "to be or not to be");
        await using var worker = Cli.Start(null, ["worker", "--set", "Slots=2", .. sets]);
        await worker.WaitForLineAsync(line => line.StartsWith("MicroSpark worker ready:", StringComparison.Ordinal));

        Assert.Equal([("be", 2), ("to", 2)], Cli.Words(await Cli.OutputAsync(null, ["wordcount", words, "--top", "2", "--json", "--cluster", .. sets])));
        worker.Terminate();
        Assert.Equal(0, await worker.WaitForExitAsync());
    }

    [Fact]
    public async Task Without_a_database_it_says_what_is_missing()
    {
        var (code, _, error) = await Cli.RunAsync(null, "worker");

        Assert.Equal(2, code);
        Assert.Contains("Membership:Provider", error);
    }
}
