using System.Buffers;
using System.Buffers.Binary;
using MicroSpark.Formats.Parquet.Metadata;
using MicroSpark.Formats.Parquet.Pages;
using Snappier;

namespace MicroSpark.Formats.Parquet.Writing;

/// <summary>
/// A column of the row group that is being written: the page whose values come in, and the pages before it, which are compressed already.
/// </summary>
internal abstract class WrittenColumn(SchemaElement[] path, int def, int rep)
{
    private readonly ArrayBufferWriter<byte> _pages = new();
    private readonly ArrayBufferWriter<byte> _body = new();
    private int[] _def = [];
    private int[] _rep = [];
    private int _levels;
    private long _values;
    private long _nulls;
    private long _size;

    /// <summary>Names from the top on, with points between.</summary>
    public string Name { get; } = string.Join('.', path.Select(static element => element.Name));

    public PhysicalType Type { get; } = path[^1].Type!.Value;

    /// <summary>Bytes of the page whose values come in.</summary>
    public long Pending => ValueBytes + ((long)_levels * 2 * sizeof(int));

    /// <summary>Bytes of all pages that have not been written.</summary>
    public long Held => Pending + _pages.WrittenCount;

    /// <summary>Bytes of the values of the page.</summary>
    protected abstract long ValueBytes { get; }

    protected virtual ReadOnlySpan<PageEncoding> Encodings => [PageEncoding.Plain, PageEncoding.Rle];

    /// <summary>A null, an empty list, or something above the column that is not there.</summary>
    /// <param name="level">How far down there is something.</param>
    public void Null(int repeated, int level)
    {
        Level(repeated, level);
        _nulls++;
    }

    /// <exception cref="ArgumentException">Always: something that is declared not to be null is.</exception>
    public void Missing(string member) => throw new ArgumentException(
        $"SaveAsParquetFileAsync found null in the member '{member}', which is declared without a '?'. Declare it with one, or filter such "
        + "elements out.");

    /// <summary>Ends the current page.</summary>
    public void EndPage()
    {
        if (_levels == 0)
        {
            return;
        }

        _body.ResetWrittenCount();
        WriteLevels(_rep, rep);
        WriteLevels(_def, def);
        var encoding = EndValues(_body);
        WritePage(_pages, PageKind.Data, _levels, encoding, _body.WrittenSpan);
        _values += _levels;
        _levels = 0;
    }

    /// <summary>Writes the pages, and begins anew.</summary>
    /// <param name="at">Where the file's end is.</param>
    /// <returns>How many bytes they are.</returns>
    public long WriteTo(Stream file, long at, ThriftWriter footer)
    {
        var dictionary = new ArrayBufferWriter<byte>();
        WriteDictionary(dictionary);
        file.Write(dictionary.WrittenSpan);
        file.Write(_pages.WrittenSpan);
        var bytes = dictionary.WrittenCount + (long)_pages.WrittenCount;
        footer.Begin();
        footer.Int64(2, at);
        footer.Begin(3);
        footer.Int32(1, (int)Type);
        footer.List(2, ThriftType.Int32, Encodings.Length);
        foreach (var encoding in Encodings)
        {
            footer.Int32((int)encoding);
        }

        footer.List(3, ThriftType.Binary, path.Length);
        foreach (var element in path)
        {
            footer.Text(element.Name);
        }

        footer.Int32(4, PageCodec.SnappyNumber);
        footer.Int64(5, _values);
        footer.Int64(6, _size);
        footer.Int64(7, bytes);
        footer.Int64(9, at + dictionary.WrittenCount);
        if (dictionary.WrittenCount > 0)
        {
            footer.Int64(11, at);
        }

        footer.Begin(12);
        footer.Int64(3, _nulls);
        footer.End();
        footer.End();
        footer.End();
        _pages.ResetWrittenCount();
        (_values, _nulls, _size) = (0, 0, 0);
        return bytes;
    }

    protected void Level(int repeated, int level)
    {
        if (_levels == _def.Length)
        {
            var room = Math.Max(1024, 2 * _levels);
            Array.Resize(ref _def, room);
            Array.Resize(ref _rep, room);
        }

        _rep[_levels] = repeated;
        _def[_levels++] = level;
    }

    /// <summary>Puts the page's values behind its levels, and begins anew.</summary>
    protected abstract PageEncoding EndValues(ArrayBufferWriter<byte> body);

    protected virtual void WriteDictionary(ArrayBufferWriter<byte> into)
    {
    }

    protected void WritePage(ArrayBufferWriter<byte> into, PageKind kind, int count, PageEncoding encoding, ReadOnlySpan<byte> body)
    {
        var compressed = ArrayPool<byte>.Shared.Rent(Snappy.GetMaxCompressedLength(body.Length));
        var stored = Snappy.Compress(body, compressed);
        var header = new ThriftWriter();
        header.Begin();
        header.Int32(1, (int)kind);
        header.Int32(2, body.Length);
        header.Int32(3, stored);
        header.Begin(kind == PageKind.Data ? 5 : 7);
        header.Int32(1, count);
        header.Int32(2, (int)encoding);
        if (kind == PageKind.Data)
        {
            header.Int32(3, (int)PageEncoding.Rle);
            header.Int32(4, (int)PageEncoding.Rle);
        }

        header.End();
        header.End();
        into.Write(header.Written);
        into.Write(compressed.AsSpan(0, stored));
        ArrayPool<byte>.Shared.Return(compressed);
        _size += header.Written.Length + body.Length;
    }

    private void WriteLevels(int[] levels, int most)
    {
        if (most == 0)
        {
            return;
        }

        var bytes = new ArrayBufferWriter<byte>();
        HybridWriter.Write(levels.AsSpan(0, _levels), HybridReader.WidthOf(most), bytes);
        BinaryPrimitives.WriteInt32LittleEndian(_body.GetSpan(sizeof(int)), bytes.WrittenCount);
        _body.Advance(sizeof(int));
        _body.Write(bytes.WrittenSpan);
    }

    /// <summary>The definition level of a value.</summary>
    protected int Def => def;
}
