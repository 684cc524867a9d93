using System.Runtime.CompilerServices;

namespace MicroSpark.Codecs;

/// <summary>How the values of one type are written and read. Code that knows the type uses <see cref="Codec{T}"/>.</summary>
/// <remarks>
/// A codec never keeps a reference to a type of another load context than its own type's: it would keep that context alive.
/// </remarks>
internal abstract class Codec
{
    /// <summary>The type that the encoding names when a value of a wider declared type turns out to be of this one.</summary>
    public abstract Type Type { get; }

    /// <summary>The fewest bytes that a value takes, at least 1: bounds what a corrupt count may allocate.</summary>
    public virtual int MinBytes => 1;

    /// <summary>Whether there are values of exactly this type: not so for interfaces, abstract classes and refused types.</summary>
    public virtual bool IsConcrete => true;

    /// <summary>The codec of values of exactly this type. Another one for object, which is also what all others derive from.</summary>
    public virtual Codec Exact => this;

    /// <summary>Whether objects have an identity that is kept: shared references stay shared, cycles stay cycles.</summary>
    public virtual bool IsTracked => false;

    /// <summary>Writes a value as a field of this declared type would be.</summary>
    public abstract void WriteBoxed(ref ValueWriter writer, object? value);

    /// <summary>Reads what <see cref="WriteBoxed"/> wrote.</summary>
    public abstract object? ReadBoxed(ref ValueReader reader);

    /// <summary>Writes a value that is not null and of this very type, after its header.</summary>
    public abstract void WriteContent(ref ValueWriter writer, object value);

    /// <summary>Reads what <see cref="WriteContent"/> wrote.</summary>
    public abstract object ReadContent(ref ValueReader reader);
}

/// <inheritdoc />
internal abstract class Codec<T> : Codec
{
    public override Type Type => typeof(T);

    public abstract void Write(ref ValueWriter writer, in T value);

    public abstract void Read(ref ValueReader reader, out T value);

    /// <summary>Writes elements one after the other, without their count.</summary>
    public virtual void WriteRun(ref ValueWriter writer, ReadOnlySpan<T> items)
    {
        foreach (ref readonly var item in items)
        {
            Write(ref writer, in item);
        }
    }

    public virtual void ReadRun(ref ValueReader reader, Span<T> items)
    {
        foreach (ref var item in items)
        {
            Read(ref reader, out item);
        }
    }

    public sealed override void WriteBoxed(ref ValueWriter writer, object? value)
    {
        var typed = (T)value!;
        Write(ref writer, in typed);
    }

    public sealed override object? ReadBoxed(ref ValueReader reader)
    {
        Read(ref reader, out var value);
        return value;
    }

    // For types without a reference header the value is its content; ClassCodec tells the two apart.
    // A struct behind object may hold another one, and so on: bytes say how deep.
    public override void WriteContent(ref ValueWriter writer, object value)
    {
        if (RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            WriteBoxed(ref writer, value);
        }
        else
        {
            DeepStack.Write(ref writer, this, value);
        }
    }

    public override object ReadContent(ref ValueReader reader) =>
        RuntimeHelpers.TryEnsureSufficientExecutionStack() ? ReadBoxed(ref reader)! : DeepStack.Read(ref reader, this);
}
