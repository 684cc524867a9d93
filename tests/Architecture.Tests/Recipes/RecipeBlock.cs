using System.Text.RegularExpressions;

namespace MicroSpark.Tests.Recipes;

/// <summary>A piece of code and where it goes.</summary>
/// <param name="Path">From the repository's root.</param>
/// <param name="Anchor">What stands in exactly one line of the file; null for a new file.</param>
/// <param name="Replaces">Whether the code takes that line's place; else it comes below.</param>
internal sealed partial record RecipeBlock(string Path, string? Anchor, bool Replaces, string Code)
{
    /// <exception cref="FormatException">The words behind the language are not understood.</exception>
    public static RecipeBlock Parse(string info, string code)
    {
        var match = Info().Match(info);
        return !match.Success ? throw new FormatException($"'{info}' is neither file=PATH, nor that with after=\"TEXT\" or replace=\"TEXT\".")
            : new(
                match.Groups["path"].Value, match.Groups["anchor"].Success ? match.Groups["anchor"].Value : null, match.Groups["how"].Value == "replace",
                code);
    }

    /// <summary>The file's text with the code in its place.</summary>
    /// <param name="file">As it is; null when there is none.</param>
    /// <exception cref="RecipeException">A new file exists, or the anchor is not in exactly one line.</exception>
    public string Apply(string? file)
    {
        if (Anchor is null)
        {
            return file is null ? Code : throw new RecipeException($"{Path} is there already: say where the code goes with after=\"TEXT\".");
        }

        List<string> lines = [.. (file ?? throw new RecipeException($"{Path} is not there.")).ReplaceLineEndings("\n").Split('\n')];
        var at = lines.Index().Where(line => line.Item.Contains(Anchor, StringComparison.Ordinal)).Select(line => line.Index).ToArray();
        if (at.Length != 1)
        {
            throw new RecipeException($"'{Anchor}' is in {at.Length} lines of {Path}, and should be in one.");
        }

        lines.RemoveRange(at[0], Replaces ? 1 : 0);
        lines.InsertRange(Replaces ? at[0] : at[0] + 1, Code.TrimEnd('\n').Split('\n'));
        return string.Join('\n', lines);
    }

    [GeneratedRegex("""^file=(?<path>\S+)( (?<how>after|replace)="(?<anchor>.+)")?$""")]
    private static partial Regex Info();
}

/// <summary>A recipe does not fit the files as they are.</summary>
internal sealed class RecipeException(string message) : Exception(message);
