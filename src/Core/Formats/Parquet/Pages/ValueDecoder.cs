using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MicroSpark.Formats.Parquet.Pages;

/// <summary>Makes a value from the bytes that a column has for it. A struct, so that no call stands between.</summary>
internal interface IValueMaker<out V>
{
    V Make(ReadOnlySpan<byte> bytes);
}

/// <summary>Reads the values of a page in one encoding, nulls left out.</summary>
internal abstract class ValueDecoder<V>
{
    public abstract void Start(ArraySegment<byte> page);

    public abstract void Read(Span<V> into);

    /// <summary>The next values, until the room is used up: one at least.</summary>
    /// <param name="room">What values may take besides their array's room for them; it is less afterwards by what these took.</param>
    /// <returns>How many were read.</returns>
    public virtual int Read(Span<V> into, ref long room)
    {
        Read(into);
        return into.Length;
    }

    protected static InvalidDataException TooFew(int expected, int found) =>
        new($"expected {expected} more values in the page, found {found}");
}

/// <summary>Reads values that may be of any length, or of a long one.</summary>
internal abstract class BytesDecoder<V> : ValueDecoder<V>
{
    public abstract override int Read(Span<V> into, ref long room);

    public sealed override void Read(Span<V> into)
    {
        for (var room = long.MaxValue; !into.IsEmpty;)
        {
            into = into[Read(into, ref room)..];
        }
    }
}

/// <summary>Numbers as they are in memory.</summary>
internal sealed class PlainNumbers<V> : ValueDecoder<V>
    where V : unmanaged
{
    private ArraySegment<byte> _rest;

    public override void Start(ArraySegment<byte> page) => _rest = page;

    public override void Read(Span<V> into)
    {
        var bytes = MemoryMarshal.AsBytes(into);
        if (bytes.Length > _rest.Count)
        {
            throw TooFew(into.Length, _rest.Count / Unsafe.SizeOf<V>());
        }

        _rest.AsSpan(0, bytes.Length).CopyTo(bytes);
        _rest = _rest[bytes.Length..];
    }
}

/// <summary>A bit each.</summary>
internal sealed class PlainBooleans : ValueDecoder<bool>
{
    private ArraySegment<byte> _page;
    private long _bit;

    public override void Start(ArraySegment<byte> page) => (_page, _bit) = (page, 8L * page.Offset);

    public override void Read(Span<bool> into)
    {
        Bits.Spread(_page.Array!, _page.Offset + _page.Count, _bit, MemoryMarshal.AsBytes(into));
        _bit += into.Length;
    }
}

/// <summary>Runs and packed bits, behind their length.</summary>
internal sealed class RunBooleans : ValueDecoder<bool>
{
    private HybridReader _runs;

    public override void Start(ArraySegment<byte> page)
    {
        var at = page.Offset;
        var end = at + page.Count;
        var size = page.Count >= sizeof(int) ? BinaryPrimitives.ReadUInt32LittleEndian(page) : uint.MaxValue;
        _runs = size <= end - at - sizeof(int)
            ? new HybridReader(page.Array!, at + sizeof(int), at + sizeof(int) + (int)size, 1)
            : throw new InvalidDataException($"expected {size} bytes of booleans, found {page.Count}");
    }

    public override void Read(Span<bool> into) => _runs.Read(MemoryMarshal.AsBytes(into));
}

/// <summary>Bytes behind their length.</summary>
internal sealed class PlainBytes<V, TMaker>(TMaker maker) : BytesDecoder<V>
    where TMaker : struct, IValueMaker<V>
{
    private ArraySegment<byte> _rest;

    public override void Start(ArraySegment<byte> page) => _rest = page;

    public override int Read(Span<V> into, ref long room)
    {
        ReadOnlySpan<byte> rest = _rest;
        var i = 0;
        for (; i < into.Length && (room > 0 || i == 0); i++)
        {
            var size = rest.Length >= sizeof(int) ? BinaryPrimitives.ReadUInt32LittleEndian(rest) : throw TooFew(into.Length - i, 0);
            if (size > rest.Length - sizeof(int))
            {
                throw new InvalidDataException($"expected a value of {size} bytes, found {rest.Length - sizeof(int)}");
            }

            into[i] = maker.Make(rest.Slice(sizeof(int), (int)size));
            rest = rest[(sizeof(int) + (int)size)..];
            room -= size;
        }

        _rest = _rest[(_rest.Count - rest.Length)..];
        return i;
    }
}

