using System.Text;

namespace MicroSpark.Formats.Parquet.Metadata;

/// <summary>
/// Thrift's compact protocol, which Parquet's footers and page headers are written in. Every length and count is checked against the bytes
/// that are left before anything is made for it.
/// </summary>
internal ref struct ThriftReader(ReadOnlySpan<byte> bytes)
{
    private const int DeepestSkip = 64;
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>Bytes read so far.</summary>
    public int Position { get; private set; }

    /// <summary>Whether a read failed because the bytes ended, so that more of them might help.</summary>
    public bool Ended { get; private set; }

    private int Left => _bytes.Length - Position;

    /// <summary>The next field of a struct; false at its end.</summary>
    /// <param name="field">The id of the field before, 0 at the start; then this one's.</param>
    public bool NextField(scoped ref int field, out ThriftType type)
    {
        var head = Byte();
        type = (ThriftType)(head & 15);
        if (type == ThriftType.Stop)
        {
            return false;
        }

        field = head >> 4 is not 0 and var step ? field + step : (short)Zigzag();
        return true;
    }

    /// <summary>The head of a list: how many items follow, of the type that is expected.</summary>
    public int List(ThriftType type)
    {
        var head = Byte();
        var count = head >> 4 == 15 ? Length() : head >> 4;
        return count == 0 || (ThriftType)(head & 15) == type
            ? count <= Left ? count : throw End($"{count} items of a list")
            : throw Wrong($"a list of {type}", (ThriftType)(head & 15));
    }

    public int Int32(ThriftType type) => Expect(type, ThriftType.Int32) ? checked((int)Zigzag()) : 0;

    public long Int64(ThriftType type) => Expect(type, ThriftType.Int64) ? Zigzag() : 0;

    public bool Bool(ThriftType type) =>
        type is ThriftType.True or ThriftType.False ? type == ThriftType.True : throw Wrong("a boolean", type);

    public int Int8(ThriftType type) => Expect(type, ThriftType.Int8) ? (sbyte)Byte() : 0;

    public string Text(ThriftType type)
    {
        Expect(type, ThriftType.Binary);
        var length = Length();
        var text = Encoding.UTF8.GetString(_bytes.Slice(Position, length));
        Position += length;
        return text;
    }

    /// <summary>Throws unless a field is what the format says.</summary>
    public bool Expect(ThriftType found, ThriftType expected) => found == expected ? true : throw Wrong(expected.ToString(), found);

    /// <summary>Passes over a field that nobody asks for.</summary>
    public void Skip(ThriftType type) => Skip(type, 0);

    private void Skip(ThriftType type, int depth)
    {
        if (depth > DeepestSkip)
        {
            throw new InvalidDataException($"expected at most {DeepestSkip} levels of metadata, found more");
        }

        switch (type)
        {
            case ThriftType.True or ThriftType.False:
                break;
            case ThriftType.Int8:
                Byte();
                break;
            case ThriftType.Int16 or ThriftType.Int32 or ThriftType.Int64:
                Zigzag();
                break;
            case ThriftType.Double:
                Pass(sizeof(double));
                break;
            case ThriftType.Binary:
                Pass(Length());
                break;
            case ThriftType.List or ThriftType.Set:
                var head = Byte();
                var count = head >> 4 == 15 ? Length() : head >> 4;
                for (var i = 0; i < count; i++)
                {
                    SkipItem((ThriftType)(head & 15), depth + 1);
                }

                break;
            case ThriftType.Map:
                var pairs = Length();
                var types = pairs == 0 ? 0 : Byte();
                for (var i = 0; i < pairs; i++)
                {
                    SkipItem((ThriftType)(types >> 4), depth + 1);
                    SkipItem((ThriftType)(types & 15), depth + 1);
                }

                break;
            case ThriftType.Struct:
                for (var field = 0; NextField(ref field, out var inner);)
                {
                    Skip(inner, depth + 1);
                }

                break;
            default:
                throw Wrong("metadata", type);
        }
    }

    // In a list a boolean is a byte of its own.
    private void SkipItem(ThriftType type, int depth)
    {
        if (type is ThriftType.True or ThriftType.False)
        {
            Byte();
        }
        else
        {
            Skip(type, depth);
        }
    }

    private int Byte() => Left > 0 ? _bytes[Position++] : throw End("another byte");

    private void Pass(int count) => Position += count <= Left ? count : throw End($"{count} bytes");

    // Of bytes, or of items that take a byte each at least.
    private int Length()
    {
        var length = Varint();
        return length <= (ulong)Left ? (int)length : throw End($"{length} bytes or items");
    }

    private long Zigzag()
    {
        var value = Varint();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    private ulong Varint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var part = Byte();
            value |= (ulong)(part & 127) << shift;
            if (part < 128)
            {
                return value;
            }
        }

        throw new InvalidDataException($"expected a number of at most 10 bytes, found more, at byte {Position} of the metadata");
    }

    private InvalidDataException End(string expected)
    {
        Ended = true;
        return new InvalidDataException($"expected {expected} at byte {Position} of the metadata, found its end {Left} bytes later");
    }

    private readonly InvalidDataException Wrong(string expected, ThriftType found) =>
        new($"expected {expected} at byte {Position} of the metadata, found {found}");
}

/// <summary>The compact protocol's numbers of types.</summary>
internal enum ThriftType
{
    Stop = 0,
    True = 1,
    False = 2,
    Int8 = 3,
    Int16 = 4,
    Int32 = 5,
    Int64 = 6,
    Double = 7,
    Binary = 8,
    List = 9,
    Set = 10,
    Map = 11,
    Struct = 12,
}
