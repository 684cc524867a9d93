using System.Reflection;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Runtime.CompilerServices;
using MicroSpark.Closures;

namespace MicroSpark.Stages.Selecting;

/// <summary>
/// A function whose last act is <c>return source.Select(selector)</c>, or to return what another method of its assembly returns in this
/// way. The loop runs a copy of it that ends otherwise: from an array or a list the selected elements go straight into the loop's buffer,
/// and there is no iterator, no delegate, and no call for an element. This is deforestation (Wadler, "Deforestation: transforming programs
/// to eliminate trees", 1990) of the one tree that C# users build most.
/// <code>
/// IEnumerable&lt;R&gt; copy(arguments, Spread&lt;R&gt; spread)
///     ...the function's own instructions...
///     if (!from.TryOpen(source)) return source.Select(selector);
///     for (i = 0; i &lt; from.Items.Length; i++) room[i] = selector(from.Items[i]);
///     from.Close();
///     return spread.Selected(i);
/// </code>
/// </summary>
/// <remarks>
/// The user's code runs in the order in which LINQ would have run it. What could tell the difference: the selector has run for up to
/// <see cref="SelectSource{S}"/>'s limit of elements before the first is taken, and frames of these methods in a stack trace have no line.
/// </remarks>
internal sealed class SelectCall
{
    /// <summary>How many methods may return what the next one returns.</summary>
    private const int DeepestCall = 4;

    /// <summary>Compiling a copy takes time in proportion; such a function does more than selecting.</summary>
    private const int LongestCopied = 512;

    private const MethodImplAttributes OnItsOwn =
        MethodImplAttributes.NoInlining | MethodImplAttributes.NoOptimization | MethodImplAttributes.Synchronized;

    // Keyed weakly: a user's method and what is known of it go together.
    private static readonly ConditionalWeakTable<MethodInfo, StrongBox<SelectCall?>> s_known = [];

    private readonly MethodInfo _method;
    private readonly IlCode _code;
    private readonly Dictionary<int, Tail> _tails;

    private SelectCall(MethodInfo method, IlCode code, Dictionary<int, Tail> tails) => (_method, _code, _tails) = (method, code, tails);

    /// <summary>
    /// Null when the function does not end so, or does what a copy cannot, or is there to be debugged: it is then called as it is.
    /// </summary>
    public static SelectCall? Of(MethodInfo method) => s_known.GetValue(
        method, static method => new StrongBox<SelectCall?>(DebugBuild.Is(method.Module.Assembly) ? null : Find(method, DeepestCall))).Value;

    /// <summary>The copy: the function's own target and arguments, then a <see cref="Spread{T}"/> of what it selects. Null when that is another type.</summary>
    public DynamicMethod? TryCompile(Type elementType) =>
        _method.ReturnType == typeof(IEnumerable<>).MakeGenericType(elementType) ? Compile(elementType) : null;

    private static SelectCall? Find(MethodInfo method, int deepest)
    {
        if (deepest == 0 || method.DeclaringType is not { IsValueType: false } || (method.MethodImplementationFlags & OnItsOwn) != 0
            || method.GetMethodBody() is not { ExceptionHandlingClauses.Count: 0 }
            || IlCode.Of(method) is not { } code || code.Instructions.Count > LongestCopied || !IlCopy.CanCopy(code))
        {
            return null;
        }

        var tails = new Dictionary<int, Tail>();
        var targets = IlCopy.BranchTargets(code);
        for (var i = 0; i + 1 < code.Instructions.Count; i++)
        {
            if (code.Instructions[i].Code == ILOpCode.Call && !IsPrefixed(code, i) && code.Instructions[i + 1].Code == ILOpCode.Ret
                && code.Method(code.Instructions[i]) is MethodInfo called && called.ReturnType == method.ReturnType)
            {
                if (IsSelect(called))
                {
                    var selector = SelectorOf(code, i, targets);
                    tails.Add(selector is null ? i : i - 2, new Tail(called, selector, selector is not null && OwnsVariables(code, selector.DeclaringType!), null));
                }
                else if (called.Module == method.Module && Find(called, deepest - 1) is { } callee)
                {
                    tails.Add(i, new Tail(called, null, false, callee));
                }
            }
        }

        return tails.Count > 0 ? new SelectCall(method, code, tails) : null;
    }

