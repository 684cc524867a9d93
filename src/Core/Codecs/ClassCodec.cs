using System.Runtime.CompilerServices;
using MicroSpark.Code;

namespace MicroSpark.Codecs;

/// <summary>
/// A reference: a <see cref="Header"/>, then the content of the object when it is new. What derives from this says what the content is.
/// </summary>
internal abstract class ClassCodec<T> : Codec<T>
    where T : class
{
    private static readonly bool s_isShippable = typeof(IShippable).IsAssignableFrom(typeof(T));

    public override bool IsTracked => true;

    /// <summary>Whether objects of it can hold further objects, so that reading and writing may recurse deeply.</summary>
    protected virtual bool IsDeep => true;

    public sealed override void Write(ref ValueWriter writer, in T value)
    {
        T instance = value;
        if (instance is null)
        {
            writer.WriteByte(Header.Null);
        }
        else if (instance.GetType() != typeof(T))
        {
            Reference.WriteOther(ref writer, instance, this);
        }
        else if (!IsTracked)
        {
            writer.WriteByte(Header.New);
            WriteNew(ref writer, instance);
        }
        else if (!writer.TryWriteBackReference(instance))
        {
            writer.WriteByte(Header.New);
            WriteNew(ref writer, instance);
            writer.Leave(instance);
        }
    }

    public sealed override void WriteRun(ref ValueWriter writer, ReadOnlySpan<T> items)
    {
        if (IsTracked && items.Length > 32)
        {
            writer.State.Objects.Expect(items.Length);
        }

        base.WriteRun(ref writer, items);
    }

    public sealed override void Read(ref ValueReader reader, out T value)
    {
        byte header = reader.ReadByte();
        value = header switch
        {
            Header.Null => null!,
            Header.New => ReadNew(ref reader),
            _ => Reference.ReadOther<T>(ref reader, header),
        };
    }

    public sealed override void WriteContent(ref ValueWriter writer, object value) => WriteNew(ref writer, Unsafe.As<T>(value));

    public sealed override object ReadContent(ref ValueReader reader) => ReadNew(ref reader);

    internal void WriteNew(ref ValueWriter writer, T value)
    {
        if (s_isShippable && writer.State.Capture is { } capture)
        {
            ((IShippable)value).OnCapture(capture);
        }

        if (IsDeep && !RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            DeepStack.Write(ref writer, this, value);
        }
        else
        {
            WriteContent(ref writer, value);
        }
    }

    internal T ReadNew(ref ValueReader reader)
    {
        if (IsDeep && !RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            return DeepStack.Read(ref reader, this);
        }

        int number = IsTracked ? reader.ReserveObject() : -1;
        T value = ReadContent(ref reader, number);
        if (number >= 0)
        {
            reader.Register(number, value);
        }

        return value;
    }

    /// <summary>Writes the content of a new object.</summary>
    protected abstract void WriteContent(ref ValueWriter writer, T value);

    /// <summary>
    /// Reads the content. An object that its own parts may refer to is registered under <paramref name="number"/> before they are read.
    /// </summary>
    protected abstract T ReadContent(ref ValueReader reader, int number);
}

/// <summary>References to objects whose type only the object knows.</summary>
internal static class Reference
{
    /// <summary>Writes an object that is not null. <paramref name="declared"/> is the codec of the declared type.</summary>
    public static void WriteOther(ref ValueWriter writer, object value, Codec declared)
    {
        Codec codec = writer.State.Types.CodecOf(value.GetType());
        if (codec.IsTracked && writer.TryWriteBackReference(value))
        {
            return;
        }

        if (ReferenceEquals(codec, declared))
        {
            // One codec for a family of internal types, such as FrozenSet<T>.
            writer.WriteByte(Header.New);
        }
        else
        {
            if (!codec.IsConcrete)
            {
                // Says why before the type itself would be refused as unknown.
                codec.WriteContent(ref writer, value);
            }

            writer.WriteByte(Header.Other);
            writer.WriteType(codec.Type);
        }

        codec.WriteContent(ref writer, value);
        if (codec.IsTracked)
        {
            writer.Leave(value);
        }
    }

    public static T ReadOther<T>(ref ValueReader reader, byte header)
        where T : class
    {
        switch (header)
        {
            case Header.Seen:
                object seen = reader.State.Resolve(reader.ReadVarint());
                return seen as T ?? throw ValueReader.Corrupt($"a reference leads to a {seen.GetType()} where {typeof(T)} is declared");
            case Header.Other:
                Codec codec = reader.State.Types.Read(ref reader, anyFramework: false).CodecFor(typeof(T));
                object other = codec.ReadContent(ref reader);
                return other as T ?? throw ValueReader.Corrupt($"a {other.GetType()} stands where {typeof(T)} is declared");
            case Header.Rest:
                object rest = ObjectCodec.ReadRest(ref reader);
                return rest as T ?? throw ValueReader.Corrupt($"a reference leads to a {rest.GetType()} where {typeof(T)} is declared");
            default:
                throw ValueReader.Corrupt($"{header} is no header of a {typeof(T)}");
        }
    }
}

/// <summary>Interfaces, abstract classes and object: the runtime type decides.</summary>
internal sealed class AbstractCodec<T> : Codec<T>
    where T : class
{
    public override bool IsConcrete => false;

    public override void Write(ref ValueWriter writer, in T value)
    {
        if (value is null)
        {
            writer.WriteByte(Header.Null);
        }
        else
        {
            Reference.WriteOther(ref writer, value, this);
        }
    }

    public override void Read(ref ValueReader reader, out T value)
    {
        byte header = reader.ReadByte();
        value = header == Header.Null ? null! : Reference.ReadOther<T>(ref reader, header);
    }
}

/// <summary>An object that is nothing but an identity, such as a lock.</summary>
internal sealed class PlainObjectCodec<T> : ClassCodec<T>
    where T : class, new()
{
    protected override bool IsDeep => false;

    protected override void WriteContent(ref ValueWriter writer, T value)
    {
    }

    protected override T ReadContent(ref ValueReader reader, int number) => new();
}

/// <summary>Types without an encoding: null passes, everything else says why it does not.</summary>
internal sealed class RefusedCodec<T>(string reason) : Codec<T>
{
    public override bool IsConcrete => false;

    public override void Write(ref ValueWriter writer, in T value)
    {
        if (value is not null)
        {
            throw new NotEncodableException("", reason, value);
        }

        writer.WriteByte(Header.Null);
    }

    public override void Read(ref ValueReader reader, out T value)
    {
        byte header = reader.ReadByte();
        value = header == Header.Null && !typeof(T).IsValueType
            ? default!
            : throw ValueReader.Corrupt($"a {typeof(T)} follows, which has no encoding");
    }

    public override void WriteContent(ref ValueWriter writer, object value) => throw new NotEncodableException("", reason, value);

    public override object ReadContent(ref ValueReader reader) => throw ValueReader.Corrupt($"a {typeof(T)} follows, which has no encoding");
}
