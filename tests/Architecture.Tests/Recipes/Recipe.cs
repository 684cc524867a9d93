using System.Text.RegularExpressions;
using MicroSpark.Tests.Floors;

namespace MicroSpark.Tests.Recipes;

/// <summary>One section of the document that shows by an example how something is added.</summary>
/// <param name="Title">Its heading.</param>
/// <param name="Text">All of it.</param>
internal sealed partial record Recipe(string Title, string Text)
{
    public const string Document = "docs/contributing.md";

    private const string Heading = "## Recipe: ";

    public static IReadOnlyList<Recipe> All { get; } = Parse(SourceTree.Read(Document));

    /// <summary>The blocks that say into which file they go, in order.</summary>
    public IReadOnlyList<RecipeBlock> Blocks { get; } =
        [.. DocumentTests.Fences(Text).Where(fence => fence.Info.Length > 0).Select(fence => RecipeBlock.Parse(fence.Info, fence.Text))];

    /// <summary>The files that the text names, and those that the recipe makes.</summary>
    public IEnumerable<string> NamedFiles => FileName().Matches(Text).Select(match => match.Groups["path"].Value).Distinct();

    public static IReadOnlyList<Recipe> Parse(string markdown)
    {
        var sections = SectionStart().Split(markdown.ReplaceLineEndings("\n")).Where(section => section.StartsWith(Heading, StringComparison.Ordinal));
        return [.. sections.Select(section => new Recipe(section.Split('\n')[0][Heading.Length..], section))];
    }

    /// <summary>Does the steps in memory.</summary>
    /// <param name="files">Those of the repository; the ones that the recipe changes or makes are replaced or added.</param>
    /// <returns>The changed and the new files.</returns>
    public IReadOnlyList<SourceFile> Apply(Func<string, string?> files)
    {
        var changed = new Dictionary<string, string>();
        foreach (var block in Blocks)
        {
            changed[block.Path] = block.Apply(changed.GetValueOrDefault(block.Path) ?? files(block.Path));
        }

        return [.. changed.Select(file => new SourceFile(file.Key, file.Value))];
    }

    public override string ToString() => Title;

    [GeneratedRegex("^(?=## )", RegexOptions.Multiline)]
    private static partial Regex SectionStart();

    [GeneratedRegex(@"`(?<path>(src|tests|docs|eng)/[\w./]+\.\w+)`")]
    private static partial Regex FileName();
}
