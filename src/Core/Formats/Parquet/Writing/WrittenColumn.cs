using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
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

/// <summary>A column of values of a type.</summary>
internal abstract class WrittenColumn<V>(SchemaElement[] path, int def, int rep) : WrittenColumn(path, def, rep)
{
    public void Add(V value, int repeated)
    {
        Level(repeated, Def);
        Append(value);
    }

    protected abstract void Append(V value);
}

/// <summary>Numbers as they are in memory.</summary>
internal sealed class WrittenNumbers<V>(SchemaElement[] path, int def, int rep) : WrittenColumn<V>(path, def, rep)
    where V : unmanaged
{
    private V[] _values = new V[1024];
    private int _count;

    protected override void Append(V value)
    {
        if (_count == _values.Length)
        {
            Array.Resize(ref _values, 2 * _count);
        }

        _values[_count++] = value;
    }

    protected override PageEncoding EndValues(ArrayBufferWriter<byte> body)
    {
        body.Write(MemoryMarshal.AsBytes(_values.AsSpan(0, _count)));
        _count = 0;
        return PageEncoding.Plain;
    }
}

/// <summary>A bit each.</summary>
internal sealed class WrittenBooleans(SchemaElement[] path, int def, int rep) : WrittenColumn<bool>(path, def, rep)
{
    private readonly List<byte> _bits = [];
    private int _count;

    protected override void Append(bool value)
    {
        if (_count % 8 == 0)
        {
            _bits.Add(0);
        }

        _bits[^1] |= (byte)((value ? 1 : 0) << (_count++ % 8));
    }

    protected override PageEncoding EndValues(ArrayBufferWriter<byte> body)
    {
        body.Write(CollectionsMarshal.AsSpan(_bits));
        _bits.Clear();
        _count = 0;
        return PageEncoding.Plain;
    }
}

/// <summary>Bytes: each behind its length, or all of one.</summary>
internal sealed class WrittenBytes(SchemaElement[] path, int def, int rep) : WrittenColumn<byte[]>(path, def, rep)
{
    private readonly ArrayBufferWriter<byte> _bytes = new();

    protected override void Append(byte[] value)
    {
        if (Type == PhysicalType.Bytes)
        {
            BinaryPrimitives.WriteInt32LittleEndian(_bytes.GetSpan(sizeof(int)), value.Length);
            _bytes.Advance(sizeof(int));
        }

        _bytes.Write(value);
    }

    protected override PageEncoding EndValues(ArrayBufferWriter<byte> body)
    {
        body.Write(_bytes.WrittenSpan);
        _bytes.ResetWrittenCount();
        return PageEncoding.Plain;
    }
}

/// <summary>Texts, as places in a dictionary as long as that is short.</summary>
internal sealed class WrittenTexts(SchemaElement[] path, int def, int rep) : WrittenColumn<string>(path, def, rep)
{
    private const int MostTexts = 1 << 16;
    private const int MostBytes = 1 << 20;

    // A lone surrogate has no UTF-8: another character in its place would be another text.
    private static readonly UTF8Encoding s_strict = new(false, throwOnInvalidBytes: true);
    private readonly Dictionary<string, int> _dictionary = [];
    private readonly ArrayBufferWriter<byte> _texts = new();
    private readonly List<string> _page = [];
    private bool _isFull;
    private bool _isUsed;

    protected override ReadOnlySpan<PageEncoding> Encodings => [PageEncoding.Plain, PageEncoding.Rle, PageEncoding.RleDictionary];

    protected override void Append(string value) => _page.Add(value);

    protected override PageEncoding EndValues(ArrayBufferWriter<byte> body)
    {
        var places = _isFull ? null : Places();
        if (places is null)
        {
            _isFull = true;
            _page.ForEach(text => Write(text, body));
        }
        else
        {
            var width = Math.Max(1, HybridReader.WidthOf(_dictionary.Count - 1));
            body.Write([(byte)width]);
            HybridWriter.Write(places, width, body);
            _isUsed = true;
        }

        _page.Clear();
        return places is null ? PageEncoding.Plain : PageEncoding.RleDictionary;
    }

    protected override void WriteDictionary(ArrayBufferWriter<byte> into)
    {
        if (_isUsed)
        {
            WritePage(into, PageKind.Dictionary, _dictionary.Count, PageEncoding.Plain, _texts.WrittenSpan);
        }

        _dictionary.Clear();
        _texts.ResetWrittenCount();
        (_isFull, _isUsed) = (false, false);
    }

    // A page that brings mostly new texts is better off without.
    private int[]? Places()
    {
        var places = new int[_page.Count];
        var (before, bytes) = (_dictionary.Count, _texts.WrittenCount);
        for (var i = 0; i < places.Length; i++)
        {
            ref var place = ref CollectionsMarshal.GetValueRefOrAddDefault(_dictionary, _page[i], out var exists);
            if (!exists)
            {
                place = _dictionary.Count - 1;
                Write(_page[i], _texts);
            }

            places[i] = place;
        }

        return _dictionary.Count > MostTexts || _texts.WrittenCount > MostBytes || _dictionary.Count - before > (places.Length / 2) + 1
            ? Forget(before, bytes)
            : places;
    }

    // What the page brought stands in no page before: without it the dictionary is as short as it was.
    private int[]? Forget(int texts, int bytes)
    {
        foreach (var (text, place) in _dictionary.ToArray())
        {
            if (place >= texts)
            {
                _dictionary.Remove(text);
            }
        }

        var kept = _texts.WrittenSpan[..bytes].ToArray();
        _texts.ResetWrittenCount();
        _texts.Write(kept);
        return null;
    }

    private static void Write(string text, ArrayBufferWriter<byte> into)
    {
        var size = s_strict.GetByteCount(text);
        var span = into.GetSpan(sizeof(int) + size);
        BinaryPrimitives.WriteInt32LittleEndian(span, size);
        s_strict.GetBytes(text, span[sizeof(int)..]);
        into.Advance(sizeof(int) + size);
    }
}
