using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MicroSpark.Formats.Parquet.Metadata;
using MicroSpark.Formats.Parquet.Pages;

namespace MicroSpark.Formats.Parquet.Writing;

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

    protected override long ValueBytes => (long)_count * Unsafe.SizeOf<V>();

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

    protected override long ValueBytes => _bits.Count;

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

    protected override long ValueBytes => _bytes.WrittenCount;

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
