using System.Reflection;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using MicroSpark.Closures;
using MicroSpark.Code;

namespace MicroSpark.Stages.Selecting;

/// <summary>
/// Finds out from a method's IL whether it is a <see cref="SelectCall"/>, with the methods that it returns the sequences of.
/// </summary>
internal sealed class SelectSearch
{
    /// <summary>
    /// The size of all methods that are copied for one function. Compiling takes time in proportion; more than that does more than
    /// selecting.
    /// </summary>
    private const int MostInstructions = 512;

    private const MethodImplAttributes OnItsOwn =
        MethodImplAttributes.NoInlining | MethodImplAttributes.NoOptimization | MethodImplAttributes.Synchronized;

    /// <summary>A method has null while it is searched, so a method that returns its own sequence is called there as it is.</summary>
    private readonly Dictionary<MethodInfo, SelectCall?> _found = [];
    private int _instructions;

    public SelectCall? Find(MethodInfo method)
    {
        if (_found.TryGetValue(method, out var known))
        {
            return known;
        }

        _found[method] = null;
        try
        {
            return _found[method] = CodeOf(method) is { } code ? Find(method, code) : null;
        }
        catch (Exception e) when (
            e is TypeLoadException or MissingMemberException or IOException or BadImageFormatException or ArgumentException)
        {
            // It names something that is not there, perhaps where it never comes. The runtime says so if it does.
            return null;
        }
    }

    /// <summary>Null for what a copy cannot do, or would do otherwise.</summary>
    private IlCode? CodeOf(MethodInfo method)
    {
        if (method.DeclaringType is not { IsValueType: false } type || (method.MethodImplementationFlags & OnItsOwn) != 0
            || IlCopy.HasPreciseInitializer(type)
            || IlCode.Of(method) is not { } code || (_instructions += code.Instructions.Count) > MostInstructions)
        {
            // A static constructor runs when a method is called, and none is.
            return null;
        }

        return IlCopy.CanCopy(code) && !IlCopy.AsksWhoCalls(code) ? code : null;
    }

    private SelectCall? Find(MethodInfo method, IlCode code)
    {
        var found = new SelectCall(method, code);
        var targets = IlCopy.BranchTargets(code);
        for (var i = 0; i + 1 < code.Instructions.Count; i++)
        {
            if (code.Instructions[i].Code == ILOpCode.Call && code.Instructions[i + 1].Code == ILOpCode.Ret && !IsConstrained(code, i)
                && code.Method(code.Instructions[i]) is MethodInfo called && called.ReturnType == method.ReturnType)
            {
                if (IsSelect(called))
                {
                    var selector = SelectorOf(code, i, targets);
                    found.Tails.Add(
                        selector is null ? i : i - 2,
                        new SelectTail(
                            called, selector, OwnsVariables: selector is not null && OwnsVariables(code, selector.DeclaringType!)));
                }
                else if (called.Module == method.Module && Find(called) is { } callee)
                {
                    found.Tails.Add(i, new SelectTail(called, Callee: callee));
                }
            }
        }

        return found.Tails.Count > 0 ? found : null;
    }

    /// <summary>A static method of an interface, called on a type argument: which method that is, is not written there.</summary>
    private static bool IsConstrained(IlCode code, int call) => call > 0 && code.Instructions[call - 1].Op.OpCodeType == OpCodeType.Prefix;

    private static bool IsSelect(MethodInfo called) =>
        called.DeclaringType == typeof(Enumerable) && called.Name == nameof(Enumerable.Select)
        && called.GetParameters()[1].ParameterType.GetGenericTypeDefinition() == typeof(Func<,>);

    /// <summary>
    /// The lambda that is made a delegate for this one call, so that it can be called without one. Only what the compiler made is taken:
    /// its target is never null.
    /// </summary>
    private static MethodInfo? SelectorOf(IlCode code, int call, HashSet<int> targets) =>
        call >= 2 && code.Instructions[call - 1] is { Code: ILOpCode.Newobj } made && !targets.Contains(made.Offset)
        && !targets.Contains(code.Instructions[call].Offset)
        && code.Instructions[call - 2] is { Code: ILOpCode.Ldftn } loaded && code.Method(loaded) is MethodInfo { IsStatic: false } selector
        && selector.DeclaringType is { IsValueType: false } type && (CompilerMade.IsClosure(type) || selector.Name.StartsWith('<'))
        && ((MethodInfo)code.Method(code.Instructions[call])).GetGenericArguments() is [var item, var result]
        && selector.ReturnType == result && selector.GetParameters() is [var parameter] && parameter.ParameterType == item
            ? selector
            : null;

    /// <summary>
    /// Whether an object of captured variables is made here, once, and handed only to the one delegate. It must not go to another lambda's
    /// delegate, to the object of an inner block's variables, or to a local function. Nor to an expression tree, which names its fields by
    /// tokens.
    /// </summary>
    private static bool OwnsVariables(IlCode code, Type closure)
    {
        if (!CompilerMade.IsClosure(closure) || closure.BaseType != typeof(object) || closure.GetConstructor(Type.EmptyTypes) is null)
        {
            return false;
        }

        var (made, delegates) = (0, 0);
        foreach (var at in code.Instructions)
        {
            switch (at.Op.OperandType)
            {
                case OperandType.InlineMethod when code.Method(at) is var method:
                    if (at.Code == ILOpCode.Newobj && method.DeclaringType == closure)
                    {
                        made++;
                    }
                    else if (at.Code == ILOpCode.Ldftn && method.DeclaringType == closure)
                    {
                        delegates++;
                    }
                    else if (method.DeclaringType == closure || method.GetParameters().Any(parameter => parameter.ParameterType == closure))
                    {
                        return false;
                    }

                    break;
                case OperandType.InlineField when code.Field(at).FieldType == closure:
                case OperandType.InlineTok:
                    return false;
            }
        }

        return made == 1 && delegates == 1;
    }
}
