using System.Runtime.CompilerServices;
using MicroSpark.Formats.Parquet.Metadata;

namespace MicroSpark.Formats.Parquet.Pages;

/// <summary>A column with values of a type.</summary>
/// <param name="decoderOf">The decoder of an encoding; null for one that such a column cannot have.</param>
internal sealed class ParquetColumn<V>(
    ParquetInput input, int group, ParquetChunk chunk, ParquetLeafNode leaf, long longest, Func<PageEncoding, ValueDecoder<V>?> decoderOf)
    : ParquetColumn(input, group, chunk, leaf, longest)
{
    private readonly Dictionary<PageEncoding, ValueDecoder<V>> _decoders = [];
    private ValueDecoder<V>? _decoder;
    private ValueDecoder<V>? _dictionary;
    private ArraySegment<byte> _page;
    private bool _started;
    private int _values;

    /// <summary>The values of the batch, and what has been read of the next.</summary>
    public V[] Values { get; private set; } = [];

    protected override int Width => Unsafe.SizeOf<V>();

    protected override void OpenDictionary(ArraySegment<byte> page, int count)
    {
        // Room is made for what the bytes can hold.
        var bits = Leaf.Type switch
        {
            PhysicalType.Boolean => 1,
            PhysicalType.Int32 or PhysicalType.Float or PhysicalType.Bytes => 32,
            PhysicalType.FixedBytes => 8L * Leaf.Length,
            _ => 64,
        };
        if (count > 8L * page.Count / bits)
        {
            throw new InvalidDataException($"expected a dictionary of {count} values, found {page.Count} bytes");
        }

        var values = new V[count];
        var plain = decoderOf(PageEncoding.Plain)!;
        plain.Start(page);
        plain.Read(values);
        _dictionary = values is byte[][] blobs
            ? (ValueDecoder<V>)(object)new DictionaryBlobs(blobs)
            : new DictionaryValues<V>(values);
    }

    protected override void OpenPage(ArraySegment<byte> page, PageEncoding encoding)
    {
        (_page, _started) = (page, false);
        if (encoding is PageEncoding.PlainDictionary or PageEncoding.RleDictionary)
        {
            _decoder = _dictionary;
            return;
        }

        if (!_decoders.TryGetValue(encoding, out var decoder))
        {
            decoder = decoderOf(encoding)
                ?? throw ParquetErrors.Unsupported(File, $"a page of {encoding} with values of {Leaf.Type}", Leaf.Path);
            _decoders.Add(encoding, decoder);
        }

        _decoder = decoder;
    }

    // A page of nulls alone may have nothing that a decoder could begin with.
    protected override int ReadValues(int count, ref long room)
    {
        if (count == 0)
        {
            return 0;
        }

        if (!_started)
        {
            (_decoder ?? throw new InvalidDataException("expected a dictionary before the page, found none")).Start(_page);
            _started = true;
        }

        if (Values.Length < _values + count)
        {
            Values = Grown(Values, _values, _values + count);
        }

        var read = _decoder!.Read(Values.AsSpan(_values, count), ref room);
        _values += read;
        return read;
    }

    protected override void DiscardValues(int count)
    {
        _values -= count;
        Values.AsSpan(count, _values).CopyTo(Values);
    }
}
