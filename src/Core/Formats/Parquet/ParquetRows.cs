using MicroSpark.Files;
using MicroSpark.Formats.Records;
using MicroSpark.Readers;
using Parquet;
using Parquet.Schema;

namespace MicroSpark.Formats.Parquet;

/// <summary>The rows of one row group as elements. Only the columns that the elements have are read, whole columns at a time.</summary>
internal sealed class ParquetRows<T>(ParquetSplit split, CancellationToken cancellation) : ChunkReader<T>
{
    private const int RunLength = 1024;

    private readonly T[] _run = new T[RunLength];
    private ParquetFill<T>? _fill;
    private Array[] _columns = [];
    private ParquetCells _cells = null!;
    private int _rows;
    private int _next;

    public override bool Next(int limit, out ReadOnlySpan<T> run)
    {
        cancellation.ThrowIfCancellationRequested();
        if (_fill is null)
        {
            ParquetErrors.Guard(split.File.Path, Load);
        }

        var count = Math.Min(Math.Min(limit, RunLength), _rows - _next);
        if (count > 0)
        {
            _fill!(_columns, _next, _run, count, _cells);
            _next += count;
        }

        run = _run.AsSpan(0, count);
        return count > 0;
    }

    private void Load()
    {
        using var input = new SeekableInput(split.File, LocalFileSystem.Instance);
        var reader = ParquetReader.CreateAsync(input, cancellationToken: cancellation).GetAwaiter().GetResult();
        using var group = reader.OpenRowGroupReader(split.RowGroup);
        var binding = ParquetBinder<T>.Binding;
        var columns = RecordColumns.Match(
            binding.Members, binding.ByPosition, [.. reader.Schema.Fields.Select(static field => field.Name)], split.File.Path);
        _rows = checked((int)group.RowCount);
        _columns = new Array[binding.Members.Length];
        var fields = new DataField?[binding.Members.Length];
        for (var i = 0; i < fields.Length; i++)
        {
            if (columns[binding.Members[i].Ordinal] is >= 0 and var column)
            {
                fields[i] = reader.Schema.Fields[column] as DataField is { IsArray: false } flat ? flat : throw new InvalidDataException(
                    $"'{split.File.Path}', column '{reader.Schema.Fields[column].Name}': expected {binding.Members[i].ValueType.Name}, "
                    + $"found a nested column "
                    + $"({reader.Schema.Fields[column].SchemaType}). Leave the member out, or give it the type of the nested column.");
                _columns[i] = ParquetColumns.Read(group, fields[i]!, _rows, cancellation);
            }
        }

        _cells = new ParquetCells(split, binding.Members);
        _fill = binding.FillFor(fields, split.File.Path);
    }
}

/// <summary>What the compiled method asks for when a row has no value where the element needs one.</summary>
internal sealed class ParquetCells(ParquetSplit split, RecordMember[] members)
{
    public TValue Null<TValue>(int member, int row) => throw new InvalidDataException(
        $"'{split.File.Path}', row group {split.RowGroup}, row {row}, column '{members[member].Name}': expected "
        + $"{members[member].ValueType.Name}, found null. "
        + "Declare the member with a '?' so that it may be null.");

    public TValue Parse<TValue>(string text, int member, int row)
        where TValue : struct, Enum =>
        Enum.TryParse(text, ignoreCase: true, out TValue value) ? value : throw new InvalidDataException(
            $"'{split.File.Path}', row group {split.RowGroup}, row {row}, column '{members[member].Name}': expected {typeof(TValue).Name} "
            + $"({string.Join(", ", Enum.GetNames<TValue>().Take(8))}), found '{text}'.");
}
