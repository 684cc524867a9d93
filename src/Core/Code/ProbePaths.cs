using System.Collections.Frozen;

namespace MicroSpark.Code;

/// <summary>Where the files of assemblies are that the process may not have loaded yet.</summary>
internal static class ProbePaths
{
    private static readonly FrozenDictionary<string, string> s_trusted = Trusted();

    /// <summary>The file that the default load context would take for a simple name; null when it knows none.</summary>
    public static string? Find(string simpleName) => s_trusted.GetValueOrDefault(simpleName);

    /// <summary>The file of that name in a folder; null when there is none.</summary>
    public static string? Beside(string folder, string simpleName)
    {
        var path = Path.Combine(folder, simpleName + ".dll");
        return folder.Length > 0 && File.Exists(path) ? path : null;
    }

    private static FrozenDictionary<string, string> Trusted()
    {
        var paths = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var list = AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") as string ?? "";
        foreach (var path in list.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
        {
            paths.TryAdd(Path.GetFileNameWithoutExtension(path), path);
        }

        return paths.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
    }
}
