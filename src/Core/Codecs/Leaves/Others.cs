using System.Collections;
using System.Numerics;
using System.Reflection;

namespace MicroSpark.Codecs.Leaves;

internal sealed class BigIntegerCodec : Codec<BigInteger>
{
    public override void Write(ref ValueWriter writer, in BigInteger value)
    {
        var bytes = value.ToByteArray();
        writer.WriteVarint((uint)bytes.Length);
        writer.WriteBytes(bytes);
    }

    public override void Read(ref ValueReader reader, out BigInteger value) => value = new BigInteger(reader.ReadBytes(reader.ReadCount()));
}

internal sealed class MemoryCodec<T> : Codec<Memory<T>>
{
    public override void Write(ref ValueWriter writer, in Memory<T> value) => ReadOnlyMemoryCodec<T>.WriteSpan(ref writer, value.Span);

    public override void Read(ref ValueReader reader, out Memory<T> value) => value = ReadOnlyMemoryCodec<T>.ReadItems(ref reader);
}

/// <summary>The elements in the window; what else its array holds stays behind.</summary>
internal sealed class ReadOnlyMemoryCodec<T> : Codec<ReadOnlyMemory<T>>
{
    public override void Write(ref ValueWriter writer, in ReadOnlyMemory<T> value) => WriteSpan(ref writer, value.Span);

    public override void Read(ref ValueReader reader, out ReadOnlyMemory<T> value) => value = ReadItems(ref reader);

    internal static void WriteSpan(ref ValueWriter writer, ReadOnlySpan<T> items)
    {
        writer.WriteVarint((uint)items.Length);
        CodecOf<T>.Instance.WriteRun(ref writer, items);
    }

    internal static T[] ReadItems(ref ValueReader reader)
    {
        var items = new T[reader.ReadCount(CodecOf<T>.Instance.MinBytes)];
        CodecOf<T>.Instance.ReadRun(ref reader, items);
        return items;
    }
}

internal sealed class BitArrayCodec : LeafCodec<BitArray>
{
    protected override void WriteContent(ref ValueWriter writer, BitArray value)
    {
        var bytes = new byte[(value.Length + 7) / 8];
        value.CopyTo(bytes, 0);
        writer.WriteVarint((uint)value.Length);
        writer.WriteBytes(bytes);
    }

    protected override BitArray Make(ref ValueReader reader)
    {
        var bits = reader.ReadVarint();
        if (bits > int.MaxValue)
        {
            throw ValueReader.Corrupt($"{bits} bits are announced");
        }

        return new BitArray(reader.ReadBytes((int)((bits + 7) / 8)).ToArray()) { Length = (int)bits };
    }
}

/// <summary>A type as a value: an entry of the type table. In data it is a type that data has, in plans any.</summary>
internal sealed class TypeCodec : LeafCodec<Type>
{
    // A type is the same object wherever it is named.
    public override bool IsTracked => false;

    protected override void WriteContent(ref ValueWriter writer, Type value)
    {
        if (writer.Functions is null)
        {
            writer.WriteType(value, value);
        }
        else
        {
            writer.WriteCodeType(value);
        }
    }

    protected override Type Make(ref ValueReader reader) => reader.IsPlan ? reader.ReadCodeType() : reader.ReadType();
}

/// <summary>A class with one object only.</summary>
internal sealed class SingletonCodec<T> : LeafCodec<T>
    where T : class
{
    private static readonly T s_instance = (T)(
        typeof(T).GetProperty("Instance", BindingFlags.Static | BindingFlags.Public)?.GetValue(null)
        ?? typeof(T).GetField("Value", BindingFlags.Static | BindingFlags.Public)!.GetValue(null)!);

    public override bool IsTracked => false;

    protected override void WriteContent(ref ValueWriter writer, T value)
    {
    }

    protected override T Make(ref ValueReader reader) => s_instance;
}
