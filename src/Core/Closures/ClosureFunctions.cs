using MicroSpark.Codecs;

namespace MicroSpark.Closures;

/// <summary>
/// Functions of plans: a captured <c>Func</c>, a comparer made of one, a list of rules. The key to all of them is <see cref="Instance"/>:
/// whoever names it reads bytes of a plan, which the submitter vouches for. A test lists who does.
/// </summary>
internal sealed class ClosureFunctions : PlanFunctions
{
    public static readonly ClosureFunctions Instance = new();

    private ClosureFunctions()
    {
    }

    public override void Write(ref ValueWriter writer, Delegate function)
    {
        if (writer.State.Capture is { } context)
        {
            DelegateCapture.Of(function, $"{context.OperatorName}: a delegate that '{context.ParameterName}' captures").Write(ref writer);
            return;
        }

        try
        {
            DelegateCapture.Of(function, "A delegate inside an argument", isDeclared: false).Write(ref writer);
        }
        catch (ClosureNotShippableException error)
        {
            throw new NotEncodableException("", error.Message, function);
        }
    }

    public override Delegate Read(ref ValueReader reader, Type type, int number) => DelegateReader.Read(ref reader, type, number);
}
