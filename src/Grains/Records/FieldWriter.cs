using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;

namespace MicroSpark.Grains.Records;

/// <summary>
/// Numbered fields as bytes, in the wire format of Protocol Buffers: a tag (number and kind), then a varint, eight bytes or a length with
/// as many bytes. A reader skips numbers that it does not know, and two texts one behind the other are one text. That is what lets a
/// keeper append what it does not read.
/// </summary>
internal sealed class FieldWriter
{
    private readonly ArrayBufferWriter<byte> _bytes = new();

    public int Length => _bytes.WrittenCount;

    public ReadOnlySpan<byte> Written => _bytes.WrittenSpan;

    public byte[] ToArray() => _bytes.WrittenSpan.ToArray();

    public void Clear() => _bytes.ResetWrittenCount();

    public void Number<F>(F field, long value)
        where F : struct, Enum
    {
        Tag(field, FieldKind.Varint);
        Varint((ulong)value);
    }

    public void Flag<F>(F field, bool value)
        where F : struct, Enum
    {
        if (value)
        {
            Number(field, 1);
        }
    }

    public void Fixed<F>(F field, ulong value)
        where F : struct, Enum
    {
        Tag(field, FieldKind.Fixed);
        BinaryPrimitives.WriteUInt64LittleEndian(_bytes.GetSpan(sizeof(ulong)), value);
        _bytes.Advance(sizeof(ulong));
    }

    /// <summary>Nothing when it is null.</summary>
    public void Text<F>(F field, string? value)
        where F : struct, Enum
    {
        if (value is not null)
        {
            Tag(field, FieldKind.Bytes);
            Varint((ulong)Encoding.UTF8.GetByteCount(value));
            Encoding.UTF8.GetBytes(value, _bytes);
        }
    }

    public void Bytes<F>(F field, ReadOnlySpan<byte> value)
        where F : struct, Enum
    {
        Tag(field, FieldKind.Bytes);
        Varint((ulong)value.Length);
        _bytes.Write(value);
    }

    /// <summary>Nothing when it is null.</summary>
    public void BytesOrNull<F>(F field, byte[]? value)
        where F : struct, Enum
    {
        if (value is not null)
        {
            Bytes(field, value);
        }
    }

    public void Id<F>(F field, Guid value)
        where F : struct, Enum
    {
        Span<byte> bytes = stackalloc byte[16];
        value.TryWriteBytes(bytes);
        Bytes(field, bytes);
    }

    public void Hash<F>(F field, LineageId value)
        where F : struct, Enum
    {
        Span<byte> bytes = stackalloc byte[32];
        value.CopyTo(bytes);
        Bytes(field, bytes);
    }

    public void Time<F>(F field, DateTimeOffset value)
        where F : struct, Enum =>
        Number(field, value.UtcTicks);

    /// <summary>Fields inside a field.</summary>
    public void Message<F, T>(F field, T value, Action<FieldWriter, T> write)
        where F : struct, Enum
    {
        var inner = new FieldWriter();
        write(inner, value);
        Bytes(field, inner.Written);
    }

    private void Tag<F>(F field, FieldKind kind)
        where F : struct, Enum =>
        Varint(((ulong)Unsafe.BitCast<F, byte>(field) << FieldReader.KindBits) | (ulong)kind);

    private void Varint(ulong value)
    {
        var span = _bytes.GetSpan(10);
        var at = 0;
        for (; value >= 0x80; value >>= 7)
        {
            span[at++] = (byte)(value | 0x80);
        }

        span[at++] = (byte)value;
        _bytes.Advance(at);
    }
}

/// <summary>What stands behind a tag, numbered as Protocol Buffers does.</summary>
internal enum FieldKind : byte
{
    Varint = 0,
    Fixed = 1,
    Bytes = 2,
}
