using MicroSpark.Files;
using MicroSpark.Formats.Parquet.Metadata;

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
            using var input = new ParquetInput(file, LocalFileSystem.Instance);
            var groups = ParquetFooter.Read(input).RowGroups.Length;
            for (var group = 0; group < groups; group++)
            {
                splits.Add(new ParquetSplit(file, group));
            }
        }

        return [.. splits];
    }
}
