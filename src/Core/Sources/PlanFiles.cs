using MicroSpark.Files;
using MicroSpark.Plans;

namespace MicroSpark.Sources;

/// <summary>Files in a plan's arguments: as they were listed, so that a task notices one that has changed since.</summary>
internal static class PlanFiles
{
    /// <summary>The fewest bytes of a file: the length of its path, its own length and its time.</summary>
    public const int LeastBytes = sizeof(int) + (2 * sizeof(long));

    public static void Write(PlanWriter writer, FileEntry file)
    {
        writer.Text(file.Path);
        writer.Int64(file.Length);
        writer.Int64(file.ModifiedTicks);
    }

    public static FileEntry Read(PlanReader reader) => new(reader.Text(), reader.Int64(), reader.Int64());

    public static void WriteAll(PlanWriter writer, FileEntry[] files)
    {
        writer.Int32(files.Length);
        foreach (var file in files)
        {
            Write(writer, file);
        }
    }

    public static FileEntry[] ReadAll(PlanReader reader)
    {
        var files = new FileEntry[reader.Count(LeastBytes)];
        for (var i = 0; i < files.Length; i++)
        {
            files[i] = Read(reader);
        }

        return files;
    }
}
