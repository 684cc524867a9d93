using MicroSpark.Files;
using Parquet;
using Parquet.Schema;

namespace MicroSpark.Formats.Parquet;

/// <summary>Writes elements as row groups. A group's rows are in memory until it is full.</summary>
internal sealed class ParquetPartWriter<T>(Stream content, int partition, CancellationToken cancellation) : PartWriter<T>(partition)
{
    public const int RowsPerGroup = 128 << 10;

    private readonly ParquetColumnWriter<T>[] _columns = ParquetColumnWriter<T>.Create();
    private T[] _rows = new T[1024];
    private int _count;
    private ParquetWriter? _writer;
    private ParquetSchema? _schema;

    /// <exception cref="ArgumentException">The element type has a member that no column can hold.</exception>
    public static void Check() => ParquetColumnWriter<T>.Create();

    public override void Write(ReadOnlySpan<T> elements)
    {
        foreach (var element in elements)
        {
            if (_count == _rows.Length)
            {
                MakeRoom();
            }

            _rows[_count++] = element is null ? throw NullElement("Parquet file") : element;
            CountOne();
        }
    }

    public override void Complete()
    {
        if (_count > 0)
        {
            WriteGroup();
        }

        Open().DisposeAsync().AsTask().GetAwaiter().GetResult();
    }

    private void MakeRoom()
    {
        if (_count == RowsPerGroup)
        {
            WriteGroup();
        }
        else
        {
            Array.Resize(ref _rows, 2 * _count);
        }
    }

    private ParquetWriter Open()
    {
        _schema ??= new ParquetSchema(_columns.Select(static column => (Field)column.Field));
        return _writer ??= ParquetWriter.CreateAsync(_schema, content, cancellationToken: cancellation).GetAwaiter().GetResult();
    }

    private void WriteGroup()
    {
        using var group = Open().CreateRowGroup();
        var fields = _schema!.DataFields;
        for (var i = 0; i < _columns.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            _columns[i].WriteAsync(group, fields[i], _rows.AsMemory(0, _count), cancellation).GetAwaiter().GetResult();
        }

        Array.Clear(_rows, 0, _count);
        _count = 0;
    }
}
