using System.Runtime.CompilerServices;
using MicroSpark.Codecs;

namespace MicroSpark.Closures;

/// <summary>Delegates inside values: a captured <c>Func</c>, a comparer made of one, a list of rules.</summary>
internal sealed class DelegateCodec<T> : ClassCodec<T>
    where T : Delegate
{
    protected override void WriteContent(ref ValueWriter writer, T value)
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

    protected override T ReadContent(ref ValueReader reader, int number) =>
        DelegateReader.Read(ref reader, typeof(T), number) as T ?? throw ValueReader.Corrupt($"a delegate is no {typeof(T)}");
}

/// <summary>The rule of delegates. Codecs by themselves refuse them: a delegate is code, and this room ships code.</summary>
internal static class DelegateCodecs
{
    /// <summary>
    /// Before the first value of the process is written or read: on a worker that may be data, before any lambda is made.
    /// </summary>
#pragma warning disable CA2255 // The rule keeps libraries from work that their users do not expect; this adds to a table of our own.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void AddRule() => CodecRules.Add(
        CodecRank.Family,
        static type => typeof(Delegate).IsAssignableFrom(type) && !type.IsAbstract
            ? CodecRules.Make(typeof(DelegateCodec<>), [type])
            : null);
}
