using System.Text.RegularExpressions;

namespace MicroSpark.Tests;

/// <summary>What must not stand in the repository's files, with the reason that the failing test prints.</summary>
public sealed partial class BannedTextTests
{
    /// <summary>These name what they ban.</summary>
    private static readonly string[] ThisFile = ["tests/Architecture.Tests/BannedTextTests.cs"];

    /// <summary>The rooms of src/Grains whose classes run under a seed.</summary>
    private static readonly string[] Simulated =
        ["Contracts", "Records", "Cluster", "Placement", "History", "Events", "Stages", "Partitions", "Rdds", "Workers", "Jobs"];

    /// <summary>The data plane's own directory, what tasks say, and a continuation that runs where it is told.</summary>
    private static readonly string[] NotSimulated =
        ["src/Grains/Cluster/WorkerAddresses.cs", "src/Grains/Events/TaskLogs.cs", "src/Grains/Cluster/Signal.cs"];

    [Fact]
    public void Tests_do_not_sleep() =>
        AssertNone(SourceTree.Files(".cs", "tests"), Sleep(), "wait on an event instead: a sleep is either too short on a slow machine or too long");

    [Fact]
    public void Source_does_not_block_a_thread_for_a_while() =>
        AssertNone(SourceTree.Files(".cs", "src"), BlockingSleep(), "wait on an event or a timer of the injected TimeProvider");

    [Fact]
    public void Source_reads_no_clock_of_its_own() =>
        AssertNone(SourceTree.Files(".cs", "src"), WallClock(), "take a TimeProvider, so that tests can set the time");

    [Fact]
    public void What_nobody_awaits_cannot_end_the_process() => AssertNone(
        SourceTree.Files(".cs", "src/Grains", "src/Driver").Except(["src/Grains/Cluster/Background.cs"]), Unguarded(),
        "start it by Background: an exception of an async void or of a clock's thread ends the process");

    [Fact]
    public void What_is_simulated_leaves_nothing_to_the_pool_or_to_chance() => AssertNone(
        SourceTree.Files(".cs", [.. Simulated.Select(static room => $"src/Grains/{room}")]).Except(NotSimulated), Undetermined(),
        "take BackgroundWork, Chance and the scheduler that is there: of these the same seed makes the same run (docs/reliability.md)");

    [Fact]
    public void Nothing_unfinished_ships() =>
        AssertNone(SourceTree.Files(".cs", "src", "samples", "bench"), Unfinished(), "finish it, or say in the README what is left");

    [Fact]
    public void Files_name_no_machine_and_no_registry() =>
        AssertNone(TextFiles(), MachinePath(), "a clone on another machine has no such place");

    private static IEnumerable<string> TextFiles() =>
        SourceTree.Files("").Where(path => Path.GetExtension(path) is not (".gz" or ".png" or ".dll" or ".parquet"));

    private static void AssertNone(IEnumerable<string> files, Regex banned, string reason)
    {
        var hits =
            from file in files.Except(ThisFile)
            from line in File.ReadLines(SourceTree.Absolute(file)).Select((text, index) => (Text: text, Number: index + 1))
            where banned.IsMatch(line.Text)
            select $"{file}:{line.Number}: {line.Text.Trim()}";
        var found = hits.ToArray();
        Assert.True(found.Length == 0, $"{reason}:{Environment.NewLine}{string.Join(Environment.NewLine, found)}");
    }

    [GeneratedRegex(@"\bThread\.Sleep\b|\bTask\.Delay\(")]
    private static partial Regex Sleep();

    [GeneratedRegex(@"\bThread\.Sleep\b|\bSpinWait\.SpinUntil\b")]
    private static partial Regex BlockingSleep();

    [GeneratedRegex(@"\bDateTime(Offset)?\.(Utc)?(Now|Today)\b|\bStopwatch\.|\bnew Stopwatch\b|\bEnvironment\.TickCount")]
    private static partial Regex WallClock();

    [GeneratedRegex(@"\basync void \w|\bCreateTimer\(|\bnew Timer\(")]
    private static partial Regex Unguarded();

    [GeneratedRegex(@"\.ConfigureAwait\(false\)|\bTask\.Run\(|\bTaskScheduler\.Default\b|\bRandom\.Shared\b|\bGuid\.NewGuid\(|\bThreadPool\.|\.GetHashCode\(")]
    private static partial Regex Undetermined();

    [GeneratedRegex(@"\bTODO\b|\bFIXME\b|\bHACK\b|\bNotImplementedException\b")]
    private static partial Regex Unfinished();

    [GeneratedRegex(@"(?<![\w.~$}])/(work|home|tmp|root|Users)/|[A-Z]:\\\\?Users|\bapi\.nuget\.org\b|\bartifactory\b|\bpkgs\.dev\.azure\b|\bghcr\.io\b")]
    private static partial Regex MachinePath();
}
