using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using MicroSpark.Code;
using MicroSpark.Codecs;

namespace MicroSpark.Closures;

/// <summary>What a lambda may be and hold, and how a refusal reads: where, why, and the way out.</summary>
internal static class ShippingRules
{
    /// <summary>Spark's rule SPARK-5063.</summary>
    public const string OnlyOnTheClient =
        "it belongs to the program that declares the job: a task may not use an Rdd or the context (Spark's rule SPARK-5063). Collect or "
        + "broadcast the data before, or join the two Rdds.";

    private const string NobodyAwaits =
        "nobody can await it. The work would be lost unseen, and an exception in it would end the process. Let it return Task: an async "
        + "lambda does where a Func<..., Task> is taken, as by ForeachAsync, ForeachPartitionAsync and StartLocalAsync.";

    private static readonly Type s_runtimeMethod = typeof(string).GetMethod(nameof(string.Clone))!.GetType();

    /// <summary>The one method of a delegate, if it can be found again by name elsewhere.</summary>
    public static MethodInfo MethodOf(Delegate function, string lambda)
    {
        if (!function.HasSingleTarget)
        {
            throw new ClosureNotShippableException(
                $"{lambda} is a multicast delegate of {function.GetInvocationList().Length} methods; expected one. "
                    + "Pass a lambda that calls them in turn.",
                TypeNames.Of(function.GetType()));
        }

        var method = function.Method;
        if (method is DynamicMethod || method.GetType() != s_runtimeMethod || method.DeclaringType is null)
        {
            throw new ClosureNotShippableException(
                $"{lambda} is a dynamic method (a compiled expression tree, or Reflection.Emit), which exists in this process only. "
                    + "Write it as a C# lambda; an expression tree can be compiled inside the task.",
                method.Name);
        }

        EnsureAwaitable(method, lambda);
        foreach (var type in method.GetParameters().Select(parameter => parameter.ParameterType).Append(method.ReturnType))
        {
            if (type.IsPointer || type.IsFunctionPointer || (type.IsByRefLike && !type.IsByRef))
            {
                throw new ClosureNotShippableException(
                    $"{lambda} ({DisplayNames.Of(method)}) takes or returns a {TypeNames.Of(type)}, which lives on one thread's stack. "
                    + "Use an array, a string or Memory<T>.",
                    DisplayNames.Of(method));
            }
        }

        return method;
    }

    /// <summary>For a function that is not sent anywhere but called here.</summary>
    /// <exception cref="ClosureNotShippableException">It is asynchronous, and gives nothing to await.</exception>
    public static void EnsureAwaitable(Delegate? function, string parameterName)
    {
        foreach (var one in function?.GetInvocationList() ?? [])
        {
            EnsureAwaitable(one.Method, $"'{parameterName}'");
        }
    }

    /// <summary>Whether a method is asynchronous and gives nothing to await.</summary>
    public static bool IsAsyncVoid(MethodBase method) =>
        method is MethodInfo { ReturnType: var type } && type == typeof(void)
        && IlTokens.Has<AsyncStateMachineAttribute>(method);

    public static void CheckAsyncVoid(ClosureAnalysis analysis, string lambda)
    {
        if (analysis.AsyncVoid is { } use)
        {
            throw new ClosureNotShippableException(
                $"{lambda} calls or passes on {DisplayNames.Of(use.Callee)}{By(use.By)}, which is 'async void': " + NobodyAwaits,
                DisplayNames.Of(use.Callee));
        }

        string By(MethodBase by) => CompilerMade.Is(by) ? "" : $" (in {DisplayNames.Of(by)})";
    }

    private static void EnsureAwaitable(MethodInfo method, string lambda)
    {
        if (IsAsyncVoid(method))
        {
            throw new ClosureNotShippableException(
                $"{lambda} ({DisplayNames.Of(method)}) is 'async void': " + NobodyAwaits, DisplayNames.Of(method));
        }
    }

    /// <param name="why">Why the value of now cannot stand in for the field, to go on after "since".</param>
    public static ClosureNotShippableException RefuseStatic(StaticFieldUse use, MethodInfo method, string lambda, string why) =>
        new(
            $"{lambda} ({DisplayNames.Of(method)}) touches the static field '{DisplayNames.Of(use.Field)}'{ComesTo(use.By, method)}. "
            + $"Every worker has static fields of its own, which do not follow the client's. Its value of now cannot be used, since {why}. "
            + "Copy the value, or what the lambda needs of it, to a local variable before, and use that; make the field readonly; or count "
            + "with an accumulator.",
            DisplayNames.Of(use.Field));

    /// <inheritdoc cref="RefuseStatic(StaticFieldUse, MethodInfo, string, string)" />
    public static ClosureNotShippableException RefuseStatic(ProcessStaticUse use, MethodInfo method, string lambda, string why) =>
        new(
            $"{lambda} ({DisplayNames.Of(method)}) reads the static field '{DisplayNames.Of(use.Field)}'{ComesTo(use.By, method)}. "
            + $"Every worker makes its own when it first needs it, and it is another one there: its initializer asks {use.Asked}, "
            + $"which answers for the process. Its value of now cannot be used, since {why}. "
            + "Copy the value, or what the lambda needs of it, to a local variable before, and use that.",
            DisplayNames.Of(use.Field));

    /// <inheritdoc cref="RefuseStatic(StaticFieldUse, MethodInfo, string, string)" />
    public static ClosureNotShippableException RefuseStatic(WrittenStaticUse use, MethodInfo method, string lambda, string why) =>
        new(
            $"{lambda} ({DisplayNames.Of(method)}) reads the static field '{DisplayNames.Of(use.Field)}'{ComesTo(use.By, method)}, "
            + $"which {DisplayNames.Of(use.Writer)} writes. No worker runs that: it makes the field by its initializer, and would "
            + $"compute with another value. Its value of now cannot be used, since {why}. Copy the value, or what the lambda needs of it, "
            + "to a local variable before, and use that.",
            DisplayNames.Of(use.Field));

    public static void CheckValue(object value, string path, MethodInfo method, string lambda)
    {
        if (IsOnlyOnTheClient(value.GetType()))
        {
            throw Refuse(lambda, method, path, OnlyOnTheClient, null);
        }
    }

    public static ClosureNotShippableException Refuse(string lambda, MethodInfo method, string path, string reason, Exception? cause) =>
        new(
        $"{lambda} ({DisplayNames.Of(method)}) uses '{path}', which cannot be sent to workers: {reason}", path, cause);

    private static string ComesTo(MethodBase by, MethodInfo lambda) =>
        by == lambda ? "" : $" (in {DisplayNames.Of(by)}, which it comes to)";

    /// <summary>Why an object travels whole, as a further sentence of a refusal; empty when it is for no virtual call.</summary>
    public static string Because(MethodBase? virtualCall) => virtualCall is null
        ? ""
        : $" All fields of the object travel, since the lambda calls {DisplayNames.Of(virtualCall)} on it: the call is virtual, so a "
            + "subclass may read any of them. Seal the class or the method, or copy what the lambda needs into a local variable before.";

    private static bool IsOnlyOnTheClient(Type type)
    {
        for (var part = type; part is not null; part = part.BaseType)
        {
            if (part is { Namespace: "MicroSpark", Name: "Rdd`1" or "OrderedRdd`1" or "MicroSparkContext" }
                && SharedCode.IsMicroSpark(part.Assembly))
            {
                return true;
            }
        }

        return false;
    }
}
