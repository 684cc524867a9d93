using System.Diagnostics;
using System.Globalization;
using MicroSpark.Simulation.Workloads;

namespace MicroSpark.Tests;

/// <summary>The simulator's own promise: what happens follows from the seed alone.</summary>
public sealed class SeedTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void The_same_seed_does_the_same_again(ulong seed)
    {
        var first = OwnThread.Run(() => Scenario.Run(seed));
        for (var again = 0; again < 5; again++)
        {
            var other = OwnThread.Run(() => Scenario.Run(seed));
            Assert.Equal((first.Hash, first.Steps, first.Broken), (other.Hash, other.Steps, other.Broken));
        }
    }

    [Fact]
    public void The_same_seed_does_the_same_in_another_process()
    {
        const ulong Seed = 4;
        var here = OwnThread.Run(() => Scenario.Run(Seed));
        Assert.Equal([here.Hash, here.Hash], [HashElsewhere(Seed), HashElsewhere(Seed)]);
    }

    /// <summary>As many as take about a minute of one core. One that breaks is printed; <c>eng/simulate.sh</c> runs it again.</summary>
    [Fact]
    public void Whatever_fails_each_program_has_its_result_and_leaves_nothing()
    {
        var output = RunElsewhere("1", "1000");
        Assert.True(output.Contains(" 0 broken", StringComparison.Ordinal), output);
    }

    [Fact]
    public void Other_seeds_do_something_else() => Assert.Equal(
        8, Enumerable.Range(1, 8).Select(static seed => OwnThread.Run(() => Scenario.Run((ulong)seed)).Hash).Distinct().Count());

    /// <summary>In a process of its own, where nothing else runs beside.</summary>
    private static string RunElsewhere(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", Path.Join(AppContext.BaseDirectory, "MicroSpark.Simulation.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return output;
    }

    private static string HashElsewhere(ulong seed)
    {
        var output = RunElsewhere(seed.ToString(CultureInfo.InvariantCulture));
        var hash = output.IndexOf("hash ", StringComparison.Ordinal);
        Assert.True(hash >= 0, output);
        return output.Substring(hash + "hash ".Length, 16);
    }
}
