namespace MicroSpark.Tests;

/// <summary>The repository's files as a fresh clone has them: build output and editor folders are left out.</summary>
internal static class SourceTree
{
    private static readonly string[] NotOurs = ["artifacts", "bin", "obj", ".git", ".vs", ".idea", "TestResults"];

    /// <summary>The folder that holds MicroSpark.sln, found upwards from the test assembly.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>All files below some top folders (none: everywhere), as paths relative to the root with forward slashes, sorted.</summary>
    public static IReadOnlyList<string> Files(string extension, params string[] folders) =>
        [.. (folders.Length == 0 ? [Root] : folders.Select(Absolute).Where(Directory.Exists))
            .SelectMany(Walk)
            .Where(path => path.EndsWith(extension, StringComparison.Ordinal))
            .Select(path => Path.GetRelativePath(Root, path).Replace('\\', '/'))
            .Order(StringComparer.Ordinal)];

    public static string Absolute(string relative) => Path.Combine(Root, relative);

    public static string Read(string relative) => File.ReadAllText(Absolute(relative));

    private static IEnumerable<string> Walk(string folder)
    {
        // In a worktree .git is a file.
        foreach (var file in Directory.EnumerateFiles(folder).Where(file => !NotOurs.Contains(Path.GetFileName(file))))
        {
            yield return file;
        }

        foreach (var inner in Directory.EnumerateDirectories(folder))
        {
            if (!NotOurs.Contains(Path.GetFileName(inner)))
            {
                foreach (var file in Walk(inner))
                {
                    yield return file;
                }
            }
        }
    }

    private static string FindRoot()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "MicroSpark.sln")))
            {
                return folder;
            }
        }

        throw new InvalidOperationException($"No MicroSpark.sln above {AppContext.BaseDirectory}: run the tests from a clone of the repository.");
    }
}
