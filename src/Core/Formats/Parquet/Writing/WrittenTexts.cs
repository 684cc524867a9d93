using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using MicroSpark.Formats.Parquet.Metadata;
using MicroSpark.Formats.Parquet.Pages;

namespace MicroSpark.Formats.Parquet.Writing;

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
    private long _characters;
    private bool _isFull;
    private bool _isUsed;

    protected override long ValueBytes => _characters;

    protected override ReadOnlySpan<PageEncoding> Encodings => [PageEncoding.Plain, PageEncoding.Rle, PageEncoding.RleDictionary];

    protected override void Append(string value)
    {
        _page.Add(value);
        _characters += value.Length;
    }

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
        _characters = 0;
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
