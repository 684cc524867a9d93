using System.Text;
using MicroSpark.Tests.Infrastructure;
using MicroSpark.Tests.Workers;

namespace MicroSpark.Tests.Programs;

/// <summary>The words of one file, counted by the console in every mode, as <c>sort</c> and <c>uniq</c> count them.</summary>
[Collection(PostgresCollection.Name)]
public sealed class SameCountTests(PostgresFixture postgres)
{
    [Fact]
    public async Task Embedded_on_SQLite_and_on_PostgreSQL_the_count_is_that_of_uniq()
    {
        using var folder = new ProgramFolder();
        var file = folder.File("words.txt");
        await File.WriteAllTextAsync(file, Text());
        var expected = await CountByShellAsync(file);
        Assert.True(expected.Count > 1000);

        Assert.Equal(expected, await CountAsync(null, file, "--local", "1"));
        Assert.Equal(expected, await CountAsync(null, file, "--local", "4"));

        var two = new TwoWorkers();
        try
        {
            await two.InitializeAsync();
            Assert.Equal(expected, await CountAsync(two.Settings, file, "--cluster"));
        }
        finally
        {
            await two.DisposeAsync();
        }

        var database = await postgres.CreateDatabaseAsync();
        var silos = await SiloProcess.StartAsync(
            3, ["--MicroSpark:Membership:Provider=PostgreSql", $"--MicroSpark:Membership:ConnectionString={database}", "--MicroSpark:Slots=2"],
            TestSecret.Environment);
        try
        {
            Assert.Equal(expected, await CountAsync(TestSecret.Environment, file, "--cluster",
                "--set", "Membership:Provider=PostgreSql", "--set", $"Membership:ConnectionString={database}"));
        }
        finally
        {
            await ClusterAsserts.StopAllAsync(silos);
        }
    }

    private static async Task<List<(string, long)>> CountAsync(IReadOnlyDictionary<string, string>? settings, params string[] arguments) =>
        Cli.Words(await Cli.OutputAsync(settings, ["wordcount", .. arguments, "--json"]));

    /// <summary>By programs that know nothing of ours; most frequent first, then by the bytes of the word.</summary>
    private static async Task<List<(string, long)>> CountByShellAsync(string file)
    {
        await using var shell = ChildProcess.Start(
            "sh", ["-c", "tr -s '[:space:]' '\\n' < \"$0\" | grep -v '^$' | sort | uniq -c | sort -k1,1nr -k2,2", file], new Dictionary<string, string> { ["LC_ALL"] = "C" });
        Assert.Equal(0, await shell.WaitForExitAsync());
        return [.. shell.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Trim().Split(' ', 2)).Select(p => (p[1], long.Parse(p[0], System.Globalization.CultureInfo.InvariantCulture)))];
    }

    /// <summary>A few words often and many rarely, with every kind of space between them, and letters that take two and three bytes.</summary>
    private static string Text()
    {
        var random = new Random(20);
        string[] spaces = [" ", "  ", "\n", "\t", "\r\n", "\n\n"];
        var text = new StringBuilder();
        for (var i = 0; i < 60_000; i++)
        {
            var rank = (int)(2000 * Math.Pow(random.NextDouble(), 3));
            text.Append(rank % 7 == 0 ? "\u00e9\u20ac" : "w").Append(rank).Append(spaces[random.Next(spaces.Length)]);
        }

        return text.ToString();
    }
}
