using System.Reflection;
using System.Reflection.Metadata;
using MicroSpark.Code;

namespace MicroSpark.Closures;

/// <content>What a call changes, and what of its arguments it gives back.</content>
internal sealed partial class StaticWriteFlow
{
    /// <summary>Actions whose functions run in tasks and then where the program is, on what the tasks came to.</summary>
    private static readonly HashSet<string> s_mergeAtClient = new(StringComparer.Ordinal)
    {
        "AggregateAsync", "FoldAsync", "ReduceAsync", "ReduceByKeyLocallyAsync", "TreeAggregateAsync", "TreeReduceAsync",
    };

    private void Call(MethodBase callee, int at, Stack<HashSet<WriteOrigin>> stack)
    {
        var isNew = _code.Instructions[at].Code == ILOpCode.Newobj;
        var parameters = callee.GetParameters();
        var first = callee.IsStatic ? 0 : 1;
        var arguments = new HashSet<WriteOrigin>[parameters.Length + first];
        for (var i = arguments.Length - 1; i >= (isNew ? 1 : 0); i--)
        {
            arguments[i] = stack.Pop();
        }

        if (isNew)
        {
            arguments[0] = [];
        }

        if (isNew && typeof(Delegate).IsAssignableFrom(callee.DeclaringType))
        {
            stack.Push(arguments[^1]);
            return;
        }

        var isEngines = callee.Module == typeof(StaticWriteFlow).Module;
        foreach (var argument in arguments)
        {
            if (isEngines)
            {
                Keep(Inside(argument), _summary.GivenToEngine);
            }

            if (!isEngines || s_mergeAtClient.Contains(callee.Name))
            {
                Keep(Inside(argument), _summary.Kept);
            }
        }

        var result = callee.DeclaringType is { IsArray: false } type && OwnCode.Is(type.Assembly)
            ? CallOwn(callee, arguments)
            : CallForeign(callee, parameters, first, arguments, at);
        if (isNew)
        {
            stack.Push(callee.DeclaringType!.IsByRefLike ? [.. arguments.SelectMany(Inside)] : s_none);
        }
        else if (callee is MethodInfo { ReturnType: var returned } && returned != typeof(void))
        {
            stack.Push(returned.IsByRef || WrittenStaticRule.CanChange(returned) ? result : s_none);
        }
    }

    private HashSet<WriteOrigin> CallOwn(MethodBase callee, HashSet<WriteOrigin>[] arguments)
    {
        var summary = _summaryOf(callee);
        foreach (((var argument, var by), var kind) in summary.Arguments)
        {
            Change(arguments[argument], kind, s_none, by);
        }

        return
        [
            .. summary.Returned.SelectMany(origin => origin.Slot < 0 ? [origin] : Inside(arguments[origin.Slot])),
        ];
    }

    private HashSet<WriteOrigin> CallForeign(
        MethodBase callee, ParameterInfo[] parameters, int first, HashSet<WriteOrigin>[] arguments, int at)
    {
        if (WritingCalls.ChangedBy(callee) is { } change)
        {
            // A struct in a variable is a copy; a span in one is a way to what it spans.
            var changed = arguments[change.Argument];
            Change(callee.DeclaringType!.IsByRefLike ? Inside(changed) : changed, change.Kind, s_none, _method);
        }

        for (var i = 0; i < parameters.Length; i++)
        {
            if (parameters[i] is { IsIn: false, ParameterType.IsByRef: true } && callee.Name != nameof(Volatile.Read))
            {
                // `Interlocked.Exchange(ref s_count, 0)`
                var kind = callee.DeclaringType?.Namespace == "System.Threading" && IsNothing(at - 1) ? WriteKind.Empties : WriteKind.Fills;
                Change(arguments[first + i], kind, first == 1 ? Inside(arguments[0]) : s_none, _method);
            }
        }

        return callee is MethodInfo method && WritingCalls.GivesPart(method)
            ? [.. (method.IsStatic ? arguments : arguments.Take(1)).SelectMany(Inside)]
            : s_none;
    }
}
