using System.Text.RegularExpressions;

namespace MicroSpark.Tests;

/// <summary>The README is short, and what it tells the reader to run exists.</summary>
public sealed partial class DocumentTests
{
    [Fact]
    public void The_README_is_under_200_lines() => Assert.InRange(File.ReadLines(SourceTree.Absolute("README.md")).Count(), 1, 199);

    [Fact]
    public void The_README_shows_the_job_and_the_test_command()
    {
        var commands = Blocks("README.md", "sh").SelectMany(block => block.Split('\n')).Select(line => line.TrimStart('$', ' ')).ToArray();

        Assert.Contains(commands, line => line.StartsWith("dotnet run -c Release --project src/Client -- wordcount ", StringComparison.Ordinal));
        Assert.Contains("./eng/test.sh", commands);
    }

    [Theory]
    [MemberData(nameof(Documents))]
    public void Paths_in_commands_and_links_exist(string document)
    {
        var folder = Path.GetDirectoryName(document)!;
        var paths = Blocks(document, "sh").SelectMany(block => CommandPath().Matches(block)).Select(match => match.Groups["path"].Value)
            .Concat(Link().Matches(SourceTree.Read(document)).Select(match => Path.Combine(folder, match.Groups["path"].Value)));

        Assert.All(paths, path => Assert.True(Path.Exists(SourceTree.Absolute(path)), $"{document} names {path}, which is not there."));
    }

    public static TheoryData<string> Documents() => [.. SourceTree.Files(".md")];

    /// <summary>The fenced blocks of one language. Those that say where they go are parts of files: see <see cref="Recipes.Recipe"/>.</summary>
    internal static IEnumerable<string> Blocks(string document, string language) =>
        Fences(SourceTree.Read(document)).Where(fence => fence.Language == language && fence.Info.Length == 0).Select(fence => fence.Text);

    /// <summary>All fenced blocks of a text, with what stands behind the language.</summary>
    internal static IEnumerable<(string Language, string Info, string Text)> Fences(string markdown) =>
        from match in Fence().Matches(markdown.ReplaceLineEndings("\n"))
        select (match.Groups["language"].Value, match.Groups["info"].Value.Trim(), match.Groups["text"].Value);

    [GeneratedRegex(@"^```(?<language>\w*)(?<info>[^`\n]*)\n(?<text>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();

    [GeneratedRegex(@"--project (?<path>\S+)|(?<=^|\s)(?<path>\./(eng|\.ci|samples)/\S+)")]
    private static partial Regex CommandPath();

    [GeneratedRegex(@"\]\((?<path>[^)#:\s]+)(#[^)]*)?\)")]
    private static partial Regex Link();
}
