using System.Buffers.Binary;
using MicroSpark.Files;
using MicroSpark.Formats.Parquet.Metadata;

namespace MicroSpark.Formats.Parquet.Writing;

/// <summary>
/// Writes elements as row groups. Rows are taken apart into columns at once; a group's pages, compressed, are in memory until it is full.
/// </summary>
/// <param name="groupBytes">What the pages of a group may take: it is full then, too.</param>
internal sealed class ParquetPartWriter<T>(
    Stream content, int partition, CancellationToken cancellation, long groupBytes = ParquetPartWriter<T>.BytesPerGroup)
    : PartWriter<T>(partition)
{
    public const int RowsPerGroup = 128 << 10;
    private const long BytesPerGroup = 256 << 20;
    private const int RowsPerPage = 16 << 10;

    // As other writers have it. Whoever reads a page has all of it in memory.
    private const int BytesPerPage = 1 << 20;
    private const int FirstRows = 16;
    private static readonly byte[] s_magic = "PAR1"u8.ToArray();

    private readonly ParquetShredder<T> _shredder = ParquetShredder<T>.Instance;
    private readonly WrittenColumn[] _columns = ParquetShredder<T>.Instance.CreateColumns();
    private readonly T[] _rows = new T[1024];
    private readonly ThriftWriter _groups = new();
    private int _count;
    private int _most = FirstRows;
    private long _pending;
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
            _rows[_count++] = element is null ? throw NullElement("Parquet file") : element;
            CountOne();
            if (_count == _most)
            {
                Shred();
            }
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
        if (_count == 0)
        {
            return;
        }

        _shredder.Shred(_rows, _count, _columns);
        Array.Clear(_rows, 0, _count);
        _pageRows += _count;
        _groupRows += _count;
        long pending = 0;
        foreach (var column in _columns)
        {
            pending += column.Pending;
        }

        // As many rows at once as take no more than a page.
        var bytes = Math.Max(1, (pending - _pending) / _count);
        var most = Math.Clamp(BytesPerPage / bytes, 1, Math.Min(2 * _most, _rows.Length));
        _count = 0;
        if (EndPages() >= groupBytes || _groupRows == RowsPerGroup)
        {
            WriteGroup();
        }

        _most = (int)Math.Min(most, RowsPerPage - _pageRows);
    }

    /// <returns>Bytes of all pages of the group.</returns>
    private long EndPages()
    {
        long held = 0;
        _pending = 0;
        foreach (var column in _columns)
        {
            if (_pageRows == RowsPerPage || column.Pending >= BytesPerPage)
            {
                column.EndPage();
            }

            held += column.Held;
            _pending += column.Pending;
        }

        _pageRows %= RowsPerPage;
        return held;
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
        (_groupRows, _pageRows, _pending) = (0, 0, 0);
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
