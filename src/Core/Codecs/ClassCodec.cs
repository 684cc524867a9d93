using System.Runtime.CompilerServices;

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
        var instance = value;
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
        var header = reader.ReadByte();
        value = header switch
        {
            Header.Null => null!,
            Header.New => ReadNew(ref reader),
            _ => Reference.ReadOther<T>(ref reader, header),
        };
    }

    public sealed override void WriteContent(ref ValueWriter writer, object value) => WriteNew(ref writer, Unsafe.As<T>(value));

    public sealed override object ReadContent(ref ValueReader reader) => ReadNew(ref reader);

    private void WriteNew(ref ValueWriter writer, T value)
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

    private T ReadNew(ref ValueReader reader)
    {
        if (IsDeep && !RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            return Unsafe.As<T>(DeepStack.Read(ref reader, this));
        }

        var number = IsTracked ? reader.ReserveObject() : -1;
        var value = ReadContent(ref reader, number);
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
