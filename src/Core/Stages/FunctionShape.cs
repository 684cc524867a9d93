using System.Reflection;
using System.Reflection.Emit;
using MicroSpark.Files;
using MicroSpark.Stages.Selecting;
using MicroSpark.Stages.Splitting;

namespace MicroSpark.Stages;

/// <summary>How a delegate's method is called from emitted code.</summary>
internal readonly struct FunctionShape
{
    private readonly Type _delegateType;

    /// <param name="isFlatMap">Whether the function gives a sequence whose elements are read one by one and which nobody sees.</param>
    public FunctionShape(Delegate function, bool isFlatMap = false)
    {
        _delegateType = function.GetType();
        Method = function.Method;
        Direct = Method is not DynamicMethod && function.HasSingleTarget && Method.DeclaringType is { IsValueType: false }
            && (Method.IsStatic || function.Target is not null);
        Split = isFlatMap && Direct && function is Func<string, IEnumerable<string>> ofLine ? SplitCall.Of(ofLine) : null;
        Select = isFlatMap && Direct && Split is null ? SelectCall.Of(Method) : null;
        TargetType = Split is not null ? typeof(WordSplitter)
            : !Direct ? _delegateType
            : function.Target is null ? null
            : Method.IsStatic ? Method.GetParameters()[0].ParameterType
            : Method.DeclaringType;
    }

    public MethodInfo Method { get; }

    /// <summary>Whether the method is called itself; otherwise the delegate is invoked.</summary>
    public bool Direct { get; }

    /// <summary>The type of what is loaded before the arguments; null for nothing.</summary>
    public Type? TargetType { get; }

    /// <summary>How the function splits lines, when this is all that it does: the loop then does the same without calling it.</summary>
    public SplitCall? Split { get; }

    /// <summary>
    /// What the function's sequence is made of, when it selects from an array or list: the loop then calls the selector itself.
    /// </summary>
    public SelectCall? Select { get; }

    /// <summary>What the loop is handed at run time for this function.</summary>
    public object? TargetOf(Delegate function) =>
        Split is not null ? new WordSplitter(Split.Separators, Split.Options, (Func<string, IEnumerable<string>>)function)
        : TargetType is null ? null
        : Direct ? function.Target
        : function;

    public void EmitCall(ILGenerator il)
    {
        if (Direct)
        {
            il.Emit(OpCodes.Call, Method);
        }
        else
        {
            il.Emit(OpCodes.Callvirt, _delegateType.GetMethod("Invoke")!);
        }
    }
}
