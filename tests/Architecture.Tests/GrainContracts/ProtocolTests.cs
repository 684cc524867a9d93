using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace MicroSpark.Tests.GrainContracts;

/// <summary>
/// docs/protocol.txt says for each protocol number which contracts it stands for, by their hash. Builds of one number run each other's tasks, so
/// contracts that change need another number.
/// </summary>
public sealed partial class ProtocolTests
{
    private const string Document = "docs/protocol.txt";

    [Fact]
    public void The_contracts_change_with_the_number_only()
    {
        var (number, hash) = (NumberOf(SourceTree.Read("Directory.Build.props")), HashOf(SourceTree.Read("docs/grain-contracts.txt") + SourceTree.Read("docs/plan-contracts.txt")));
        var lines = File.Exists(SourceTree.Absolute(Document)) ? File.ReadAllLines(SourceTree.Absolute(Document)) : [];
        if (Environment.GetEnvironmentVariable("UPDATE_PROTOCOL") == "1" && !Array.Exists(lines, line => IsOf(number, line)))
        {
            lines = [.. lines, $"{number} {hash}"];
            File.WriteAllLines(SourceTree.Absolute(Document), lines);
        }

        var problem = Problem(lines, number, hash);
        Assert.True(problem is null, problem);
    }

    [Fact]
    public void A_changed_contract_is_found_and_a_new_number_asks_to_be_recorded()
    {
        string[] lines = ["1.0 aa", "1.1 bb"];
        Assert.Null(Problem(lines, "1.1", "bb"));
        Assert.Contains("have changed", Problem(lines, "1.1", "cc"), StringComparison.Ordinal);
        Assert.Contains("UPDATE_PROTOCOL", Problem(lines, "1.2", "cc"), StringComparison.Ordinal);
        Assert.Contains("last line", Problem(lines, "1.0", "aa"), StringComparison.Ordinal);
        Assert.Equal("3.14", NumberOf("<Version>3.14.15-rc.1</Version>"));
        Assert.Equal(HashOf("a\r\nb\r\n"), HashOf("a\nb\n"));
    }

    /// <summary>What a build says it is must be what the document was checked against.</summary>
    [Fact]
    public void The_build_says_the_number_of_the_version()
    {
        var version = System.Reflection.Assembly.Load("MicroSpark.Core").GetName().Version!;
        Assert.Equal(NumberOf(SourceTree.Read("Directory.Build.props")), $"{version.Major}.{version.Minor}");
    }

    private static string? Problem(string[] lines, string number, string hash)
    {
        var at = Array.FindIndex(lines, line => IsOf(number, line));
        return at < 0
            ? $"""
              {Document} does not know the number {number}. Record it with
                  UPDATE_PROTOCOL=1 dotnet test tests/Architecture.Tests -c Release --filter ProtocolTests
              """
            : at != lines.Length - 1 ? $"The number {number} of Directory.Build.props is not in the last line of {Document}."
            : lines[at] == $"{number} {hash}" ? null
            : $"""
              docs/grain-contracts.txt or docs/plan-contracts.txt have changed, and the number {number} stands for the former ones. Raise the minor
              number of <Version> in Directory.Build.props and record it with UPDATE_PROTOCOL=1. If no build of {number} was ever given to anybody,
              take its line out of {Document} instead, and record it again.
              """;
    }

    private static bool IsOf(string number, string line) => line.StartsWith(number + " ", StringComparison.Ordinal);

    private static string NumberOf(string properties) => VersionElement().Match(properties).Groups[1].Value;

    private static string HashOf(string text) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ReplaceLineEndings("\n"))));

    [GeneratedRegex("<Version>([0-9]+[.][0-9]+)[.]")]
    private static partial Regex VersionElement();
}