/// <summary>Bytes that all values have the same number of.</summary>
internal sealed class PlainFixed<V, TMaker>(TMaker maker, int length) : BytesDecoder<V>
    where TMaker : struct, IValueMaker<V>
{
    private ArraySegment<byte> _rest;

    public override void Start(ArraySegment<byte> page) => _rest = page;

    public override int Read(Span<V> into, ref long room)
    {
        var count = (int)Math.Min(into.Length, Math.Max(1, room / length));
        if ((long)count * length > _rest.Count)
        {
            throw TooFew(count, _rest.Count / length);
        }

        for (var i = 0; i < count; i++)
        {
            into[i] = maker.Make(_rest.AsSpan(i * length, length));
        }

        _rest = _rest[(count * length)..];
        room -= (long)count * length;
        return count;
    }
}

/// <summary>Numbers whose first bytes stand together, then their second ones, and so on.</summary>
internal sealed class SplitBytes<V, TMaker>(TMaker maker, int length) : BytesDecoder<V>
    where TMaker : struct, IValueMaker<V>
{
    private byte[]? _value;
    private ArraySegment<byte> _page;
    private int _count;
    private int _next;

    public override void Start(ArraySegment<byte> page) => (_page, _count, _next) = (page, page.Count / length, 0);

    public override int Read(Span<V> into, ref long room)
    {
        var count = (int)Math.Min(into.Length, Math.Max(1, room / length));
        if (count > _count - _next)
        {
            throw TooFew(count, _count - _next);
        }

        var page = _page.AsSpan();
        var value = _value ??= new byte[length];
        for (var i = 0; i < count; i++, _next++)
        {
            for (var b = 0; b < value.Length; b++)
            {
                value[b] = page[(b * _count) + _next];
            }

            into[i] = maker.Make(value);
        }

        room -= (long)count * length;
        return count;
    }
}

/// <summary>Places in a dictionary, whose values are made once and shared.</summary>
internal sealed class DictionaryValues<V>(V[] dictionary) : ValueDecoder<V>
{
    private readonly int[] _places = new int[1024];
    private HybridReader _runs;

    public override void Start(ArraySegment<byte> page)
    {
        const int Widest = 32;
        var width = page.Count > 0 ? page[0] : throw new InvalidDataException("expected a width of indices, found the page's end");
        _runs = width <= Widest
            ? new HybridReader(page.Array!, page.Offset + 1, page.Offset + page.Count, width)
            : throw new InvalidDataException($"expected indices of at most {Widest} bits, found {width}");
    }

    public override void Read(Span<V> into)
    {
        var values = dictionary;
        while (!into.IsEmpty)
        {
            var places = _places.AsSpan(0, Math.Min(into.Length, _places.Length));
            _runs.Read(places);
            for (var i = 0; i < places.Length; i++)
            {
                var place = places[i];
                if ((uint)place >= (uint)values.Length)
                {
                    throw new InvalidDataException($"expected an index below {values.Length}, found {(uint)place}");
                }

                into[i] = values[place];
            }

            into = into[places.Length..];
        }
    }
}

/// <summary>The same of bytes. Each row has its own: whoever changes those of one element does not change another's.</summary>
internal sealed class DictionaryBlobs(byte[][] dictionary) : BytesDecoder<byte[]>
{
    private readonly DictionaryValues<byte[]> _shared = new(dictionary);
    private readonly byte[][] _next = new byte[256][];
    private int _at;
    private int _end;

    public override void Start(ArraySegment<byte> page)
    {
        _shared.Start(page);
        (_at, _end) = (0, 0);
    }

    public override int Read(Span<byte[]> into, ref long room)
    {
        var i = 0;
        for (; i < into.Length && (room > 0 || i == 0); i++)
        {
            if (_at == _end)
            {
                (_at, _end) = (0, Math.Min(into.Length - i, _next.Length));
                _shared.Read(_next.AsSpan(0, _end));
            }

            into[i] = [.. _next[_at++]];
            room -= into[i].Length;
        }

        return i;
    }
}
