using MicroSpark.Closures;

namespace MicroSpark.Codecs;

/// <summary>How a delegate inside a value is written: the closures' part of the codec.</summary>
internal interface IDelegateCodec
{
    /// <summary>Writes a delegate that is not null and was not written before. Its target takes part in the writer's references.</summary>
    void Write(ref ValueWriter writer, Delegate value);

    /// <summary>Reads what <see cref="Write"/> wrote, as a delegate of the given type.</summary>
    /// <param name="number">The delegate's number, to be registered early when its target may refer to it.</param>
    Delegate Read(ref ValueReader reader, Type delegateType, int number);
}

/// <summary>Where the closures' part is plugged in. Null refuses delegates.</summary>
internal static class DelegateCodecs
{
    public static IDelegateCodec? Provider { get; set; } = new ClosureDelegateCodec();
}
