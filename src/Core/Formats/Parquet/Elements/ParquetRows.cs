using MicroSpark.Files;
using MicroSpark.Formats.Parquet.Metadata;
using MicroSpark.Formats.Parquet.Pages;
using MicroSpark.Readers;

namespace MicroSpark.Formats.Parquet.Elements;

/// <summary>The rows of one row group as elements. Only the columns that the elements have are read, some rows of each at a time.</summary>
internal sealed class ParquetRows<T>(ParquetSplit split, CancellationToken cancellation, long longest) : ChunkReader<T>
{
    private const int Longest = 1024;
    private const int First = 16;

    // What a batch may take. A value has its own bytes and those of its page, which compressed were few.
    private const int Bytes = 16 << 20;
    private readonly T[] _run = new T[Longest];
    private ParquetInput? _input;
    private ParquetFill<T>? _fill;
    private ParquetColumn[] _columns = [];
    private ParquetCells _cells = null!;
    private long _rows;
    private int _most = First;

    public override bool Next(int limit, out ReadOnlySpan<T> run)
    {
        cancellation.ThrowIfCancellationRequested();
        if (_fill is null)
        {
            Open();
        }

        var count = (int)Math.Min(Math.Min(limit, _most), _rows - _cells.Done);
        if (count > 0)
        {
            count = Read(count);
        }
        else if (_rows == _cells.Done)
        {
            Array.ForEach(_columns, static column => column.End());
        }

        run = _run.AsSpan(0, count);
        return count > 0;
    }

    public override void Dispose()
    {
        Array.ForEach(_columns, static column => column.Dispose());
        _input?.Dispose();
    }

    private void Open()
    {
        var file = split.File.Path;
        _input = new ParquetInput(split.File, LocalFileSystem.Instance);
        var footer = ParquetFooter.Read(_input);
        var group = footer.RowGroups[split.RowGroup];
        var (fill, columns, leaves) = ParquetBinding<T>.Instance.For(footer.Root, file);
        var opened = new List<ParquetColumn>(columns.Length);
        for (var i = 0; i < columns.Length; i++)
        {
            var leaf = leaves[i];
            var chunk = group.Chunks[leaf.FirstLeaf];
            if ((chunk.Feature ?? PageCodec.FeatureOf(chunk.Codec)) is { } feature)
            {
                throw ParquetErrors.Unsupported(file, feature, leaf.Path);
            }

            if (chunk.Type != leaf.Type || (leaf.Rep == 0 && chunk.Values != group.Rows))
            {
                throw new InvalidDataException(
                    $"'{file}', row group {split.RowGroup}, column '{leaf.Path}': expected {group.Rows} values of {leaf.Type}, found "
                    + $"{chunk.Values} of {chunk.Type}. Is the file damaged?");
            }

            opened.Add(columns[i].Source is { } source
                ? source.Open(_input, split.RowGroup, chunk, leaf, longest)
                : new ParquetLevels(_input, split.RowGroup, chunk, leaf, longest));
        }

        _columns = [.. opened];
        _rows = columns.Length > 0 || group.Rows == 0 ? group.Rows : throw new InvalidDataException(
            $"'{file}', row group {split.RowGroup}: expected columns with {group.Rows} rows, found none.");
        _cells = new ParquetCells(file, split.RowGroup, _columns, leaves);
        _fill = fill;
    }

    // As many rows as the column with the fewest has.
    private int Read(int count)
    {
        var room = Math.Max(1, Bytes / _columns.Length);
        foreach (var column in _columns)
        {
            count = column.Fill(count, room);
        }

        foreach (var column in _columns)
        {
            column.Take(count);
        }

        try
        {
            _fill!(_columns, _run, count, _cells);
        }
        catch (Exception e) when (e is IndexOutOfRangeException or OverflowException)
        {
            throw new InvalidDataException(
                $"'{split.File.Path}', row group {split.RowGroup}, rows {_cells.Done} to {_cells.Done + count}: the columns do not fit "
                + $"each other, or a number does not fit its member: {e.Message}", e);
        }

        _cells.Done += count;
        _most = Math.Min(2 * _most, Longest);
        return count;
    }
}
