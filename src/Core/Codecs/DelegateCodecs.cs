namespace MicroSpark.Codecs;

/// <summary>How a delegate inside a value is written: the closures' part of the codec.</summary>
internal interface IDelegateCodec
{
    /// <summary>Writes a delegate that is not null and was not written before. Its target takes part in the writer's references.</summary>
    void Write(ref ValueWriter writer, Delegate value);

    /// <summary>Reads what <see cref="Write"/> wrote, as a delegate of the given type.</summary>
    Delegate Read(ref ValueReader reader, Type delegateType);
}

/// <summary>Where the closures' part is plugged in. Without it delegates are refused.</summary>
internal static class DelegateCodecs
{
    public static IDelegateCodec? Provider { get; set; }
}
