using MicroSpark.Tests.Infrastructure;
using MicroSpark.Tests.Programs;

namespace MicroSpark.Tests.Workers;

/// <summary>A worker with a list of approved assemblies: the programs that are in it run, and no other.</summary>
public sealed class ApprovedCodeTests : IDisposable
{
    private const string Good = """
        await using var spark = await MicroSparkContext.ConnectAsync();
        var factor = int.Parse(args[0]);
        var words = spark.Parallelize(["1", "2", "3", "4"], 2).Map(int.Parse).Map(n => n * factor).KeyBy(n => n % 2).GroupByKey();
        Console.WriteLine(string.Join(' ', (await words.MapValues(all => all.Sum()).CollectAsync()).Select(pair => pair.Value).Order()));
        """;

    private readonly SqliteDatabase _database = new();
    private readonly ProgramFolder _folder = new();

    public void Dispose()
    {
        _folder.Dispose();
        _database.Dispose();
    }

    [Fact]
    public async Task An_approved_program_runs_and_another_one_is_refused()
    {
        var (good, other) = (_folder.Program("Good", Good), _folder.Program("Other", Good.Replace("n * factor", "n + factor", StringComparison.Ordinal)));
        _folder.MakeRunnable(good);
        _folder.MakeRunnable(other);
        var approved = _folder.File("approved");
        await File.WriteAllTextAsync(approved, await Cli.OutputAsync(null, "hash", good));
        await using var silo = await SiloProcess.StartAsync([.. _database.Settings, $"--MicroSpark:ApprovedAssemblies={approved}"]);

        Assert.Equal("12 18", (await RunAsync(good)).Out.Trim());
        var (code, _, error) = await RunAsync(other);
        Assert.NotEqual(0, code);
        Assert.Contains("'Other'", error, StringComparison.Ordinal);
        Assert.Contains("is not approved", error, StringComparison.Ordinal);
        Assert.Contains("microspark hash Other.dll", error, StringComparison.Ordinal);
        Assert.Contains((await Cli.OutputAsync(null, "hash", other))[..64], error, StringComparison.Ordinal);

        // The worker goes on.
        Assert.Equal("12 18", (await RunAsync(good)).Out.Trim());
    }

    [Fact]
    public async Task A_list_that_cannot_be_read_or_that_others_can_change_stops_the_worker()
    {
        var list = _folder.File("list");
        foreach (var (text, mode, said) in new (string?, UnixFileMode, string)[]
        {
            (null, UnixFileMode.None, "microspark hash"), ("App.dll", UnixFileMode.None, "line 1"), ("", UnixFileMode.OtherWrite, "nobody else can change"),
        })
        {
            if (text is not null)
            {
                await File.WriteAllTextAsync(list, text);
                if (!OperatingSystem.IsWindows())
                {
                    File.SetUnixFileMode(list, UnixFileMode.UserRead | UnixFileMode.UserWrite | mode);
                }
            }

            await using var silo = SiloProcess.Launch([.. _database.Settings, $"--MicroSpark:ApprovedAssemblies={list}"]);
            Assert.NotEqual(0, await silo.WaitForExitAsync());
            Assert.Contains("MicroSpark:ApprovedAssemblies", silo.Errors, StringComparison.Ordinal);
            Assert.Contains(said, silo.Errors, StringComparison.Ordinal);
        }
    }

    private async Task<(int Code, string Out, string Error)> RunAsync(string program)
    {
        await using var process = ChildProcess.Start("dotnet", [program, "3"], _database.Environment);
        var code = await process.WaitForExitAsync();
        return (code, process.Output, process.Errors);
    }
}
