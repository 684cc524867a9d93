using MicroSpark.Files;
using MicroSpark.Model;

namespace MicroSpark.Tests.Files;

/// <summary>Writes a save's parts as tasks do, and looks at what is there.</summary>
internal static class SavedParts
{
    /// <returns>Whether the attempt's part is the one that stays.</returns>
    public static bool Write<T>(SaveTarget target, int partition, long attempt, params T[] elements)
    {
        using var file = new PartFile(target, partition, new AttemptId(attempt));
        using var writer = new TextPartWriter<T>(file.Content, partition);
        writer.Write(elements);
        writer.Complete();
        Assert.Equal(elements.Length, writer.Count);
        return file.Commit();
    }

    public static string[] Names(string directory) =>
        [.. Directory.GetFileSystemEntries(directory).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];
}
