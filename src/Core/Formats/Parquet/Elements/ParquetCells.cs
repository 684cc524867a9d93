using MicroSpark.Formats.Parquet.Metadata;
using MicroSpark.Formats.Parquet.Pages;

namespace MicroSpark.Formats.Parquet.Elements;

/// <summary>What the compiled loop asks for when a value is not what the element needs.</summary>
internal sealed class ParquetCells(string file, int group, ParquetColumn[] columns, ParquetLeafNode[] leaves)
{
    /// <summary>Rows of the batches before.</summary>
    public long Done { get; set; }

    public TValue Null<TValue>(int column, int row) => throw Damaged(
        $"expected {Name(typeof(TValue))}, found null. Declare the member with a '?' so that it may be null.", column, row);

    public TValue Misfit<TValue>(object found, int column, int row) =>
        throw Damaged($"expected {Name(typeof(TValue))}, found {found}.", column, row);

    public TValue Untyped<TValue>(int column, int row) =>
        throw columns[column].Damaged($"expected null in a column of no type, found a value in row {Done + row}", null);

    public TValue Parse<TValue>(string text, int column, int row)
        where TValue : struct, Enum =>
        Enum.TryParse(text, ignoreCase: true, out TValue value) ? value : throw Damaged(
            $"expected {typeof(TValue).Name} ({string.Join(", ", Enum.GetNames<TValue>().Take(8))}), found '{text}'.", column, row);

    public void Add<TKey, TValue>(Dictionary<TKey, TValue> map, TKey key, TValue value, int column, int row)
        where TKey : notnull
    {
        if (key is null || !map.TryAdd(key, value))
        {
            throw Damaged($"expected a map with one value for each key, found {(key is null ? "null as a key" : $"'{key}' twice")}. "
                + "Read it as a list of pairs.", column, row);
        }
    }

    public InvalidDataException Damaged(string found, int column, int row) => new(
        $"'{file}', row group {group}, row {Done + row}, column '{leaves[column].Path}': {found}");

    private static string Name(Type type) => (Nullable.GetUnderlyingType(type) ?? type).Name;
}
