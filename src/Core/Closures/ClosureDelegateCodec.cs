using System.Runtime.CompilerServices;
using MicroSpark.Codecs;

namespace MicroSpark.Closures;

/// <summary>Delegates inside values: a captured <c>Func</c>, a comparer made of one, a list of rules.</summary>
internal sealed class ClosureDelegateCodec : IDelegateCodec
{
    public bool Accepts => true;

    /// <summary>
    /// Before the first value of the process is written or read: on a worker that may be data, before any lambda is made.
    /// </summary>
#pragma warning disable CA2255 // The rule keeps libraries from work that their users do not expect; this sets one field of our own.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void PlugIn() => DelegateCodecs.Provider = new ClosureDelegateCodec();

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
