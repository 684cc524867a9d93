using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;

namespace MicroSpark.Grains.Records;

/// <summary>Reads what <see cref="FieldWriter"/> wrote, field after field; who meets a number that it does not know goes on.</summary>
internal ref struct FieldReader(ReadOnlySpan<byte> bytes)
{
    public const int KindBits = 3;

    private ReadOnlySpan<byte> _rest = bytes;
    private int _field;

    /// <summary>The value of a field that is a number.</summary>
    public long Number { get; private set; }

    /// <summary>The value of a field that is no number.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    public readonly bool Flag => Number != 0;

    public readonly int Int => Number is >= int.MinValue and <= int.MaxValue ? (int)Number : throw Damaged($"{Number} exceeds 32 bits");

    public readonly string Text => Encoding.UTF8.GetString(Bytes);

    public readonly Guid Id => Bytes.Length == 16 ? new(Bytes) : throw Damaged($"an id has {Bytes.Length} bytes instead of 16");

    public readonly LineageId Hash =>
        Bytes.Length == 32 ? LineageId.FromHash(Bytes) : throw Damaged($"a hash has {Bytes.Length} bytes instead of 32");

    public readonly DateTimeOffset Time => Number >= 0 && Number <= DateTimeOffset.MaxValue.Ticks
        ? new(Number, TimeSpan.Zero)
        : throw Damaged($"{Number} ticks are no time");

    /// <summary>False at the end.</summary>
    /// <exception cref="InvalidDataException">The bytes are no fields.</exception>
    public bool Next()
    {
        if (_rest.IsEmpty)
        {
            return false;
        }

        var tag = Varint();
        _field = (int)Math.Min(tag >> KindBits, int.MaxValue);
        Number = 0;
        Bytes = default;
        switch ((FieldKind)(tag & ((1 << KindBits) - 1)))
        {
            case FieldKind.Varint:
                Number = (long)Varint();
                return true;
            case FieldKind.Fixed:
                Number = (long)BinaryPrimitives.ReadUInt64LittleEndian(Take(sizeof(ulong)));
                return true;
            case FieldKind.Bytes:
                Bytes = Take(Varint());
                return true;
            default:
                throw Damaged($"{tag & ((1 << KindBits) - 1)} is no kind of field");
        }
    }

    /// <summary>Which field it is; a value that is none of the enum's for one of another build.</summary>
    public readonly F Field<F>()
        where F : struct, Enum =>
        Unsafe.BitCast<byte, F>(_field <= byte.MaxValue ? (byte)_field : (byte)0);

    private ReadOnlySpan<byte> Take(ulong count)
    {
        if (count > (ulong)_rest.Length)
        {
            throw Damaged($"{count} bytes are announced and {_rest.Length} follow");
        }

        var taken = _rest[..(int)count];
        _rest = _rest[(int)count..];
        return taken;
    }

    private ulong Varint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = Take(1)[0];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw Damaged("a number has more than 10 bytes");
    }

    public static InvalidDataException Damaged(string found) => new($"A job's record is damaged: {found}.");
}
