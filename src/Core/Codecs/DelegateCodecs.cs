namespace MicroSpark.Codecs;

/// <summary>How a delegate inside a value is written.</summary>
internal interface IDelegateCodec
{
    /// <summary>Whether a value that holds delegates can be written at all.</summary>
    bool Accepts { get; }

    /// <summary>Writes a delegate that is not null and was not written before. Its target takes part in the writer's references.</summary>
    void Write(ref ValueWriter writer, Delegate value);

    /// <summary>Reads what <see cref="Write"/> wrote, as a delegate of the given type.</summary>
    /// <param name="number">The delegate's number, to be registered early when its target may refer to it.</param>
    Delegate Read(ref ValueReader reader, Type delegateType, int number);
}

/// <summary>
/// Which of the two codecs of delegates this process uses. A delegate is code: codecs by themselves refuse it, and the room that ships code
/// (Closures) plugs in the one that writes it.
/// </summary>
internal static class DelegateCodecs
{
    public static IDelegateCodec Provider { get; set; } = new RefusedDelegates();
}

/// <summary>Values without code.</summary>
internal sealed class RefusedDelegates : IDelegateCodec
{
    public bool Accepts => false;

    public void Write(ref ValueWriter writer, Delegate value) => throw new NotEncodableException("", Refusals.Delegate, value);

    public Delegate Read(ref ValueReader reader, Type delegateType, int number) =>
        throw ValueReader.Corrupt($"a {delegateType} follows and delegates are not read here");
}
