using System.Buffers;
using System.Text;

namespace MicroSpark.Formats.Parquet.Metadata;

/// <summary>Writes Thrift's compact protocol; <see cref="ThriftReader"/> is its other half.</summary>
internal sealed class ThriftWriter
{
    private readonly ArrayBufferWriter<byte> _bytes = new();
    private readonly Stack<int> _fields = new();
    private int _field;

    public ReadOnlySpan<byte> Written => _bytes.WrittenSpan;

    public void Int32(int field, int value)
    {
        Field(field, ThriftType.Int32);
        Varint(Zigzag(value));
    }

    public void Int64(int field, long value)
    {
        Field(field, ThriftType.Int64);
        Varint(Zigzag(value));
    }

    public void Int8(int field, sbyte value)
    {
        Field(field, ThriftType.Int8);
        Byte((byte)value);
    }

    public void Bool(int field, bool value) => Field(field, value ? ThriftType.True : ThriftType.False);

    public void Text(int field, string value)
    {
        Field(field, ThriftType.Binary);
        Text(value);
    }

    /// <summary>An item of a list of texts.</summary>
    public void Text(string value)
    {
        Varint((ulong)Encoding.UTF8.GetByteCount(value));
        Encoding.UTF8.GetBytes(value, _bytes);
    }

    /// <summary>An item of a list of numbers.</summary>
    public void Int32(int value) => Varint(Zigzag(value));

    /// <summary>Items that another writer has written.</summary>
    public void Raw(ReadOnlySpan<byte> items) => _bytes.Write(items);

    public void List(int field, ThriftType type, int count)
    {
        const int Short = 15;
        Field(field, ThriftType.List);
        Byte((byte)((Math.Min(count, Short) << 4) | (int)type));
        if (count >= Short)
        {
            Varint((ulong)count);
        }
    }

    /// <summary>Begins a struct as a field; without one, as an item of a list or the outermost.</summary>
    public void Begin(int field = 0)
    {
        if (field > 0)
        {
            Field(field, ThriftType.Struct);
        }

        _fields.Push(_field);
        _field = 0;
    }

    public void End()
    {
        Byte((byte)ThriftType.Stop);
        _field = _fields.Pop();
    }

    private static ulong Zigzag(long value) => (ulong)((value << 1) ^ (value >> 63));

    private void Field(int field, ThriftType type)
    {
        const int Far = 15;
        var step = field - _field;
        if (step is > 0 and <= Far)
        {
            Byte((byte)((step << 4) | (int)type));
        }
        else
        {
            Byte((byte)type);
            Varint(Zigzag(field));
        }

        _field = field;
    }

    private void Varint(ulong value)
    {
        for (; value > 127; value >>= 7)
        {
            Byte((byte)(value | 128));
        }

        Byte((byte)value);
    }

    private void Byte(byte value)
    {
        _bytes.GetSpan(1)[0] = value;
        _bytes.Advance(1);
    }
}
