using MicroSpark.Formats.Parquet.Metadata;

namespace MicroSpark.Formats.Parquet;

/// <summary>What is wrong with a file, in words that name it.</summary>
internal static class ParquetErrors
{
    /// <summary>A part of the format that is not read: no fault of the file.</summary>
    public static InvalidDataException Unsupported(string file, string feature, ParquetPath? column = null) => new(
        $"'{file}'{(column is null ? "" : $", column '{column}'")}: {feature} cannot be read. "
        + (column is null ? "Write the file without it." : "Leave the member out, or write the column without it."));

    public static InvalidDataException Damaged(
        string file, int group, ParquetPath column, long offset, string found, Exception? inner) => new(
        $"'{file}', row group {group}, column '{column}', the page at byte {offset}: {found}. Is the file damaged?", inner);
}
