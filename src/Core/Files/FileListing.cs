namespace MicroSpark.Files;

/// <summary>
/// Lists the files that a source reads, by metadata alone. The order is part of the result, since it is the order of the elements. It is
/// the order of the comma list, and inside a directory or glob the order of ordinal paths.
/// </summary>
internal static class FileListing
{
    /// <summary>The files behind the path argument of a source; empty when it names directories without files.</summary>
    /// <remarks>
    /// A directory stands for the files right in it, without those whose names start with <c>_</c> or <c>.</c> (marks and
    /// leftovers of writers); one named itself is read whatever its name. Nothing is deduplicated between the paths of a list.
    /// </remarks>
    /// <exception cref="FileNotFoundException">A path does not exist, or a glob matches nothing.</exception>
    /// <exception cref="UnauthorizedAccessException">A directory may not be read.</exception>
    public static FileEntry[] List(string paths, IFileSystem? files = null)
    {
        files ??= LocalFileSystem.Instance;
        return List(InputPaths.Parse(paths, files), files);
    }

    /// <summary>As <see cref="List(string, IFileSystem?)"/>, for a list that <see cref="InputPaths.Parse"/> took apart before.</summary>
    public static FileEntry[] List(IReadOnlyList<string> absolutePaths, IFileSystem? files = null)
    {
        files ??= LocalFileSystem.Instance;
        var result = new List<FileEntry>();
        foreach (var path in absolutePaths)
        {
            // Looked up as it stands first: a file may well be named 'a[1].txt'.
            if (files.Stat(path) is { } named)
            {
                AddFilesOf(named, files, result);
            }
            else if (Glob.IsPattern(path) && Glob.Find(path, files) is { Count: > 0 } matches)
            {
                foreach (var match in matches)
                {
                    AddFilesOf(match, files, result);
                }
            }
            else
            {
                throw new FileNotFoundException(
                    Glob.IsPattern(path) ? $"The input pattern '{path}' matches no file." : $"The input path '{path}' does not exist.",
                    path);
            }
        }

        return [.. result];
    }

    private static void AddFilesOf(FileEntry entry, IFileSystem files, List<FileEntry> result)
    {
        if (!entry.IsDirectory)
        {
            result.Add(entry);
            return;
        }

        var first = result.Count;
        result.AddRange(files.List(entry.Path).Where(file => !file.IsDirectory && file.Name[0] is not ('_' or '.')));
        result.Sort(first, result.Count - first, Comparer<FileEntry>.Create((a, b) => string.CompareOrdinal(a.Path, b.Path)));
    }
}
