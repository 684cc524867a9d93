namespace MicroSpark.Files;

/// <summary>
/// Takes apart the path argument of a source: a comma list of paths and globs. The commas inside <c>{a,b}</c> do not separate, and
/// an argument that exists as it stands is one path, commas, brackets and all.
/// </summary>
internal static class InputPaths
{
    private const string FilePrefix = "file:";

    /// <summary>
    /// The paths and globs of the list, each absolute, so that they mean the same wherever and whenever they are listed.
    /// </summary>
    /// <exception cref="ArgumentException">The list, or a path in it, is empty.</exception>
    /// <exception cref="NotSupportedException">A path starts with a scheme other than <c>file:</c>.</exception>
    public static string[] Parse(string paths, IFileSystem files)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(paths);
        if (!HasScheme(paths) && files.Stat(MakeAbsolute(paths)) is not null)
        {
            return [MakeAbsolute(paths)];
        }

        return [.. SplitAtCommas(paths).Select(MakeAbsolute)];
    }

    /// <summary>One path, absolute, without <c>file://</c>.</summary>
    /// <exception cref="NotSupportedException">It starts with another scheme.</exception>
    public static string MakeAbsolute(string path)
    {
        if (string.IsNullOrWhiteSpace(path))
        {
            throw new ArgumentException("The path is empty, or a comma list of paths holds an empty one.", nameof(path));
        }

        if (HasScheme(path))
        {
            if (!path.StartsWith(FilePrefix, StringComparison.OrdinalIgnoreCase))
            {
                throw new NotSupportedException(
                    $"The path '{path}' names the scheme '{path[..path.IndexOf(':')]}'. Local paths and 'file://' can be read and written; "
                    + "mount the store, or copy the files.");
            }

            // file:///x, file://localhost/x and file:/x all mean /x; as in Hadoop nothing is unescaped.
            path = path[FilePrefix.Length..];
            if (path.StartsWith("//", StringComparison.Ordinal))
            {
                var root = path.IndexOf('/', 2);
                path = root < 0 ? path : path[root..];
            }
        }

        return Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
    }

    // A scheme has two letters or more, so that C:\data is none; 'file:' needs its slash, so that a file named 'file:1' stays one.
    private static bool HasScheme(string path)
    {
        var colon = path.IndexOf(':');
        return colon >= 2
            && path.AsSpan(0, colon).IndexOfAny("/\\,*?[{") < 0
            && (path.AsSpan(colon).StartsWith("://", StringComparison.Ordinal)
                || path.StartsWith(FilePrefix + "/", StringComparison.OrdinalIgnoreCase));
    }

    private static List<string> SplitAtCommas(string paths)
    {
        var parts = new List<string>();
        var depth = 0;
        var start = 0;
        for (var i = 0; i < paths.Length; i++)
        {
            switch (paths[i])
            {
                case '{':
                    depth++;
                    break;
                case '}':
                    depth = Math.Max(0, depth - 1);
                    break;
                case ',' when depth == 0:
                    parts.Add(paths[start..i]);
                    start = i + 1;
                    break;
            }
        }

        parts.Add(paths[start..]);
        return parts;
    }
}
