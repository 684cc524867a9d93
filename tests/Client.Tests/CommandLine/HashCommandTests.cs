using System.Security.Cryptography;

namespace MicroSpark.Tests.CommandLine;

/// <summary><c>hash</c> prints what the workers' list of approved assemblies wants, and nothing else.</summary>
public sealed class HashCommandTests
{
    [Fact]
    public async Task It_prints_the_hashes_of_what_a_program_brings()
    {
        var own = typeof(HashCommandTests).Assembly.Location;
        var text = Path.ChangeExtension(own, ".runtimeconfig.json");
        var run = await ConsoleRun.OfAsync("hash", own, typeof(MicroSparkContext).Assembly.Location, text);

        Assert.Equal(0, run.ExitCode);
        Assert.Equal($"{Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(own)))}  {Path.GetFileName(own)}", run.Out.Trim());
        Assert.Contains("workers have 'MicroSpark' themselves", run.Error, StringComparison.Ordinal);
        Assert.Contains("is no .NET assembly", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_told()
    {
        var run = await ConsoleRun.OfAsync("hash", "nowhere.dll");
        Assert.NotEqual(0, run.ExitCode);
        Assert.Contains("nowhere.dll", run.Error, StringComparison.Ordinal);
    }
}
