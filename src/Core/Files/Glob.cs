using System.Text;
using System.Text.RegularExpressions;

namespace MicroSpark.Files;

/// <summary>
/// Finds what a pattern names: <c>*</c> and <c>?</c> within one name, <c>[a-z]</c> and <c>[!a-z]</c>, <c>{a,b}</c> (also around
/// slashes), <c>**</c> for any number of directories, none included. On Unix a backslash takes the next character as it is. Names
/// that start with <c>.</c> or <c>_</c> are found only by a pattern that spells this out; <c>**</c> does not enter linked directories.
/// </summary>
internal static class Glob
{
    private static readonly bool Escapes = Path.DirectorySeparatorChar != '\\';

    /// <summary>Whether the path has wildcards at all.</summary>
    public static bool IsPattern(string path) => path.AsSpan().IndexOfAny("*?[{") >= 0 || (Escapes && path.Contains('\\'));

    /// <summary>The entries that match an absolute pattern, each once, in ordinal order of their paths.</summary>
    public static List<FileEntry> Find(string pattern, IFileSystem files)
    {
        var found = new SortedDictionary<string, FileEntry>(StringComparer.Ordinal);
        foreach (var alternative in ExpandBraces(pattern))
        {
            var root = Path.GetPathRoot(alternative)!;
            var names = alternative[root.Length..].Split(
                [Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar], StringSplitOptions.RemoveEmptyEntries);
            Walk(root, names, files, found);
        }

        return [.. found.Values];
    }

    private static void Walk(string directory, ReadOnlySpan<string> names, IFileSystem files, SortedDictionary<string, FileEntry> found)
    {
        if (names is ["**", .. var rest])
        {
            WalkTree(directory, rest, files, found);
            return;
        }

        if (!IsPattern(names[0]))
        {
            var path = Path.Join(directory, names[0]);
            if (names.Length > 1)
            {
                Walk(path, names[1..], files, found);
            }
            else if (files.Stat(path) is { } entry)
            {
                found[path] = entry;
            }

            return;
        }

        var matcher = Compile(names[0]);
        foreach (var entry in Visible(directory, files, spelledOut: names[0][0] is '.' or '_'))
        {
            if (!matcher.IsMatch(entry.Name))
            {
                continue;
            }

            if (names.Length == 1)
            {
                found[entry.Path] = entry;
            }
            else if (entry.IsDirectory)
            {
                Walk(entry.Path, names[1..], files, found);
            }
        }
    }

    // '**' at the end stands for every file below; before other names for every directory that these may start from.
    private static void WalkTree(string top, ReadOnlySpan<string> rest, IFileSystem files, SortedDictionary<string, FileEntry> found)
    {
        var pending = new Stack<string>([top]);
        while (pending.TryPop(out var directory))
        {
            if (!rest.IsEmpty)
            {
                Walk(directory, rest, files, found);
            }

            foreach (var entry in Visible(directory, files, spelledOut: false))
            {
                if (!entry.IsDirectory)
                {
                    if (rest.IsEmpty)
                    {
                        found[entry.Path] = entry;
                    }
                }
                else if (new DirectoryInfo(entry.Path).LinkTarget is null)
                {
                    pending.Push(entry.Path);
                }
            }
        }
    }

    private static IEnumerable<FileEntry> Visible(string directory, IFileSystem files, bool spelledOut) =>
        files.Stat(directory) is { IsDirectory: true }
            ? files.List(directory).Where(entry => spelledOut || entry.Name[0] is not ('.' or '_'))
            : [];

    private static IEnumerable<string> ExpandBraces(string pattern)
    {
        (var open, var close, var choices) = FirstGroup(pattern);
        if (open < 0)
        {
            return [pattern];
        }

        return choices.SelectMany(choice => ExpandBraces(string.Concat(pattern.AsSpan(0, open), choice, pattern.AsSpan(close + 1))));
    }

    private static (int Open, int Close, List<string> Choices) FirstGroup(string pattern)
    {
        var open = -1;
        var depth = 0;
        var start = 0;
        List<string> choices = [];
        for (var i = 0; i < pattern.Length; i++)
        {
            switch (pattern[i])
            {
                case '\\' when Escapes:
                    i++;
                    break;
                case '{' when depth++ == 0:
                    open = i;
                    start = i + 1;
                    break;
                case ',' when depth == 1:
                    choices.Add(pattern[start..i]);
                    start = i + 1;
                    break;
                case '}' when depth > 0 && --depth == 0:
                    choices.Add(pattern[start..i]);
                    return (open, i, choices);
            }
        }

        return (-1, -1, []); // an opening brace without its end is a character like others
    }

    private static Regex Compile(string name)
    {
        var regex = new StringBuilder("^");
        for (var i = 0; i < name.Length; i++)
        {
            var c = name[i];
            var close = c == '[' ? name.IndexOf(']', Math.Min(i + 2, name.Length)) : -1;
            if (close > 0)
            {
                var negated = name[i + 1] is '!' or '^';
                var set = name[(i + (negated ? 2 : 1))..close];
                regex.Append(negated ? "[^" : "[")
                    .Append(set.Replace("\\", @"\\").Replace("[", @"\[").Replace("]", @"\]").Replace("^", @"\^")).Append(']');
                i = close;
                continue;
            }

            if (c == '\\' && Escapes && i + 1 < name.Length)
            {
                c = name[++i];
                regex.Append(Regex.Escape(c.ToString()));
                continue;
            }

            regex.Append(c switch { '*' => ".*", '?' => ".", _ => Regex.Escape(c.ToString()) });
        }

        // Without backtracking no pattern can take time that is exponential in the name's length.
        return new Regex(
            regex.Append(@"\z").ToString(), RegexOptions.NonBacktracking | RegexOptions.Singleline | RegexOptions.CultureInvariant);
    }
}
