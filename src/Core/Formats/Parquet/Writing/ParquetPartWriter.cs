using System.Buffers.Binary;
using MicroSpark.Files;
using MicroSpark.Formats.Parquet.Metadata;

namespace MicroSpark.Formats.Parquet.Writing;

/// <summary>
/// Writes elements as row groups. Rows are taken apart into columns at once; a group's pages, compressed, are in memory until it is full.
/// </summary>
internal sealed class ParquetPartWriter<T>(Stream content, int partition, CancellationToken cancellation) : PartWriter<T>(partition)
{
    public const int RowsPerGroup = 128 << 10;
    private const int RowsPerPage = 16 << 10;
    private static readonly byte[] s_magic = "PAR1"u8.ToArray();

    private readonly ParquetShredder<T> _shredder = ParquetShredder<T>.Instance;
    private readonly WrittenColumn[] _columns = ParquetShredder<T>.Instance.CreateColumns();
    private readonly T[] _rows = new T[1024];
    private readonly ThriftWriter _groups = new();
    private int _count;
    private int _pageRows;
    private int _groupRows;
    private int _groupCount;
    private long _written;
    private long _at;

    /// <exception cref="ArgumentException">The element type has a member that no column can hold.</exception>
    public static void Check() => _ = ParquetShredder<T>.Instance;

    public override void Write(ReadOnlySpan<T> elements)
    {
        foreach (var element in elements)
        {
            if (_count == _rows.Length)
            {
                Shred();
            }

            _rows[_count++] = element is null ? throw NullElement("Parquet file") : element;
            CountOne();
        }
    }

    public override void Complete()
    {
        Shred();
        WriteGroup();
        WriteMagic();
        var footer = Footer();
        content.Write(footer);
        Span<byte> size = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(size, footer.Length);
        content.Write(size);
        content.Write(s_magic);
    }

    private void Shred()
    {
        cancellation.ThrowIfCancellationRequested();
        _shredder.Shred(_rows, _count, _columns);
        Array.Clear(_rows, 0, _count);
        _pageRows += _count;
        _groupRows += _count;
        _count = 0;
        if (_pageRows >= RowsPerPage)
        {
            Array.ForEach(_columns, static column => column.EndPage());
            _pageRows = 0;
        }

        if (_groupRows == RowsPerGroup)
        {
            WriteGroup();
        }
    }

    private void WriteGroup()
    {
        if (_groupRows == 0)
        {
            return;
        }

        WriteMagic();
        _groups.Begin();
        _groups.List(1, ThriftType.Struct, _columns.Length);
        var start = _at;
        foreach (var column in _columns)
        {
            cancellation.ThrowIfCancellationRequested();
            column.EndPage();
            _at += column.WriteTo(content, _at, _groups);
        }

        _groups.Int64(2, _at - start);
        _groups.Int64(3, _groupRows);
        _groups.End();
        _groupCount++;
        _written += _groupRows;
        (_groupRows, _pageRows) = (0, 0);
    }

    private void WriteMagic()
    {
        if (_at == 0)
        {
            content.Write(s_magic);
            _at = s_magic.Length;
        }
    }

    private byte[] Footer()
    {
        var footer = new ThriftWriter();
        footer.Begin();
        footer.Int32(1, 2);
        footer.List(2, ThriftType.Struct, _shredder.Schema.Count);
        foreach (var element in _shredder.Schema)
        {
            element.Write(footer);
        }

        footer.Int64(3, _written);
        footer.List(4, ThriftType.Struct, _groupCount);
        footer.Raw(_groups.Written);
        footer.Text(6, "MicroSpark");
        footer.End();
        return footer.Written.ToArray();
    }
}
