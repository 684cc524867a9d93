using System.Runtime.CompilerServices;

namespace MicroSpark.Tests.Contexts;

/// <summary>A test on a file of a folder <c>shared/data</c> beside one of the folders that hold the repository. Skipped where there is none.</summary>
public sealed class DataFactAttribute : FactAttribute
{
    public DataFactAttribute(string file)
    {
        if (Find(file) is null)
        {
            Skip = $"There is no shared/data/{file} beside the repository.";
        }
    }

    public static string? Find(string file, [CallerFilePath] string here = "")
    {
        for (var folder = Path.GetDirectoryName(here); folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (Path.Combine(folder, "shared", "data", file) is var path && File.Exists(path))
            {
                return path;
            }
        }

        return null;
    }
}
