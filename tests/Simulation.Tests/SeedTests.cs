using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using MicroSpark.Grains.Jobs;
using MicroSpark.Grains.Rdds;
using MicroSpark.Simulation.Fabric;
using MicroSpark.Simulation.Workloads;
using Xunit.Abstractions;

namespace MicroSpark.Tests;

/// <summary>The simulator's own promise: what happens follows from the seed alone.</summary>
public sealed class SeedTests(ITestOutputHelper output)
{
    /// <summary>Results are kept for ten minutes, which no seed lasts; contents change with programs that CI leaves out.</summary>
    private static readonly string[] s_beyond = ["Job.Expire", "Partition.Forget"];

    /// <summary>Where the seeds of a commit begin: behind all that are always the same.</summary>
    private const ulong Drawn = 1_000_000;

    /// <summary>The commit of which this was built; nothing where nobody knows it.</summary>
    private static readonly string s_commit = typeof(SeedTests).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!
        .InformationalVersion.Split('+') is [_, { Length: >= 8 } id] ? id : "";

    /// <summary>
    /// What the seeds came to, in two processes at once: those that are always the same, and as many that the commit's id draws. Each commit
    /// sees other worlds so, and each world again by its number.
    /// </summary>
    private static readonly Lazy<string> s_seeds = new(static () =>
    {
        var count = Environment.GetEnvironmentVariable("MICROSPARK_SEEDS") ?? "1000";
        var drawn = Task.Run(() => RunElsewhere(FirstOf(s_commit).ToString(CultureInfo.InvariantCulture), count, "--counts"));
        var always = RunElsewhere("1", count, "--counts");
        return $"{count} seeds from 1 on:\n{always}\n{count} seeds from {FirstOf(s_commit)} on, of commit {s_commit}:\n{drawn.GetAwaiter().GetResult()}";
    });

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

    /// <summary>
    /// As many as take about a minute of two cores, unless MICROSPARK_SEEDS says how many of either kind. One that breaks is printed;
    /// <c>eng/simulate.sh</c> runs it again.
    /// </summary>
    [Fact]
    public void Whatever_fails_each_program_has_its_result_and_leaves_nothing()
    {
        foreach (var line in s_seeds.Value.Split('\n').Where(static line => line.Contains("seeds", StringComparison.Ordinal)))
        {
            output.WriteLine(line);
        }

        Assert.True(s_seeds.Value.Split(" 0 broken").Length == 3, s_seeds.Value);
    }

    [Theory]
    [InlineData("", Drawn)]
    [InlineData("00000001deadbeef", Drawn + 1)]
    [InlineData("ffffffff00000000", Drawn + uint.MaxValue)]
    public void The_seeds_of_a_commit_begin_where_its_id_says(string commit, ulong first) => Assert.Equal(first, FirstOf(commit));

    /// <summary>What no seed ever does is not tested by them, however many there are.</summary>
    [Fact]
    public void Each_fault_each_program_and_each_transition_has_been_seen()
    {
        var seen = s_seeds.Value.Split('\n').Select(static line => line.Split(' ')).Where(static words => words[0] == "count")
            .Select(static words => words[1]).ToHashSet();
        string[] expected =
        [
            .. Enum.GetNames<FaultKind>().Concat(Chaos.Kinds).Concat(["InARow", "let-go", "client-dies"]).Select(static kind => $"Fault.{kind}"),
            .. Jobs.Names.Select(static name => $"Program.{name}"),
            .. TransitionsOf<Grains.Jobs.JobState>(JobLife.Machine),
            .. TransitionsOf<PartitionState>(RddGrain.PartitionMachine),
            .. new[] { "Ensure", "Grant", "Fail", "Withdraw", "Silence" }.Select(static name => $"{RddGrain.WishMachine}.{name}"),
        ];
        Assert.Equal([], expected.Except(seen).Except(s_beyond));
    }

    [Fact]
    public void Other_seeds_do_something_else() => Assert.Equal(
        8, Enumerable.Range(1, 8).Select(static seed => OwnThread.Run(() => Scenario.Run((ulong)seed)).Hash).Distinct().Count());

    private static ulong FirstOf(string commit) =>
        Drawn + (commit.Length < 8 ? 0 : uint.Parse(commit[..8], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));

    /// <summary>A transition is a method that gives the next state.</summary>
    private static IEnumerable<string> TransitionsOf<TState>(string machine) => typeof(TState)
        .GetMethods(BindingFlags.Instance | BindingFlags.Public | BindingFlags.DeclaredOnly)
        .Where(static method => !method.IsSpecialName && method.ReturnType.IsAssignableTo(typeof(TState)))
        .Select(method => $"{machine}.{method.Name}");

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
