using MicroSpark.Codecs;

namespace MicroSpark.Closures;

/// <summary>Delegates inside values: a captured <c>Func</c>, a comparer made of one, a list of rules.</summary>
internal sealed class ClosureDelegateCodec : IDelegateCodec
{
    public void Write(ref ValueWriter writer, Delegate value)
    {
        if (writer.State.Capture is { } context)
        {
            DelegateCapture.Of(value, $"{context.OperatorName}: a delegate that '{context.ParameterName}' captures").Write(ref writer);
            return;
        }

        try
        {
            DelegateCapture.Of(value, "A delegate inside the data").Write(ref writer);
        }
        catch (ClosureNotShippableException error)
        {
            throw new NotEncodableException("", error.Message, value);
        }
    }

    public Delegate Read(ref ValueReader reader, Type delegateType, int number) => DelegateReader.Read(ref reader, delegateType, number);
}