    /// <summary>A call of what the type that is meant makes of an interface's static method.</summary>
    private static bool IsPrefixed(IlCode code, int call) => call > 0 && code.Instructions[call - 1].Op.OpCodeType == OpCodeType.Prefix;

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
        && selector.DeclaringType is { IsValueType: false } && CompilerMade.Is(selector)
        && ((MethodInfo)code.Method(code.Instructions[call])).GetGenericArguments() is [var item, var result]
        && selector.ReturnType == result && selector.GetParameters() is [var parameter] && parameter.ParameterType == item
            ? selector
            : null;

    /// <summary>
    /// Whether an object of captured variables is made here, once, and handed to nobody but the one delegate: not to another lambda's, not to the object of an
    /// inner block's variables, not to a local function.
    /// </summary>
    private static bool OwnsVariables(IlCode code, Type closure)
    {
        if (!CompilerMade.IsClosure(closure) || closure.BaseType != typeof(object))
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
                    else if (at.Code is ILOpCode.Ldftn or ILOpCode.Ldvirtftn && method.DeclaringType == closure)
                    {
                        delegates++;
                    }
                    else if (method.DeclaringType == closure || method.GetParameters().Any(parameter => parameter.ParameterType == closure))
                    {
                        return false;
                    }

                    break;
                case OperandType.InlineField when code.Field(at).FieldType == closure:
                    return false;
            }
        }

        return made == 1 && delegates == 1;
    }

    private DynamicMethod Compile(Type elementType)
    {
        var spreadType = typeof(Spread<>).MakeGenericType(elementType);
        Type[] parameters =
        [
            .. _method.IsStatic ? [] : new[] { _method.DeclaringType! },
            .. _method.GetParameters().Select(p => p.ParameterType),
            spreadType,
        ];
        var copy = new DynamicMethod(_method.Name, _method.ReturnType, parameters, typeof(SelectCall).Module, skipVisibility: true)
        {
            InitLocals = _code.Body.InitLocals,
        };
        var il = copy.GetILGenerator();
        var spread = parameters.Length - 1;
        IlCopy.Emit(il, _code, (at, emitOwn) =>
        {
            if (!_tails.TryGetValue(at, out var tail))
            {
                emitOwn();
                return;
            }

            if (tail.Callee is { } callee)
            {
                il.Emit(OpCodes.Ldarg, (short)spread);
                il.Emit(OpCodes.Call, callee.Compile(elementType));
                return;
            }

            EmitSelect(il, tail, spreadType, spread);
            emitOwn();
        });
        return copy;
    }

    /// <summary>For the source on the stack, and on it the selector or the lambda's target: leaves them there when LINQ is to do it.</summary>
    private static void EmitSelect(ILGenerator il, Tail tail, Type spreadType, int spread)
    {
        var (itemType, resultType) = tail.Called.GetGenericArguments() is [var item, var result] ? (item, result) : throw new System.Diagnostics.UnreachableException();
        var sourceType = typeof(SelectSource<>).MakeGenericType(itemType);
        var itemsType = typeof(ReadOnlySpan<>).MakeGenericType(itemType);
        var roomType = typeof(Span<>).MakeGenericType(resultType);
        var selector = il.DeclareLocal(tail.Selector?.DeclaringType ?? tail.Called.GetParameters()[1].ParameterType);
        var source = il.DeclareLocal(tail.Called.GetParameters()[0].ParameterType);
        var from = il.DeclareLocal(sourceType);
        var items = il.DeclareLocal(itemsType);
        var room = il.DeclareLocal(roomType);
        var i = il.DeclareLocal(typeof(int));
        var byLinq = il.DefineLabel();
        var element = il.DefineLabel();
        var test = il.DefineLabel();

        il.Emit(OpCodes.Stloc, selector);
        il.Emit(OpCodes.Stloc, source);
        if (tail.Selector is null)
        {
            // LINQ says what is wrong with a selector that is null.
            il.Emit(OpCodes.Ldloc, selector);
            il.Emit(OpCodes.Brfalse, byLinq);
        }

        il.Emit(OpCodes.Ldloca, from);
        il.Emit(OpCodes.Ldloc, source);
        il.Emit(OpCodes.Call, sourceType.GetMethod(nameof(SelectSource<>.TryOpen))!);
        il.Emit(OpCodes.Brfalse, byLinq);
        il.Emit(OpCodes.Ldloca, from);
        il.Emit(OpCodes.Call, sourceType.GetProperty(nameof(SelectSource<>.Items))!.GetMethod!);
        il.Emit(OpCodes.Stloc, items);
        il.Emit(OpCodes.Ldarg, (short)spread);
        PushLength();
        il.Emit(OpCodes.Call, spreadType.GetMethod(nameof(Spread<>.RoomFor))!);
        il.Emit(OpCodes.Stloc, room);
        il.Emit(OpCodes.Ldc_I4_0);
        il.Emit(OpCodes.Stloc, i);
        il.Emit(OpCodes.Br, test);

        il.MarkLabel(element);
        il.Emit(OpCodes.Ldloca, room);
        il.Emit(OpCodes.Ldloc, i);
        il.Emit(OpCodes.Call, roomType.GetMethod("get_Item")!);
        il.Emit(OpCodes.Ldloc, selector);
        il.Emit(OpCodes.Ldloca, items);
        il.Emit(OpCodes.Ldloc, i);
        il.Emit(OpCodes.Call, itemsType.GetMethod("get_Item")!);
        il.Emit(OpCodes.Ldobj, itemType);
        il.Emit(OpCodes.Call, tail.Selector ?? selector.LocalType.GetMethod("Invoke")!);
        il.Emit(OpCodes.Stobj, resultType);
        il.Emit(OpCodes.Ldloc, i);
        il.Emit(OpCodes.Ldc_I4_1);
        il.Emit(OpCodes.Add);
        il.Emit(OpCodes.Stloc, i);
        il.MarkLabel(test);
        il.Emit(OpCodes.Ldloc, i);
        PushLength();
        il.Emit(OpCodes.Blt, element);

        il.Emit(OpCodes.Ldloca, from);
        il.Emit(OpCodes.Call, sourceType.GetMethod(nameof(SelectSource<>.Close))!);
        il.Emit(OpCodes.Ldarg, (short)spread);
        il.Emit(OpCodes.Ldloc, i);
        il.Emit(OpCodes.Call, spreadType.GetMethod(nameof(Spread<>.Selected))!);
        il.Emit(OpCodes.Ret);

        il.MarkLabel(byLinq);
        il.Emit(OpCodes.Ldloc, source);
        if (tail.OwnsVariables)
        {
            // The delegate gets another object of the same variables. So the one that the loop has never leaves this method, and the JIT keeps its fields in registers.
            il.Emit(OpCodes.Newobj, selector.LocalType.GetConstructor(Type.EmptyTypes)!);
            foreach (var field in selector.LocalType.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic))
            {
                il.Emit(OpCodes.Dup);
                il.Emit(OpCodes.Ldloc, selector);
                il.Emit(OpCodes.Ldfld, field);
                il.Emit(OpCodes.Stfld, field);
            }
        }
        else
        {
            il.Emit(OpCodes.Ldloc, selector);
        }

        void PushLength()
        {
            il.Emit(OpCodes.Ldloca, items);
            il.Emit(OpCodes.Call, itemsType.GetProperty("Length")!.GetMethod!);
        }
    }

    /// <summary>An end of a function, at the instruction by which it is found.</summary>
    /// <param name="Called"><c>Enumerable.Select</c>, or a method that ends with it.</param>
    /// <param name="Selector">What it selects by, when that is known; otherwise a delegate is on the stack.</param>
    /// <param name="OwnsVariables">Whether nobody else has the object of captured variables that the selector is called on.</param>
    /// <param name="Callee">The method that ends with it.</param>
    private sealed record Tail(MethodInfo Called, MethodInfo? Selector, bool OwnsVariables, SelectCall? Callee);
}
