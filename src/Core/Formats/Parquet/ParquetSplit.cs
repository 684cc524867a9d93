using MicroSpark.Files;
using Parquet;

namespace MicroSpark.Formats.Parquet;

/// <summary>One partition of a Parquet source: a row group of a file, as the file was when it was listed.</summary>
internal readonly record struct ParquetSplit(FileEntry File, int RowGroup)
{
    /// <summary>The row groups of all files, in order, from the files' footers.</summary>
    /// <exception cref="InvalidDataException">A file is no whole Parquet file.</exception>
    public static ParquetSplit[] Plan(IReadOnlyList<FileEntry> files)
    {
        var splits = new List<ParquetSplit>();
        foreach (var file in files)
        {
            ParquetErrors.Guard(file.Path, () =>
            {
                using var input = new SeekableInput(file, LocalFileSystem.Instance);
                var reader = ParquetReader.CreateAsync(input).GetAwaiter().GetResult();
                for (var group = 0; group < reader.RowGroupCount; group++)
                {
                    splits.Add(new ParquetSplit(file, group));
                }
            });
        }

        return [.. splits];
    }
}

/// <summary>The library's errors say what is wrong, but not with which file.</summary>
internal static class ParquetErrors
{
    public static void Guard(string path, Action read)
    {
        try
        {
            read();
        }
        catch (Exception e) when (
            e is not (OperationCanceledException or FileNotFoundException or UnauthorizedAccessException or OutOfMemoryException)
            && !e.Message.Contains(path, StringComparison.Ordinal))
        {
            throw new InvalidDataException($"'{path}' is no whole Parquet file: {e.Message}. Was it cut off, or is it another format?", e);
        }
    }
}
