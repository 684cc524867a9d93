using System.Globalization;
using System.Text;

namespace MicroSpark.Display;

/// <summary>
/// Text of strangers for a terminal or a log: one line, in which nothing acts. Control characters, which move cursors and forge lines, and
/// those that turn the direction of writing, are spelled out. A tab stays.
/// </summary>
internal static class VisibleText
{
    /// <param name="text">Anything.</param>
    /// <param name="most">Characters of the text that are shown at most; the rest is cut, and an ellipsis says so.</param>
    public static string Of(string text, int most = int.MaxValue)
    {
        var shown = Math.Min(text.Length, most);
        for (var i = 0; i < shown; i++)
        {
            if (Acts(text, i))
            {
                return Spell(text, shown);
            }
        }

        return shown == text.Length ? text : string.Concat(text.AsSpan(0, shown), "…");
    }

    /// <summary>The same of a text that may have several lines, as an error with its stack: it keeps them.</summary>
    public static string OfLines(string text) =>
        string.Join(Environment.NewLine, text.ReplaceLineEndings("\n").Split('\n').Select(static line => Of(line)));

    private static string Spell(string text, int shown)
    {
        var spelled = new StringBuilder(shown + 16);
        for (var i = 0; i < shown; i++)
        {
            var character = text[i];
            if (!Acts(text, i))
            {
                spelled.Append(character);
            }
            else if (character == '\n')
            {
                spelled.Append("\\n");
            }
            else if (character == '\r')
            {
                spelled.Append("\\r");
            }
            else
            {
                spelled.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}");
            }
        }

        return shown == text.Length ? spelled.ToString() : spelled.Append('…').ToString();
    }

    private static bool Acts(string text, int at)
    {
        var character = text[at];
        if (character is >= ' ' and < '\x7f' or '\t')
        {
            return false;
        }

        return char.IsControl(character)
            || character is '\u061c' or '\u200e' or '\u200f' or (>= '\u2028' and <= '\u202e') or (>= '\u2066' and <= '\u2069') or '\ufeff'
            || (char.IsSurrogate(character) && !IsPaired(text, at));
    }

    private static bool IsPaired(string text, int at) => char.IsHighSurrogate(text[at])
        ? at + 1 < text.Length && char.IsLowSurrogate(text[at + 1])
        : at > 0 && char.IsHighSurrogate(text[at - 1]);
}
