using System.Reflection;
using System.Reflection.Emit;

namespace MicroSpark.Stages;

/// <summary>
/// Emits one stage's loop. An operator reads the element in <see cref="Current"/>, emits its work, and leaves its own element there; a
/// filter branches to <see cref="Continue"/>; a flat-map opens an inner loop. The lambdas' own methods are called, so that the JIT
/// inlines the user's code into the loop.
/// </summary>
internal sealed class StageEmitter(ILGenerator il, LocalBuilder?[] targets, IReadOnlyList<FunctionShape> functions)
{
    private static readonly FieldInfo s_operator = typeof(TaskProgress).GetField(nameof(TaskProgress.Operator))!;

    private readonly Stack<Action> _openLoops = new();
    private readonly List<LocalBuilder> _spreads = [];
    private (int Position, bool CanThrow) _marked;

    public ILGenerator IL { get; } = il;

    /// <summary>Holds the current element; its type is the chain's element type here.</summary>
    public LocalBuilder Current { get; set; } = null!;

    /// <summary>Where to go when the current element is done with.</summary>
    public Label Continue { get; set; }

    /// <summary>Where to go when no more elements are wanted.</summary>
    public Label Done { get; set; }

    /// <summary>Notes the operator before its function runs, so that an exception from inlined code can be attributed.</summary>
    public void MarkOperator(int position, bool canThrow)
    {
        _marked = (position, canThrow);
        if (!canThrow)
        {
            return;
        }

        IL.Emit(OpCodes.Ldarg_3);
        IL.Emit(OpCodes.Ldc_I4, position);
        IL.Emit(OpCodes.Stfld, s_operator);
    }

    /// <summary>Calls function <paramref name="index"/>; <paramref name="pushArguments"/> emits its arguments.</summary>
    public void Call(int index, Action pushArguments)
    {
        if (targets[index] is { } target)
        {
            IL.Emit(OpCodes.Ldloc, target);
        }

        pushArguments();
        functions[index].EmitCall(IL);
    }

    /// <summary>Calls function <paramref name="index"/> on the current element.</summary>
    public void CallOnCurrent(int index) => Call(index, () => IL.Emit(OpCodes.Ldloc, Current));

    /// <summary>Makes the value on the stack the current element.</summary>
    public void SetCurrent(Type type)
    {
        Current = IL.DeclareLocal(type);
        IL.Emit(OpCodes.Stloc, Current);
    }

    /// <summary>Opens an inner loop over the <c>IEnumerable</c> on the stack; its elements become current.</summary>
    public void OpenSpread(Type elementType)
    {
        var spreadType = typeof(Spread<>).MakeGenericType(elementType);
        var runType = typeof(ReadOnlySpan<>).MakeGenericType(elementType);
        var items = IL.DeclareLocal(typeof(IEnumerable<>).MakeGenericType(elementType));
        var spread = IL.DeclareLocal(spreadType);
        var run = IL.DeclareLocal(runType);
        var i = IL.DeclareLocal(typeof(int));
        var made = IL.DefineLabel();
        var nextRun = IL.DefineLabel();
        var element = IL.DefineLabel();
        var test = IL.DefineLabel();
        var next = IL.DefineLabel();
        var outer = Continue;

        IL.Emit(OpCodes.Stloc, items);
        IL.Emit(OpCodes.Ldloc, spread);
        IL.Emit(OpCodes.Brtrue, made);
        IL.Emit(OpCodes.Newobj, spreadType.GetConstructor(Type.EmptyTypes)!);
        IL.Emit(OpCodes.Stloc, spread);
        IL.MarkLabel(made);
        IL.Emit(OpCodes.Ldloc, spread);
        IL.Emit(OpCodes.Ldloc, items);
        IL.Emit(OpCodes.Call, spreadType.GetMethod("Start")!);

        // The sequence may be an iterator of the user's: its code runs when it is pulled, after operators further down have run.
        IL.MarkLabel(nextRun);
        MarkOperator(_marked.Position, _marked.CanThrow);
        IL.Emit(OpCodes.Ldloc, spread);
        IL.Emit(OpCodes.Ldloca, run);
        IL.Emit(OpCodes.Call, spreadType.GetMethod("Next")!);
        IL.Emit(OpCodes.Brfalse, outer);
        IL.Emit(OpCodes.Ldc_I4_0);
        IL.Emit(OpCodes.Stloc, i);
        IL.Emit(OpCodes.Br, test);

        IL.MarkLabel(element);
        IL.Emit(OpCodes.Ldloca, run);
        IL.Emit(OpCodes.Ldloc, i);
        IL.Emit(OpCodes.Call, runType.GetMethod("get_Item")!);
        IL.Emit(OpCodes.Ldobj, elementType);
        SetCurrent(elementType);
        Continue = next;
        _spreads.Add(spread);

        _openLoops.Push(() =>
        {
            IL.MarkLabel(next);
            IL.Emit(OpCodes.Ldloc, i);
            IL.Emit(OpCodes.Ldc_I4_1);
            IL.Emit(OpCodes.Add);
            IL.Emit(OpCodes.Stloc, i);
            IL.MarkLabel(test);
            IL.Emit(OpCodes.Ldloc, i);
            IL.Emit(OpCodes.Ldloca, run);
            IL.Emit(OpCodes.Call, runType.GetProperty("Length")!.GetMethod!);
            IL.Emit(OpCodes.Blt, element);
            IL.Emit(OpCodes.Br, nextRun);
        });
    }

    /// <summary>Emits, after the loop, that sequences which were not read to their end are let go.</summary>
    public void StopSpreads()
    {
        foreach (var spread in _spreads)
        {
            var none = IL.DefineLabel();
            IL.Emit(OpCodes.Ldloc, spread);
            IL.Emit(OpCodes.Brfalse, none);
            IL.Emit(OpCodes.Ldloc, spread);
            IL.Emit(OpCodes.Call, spread.LocalType.GetMethod("Stop")!);
            IL.MarkLabel(none);
        }
    }

    /// <summary>Closes the inner loops, innermost first.</summary>
    public void CloseLoops()
    {
        while (_openLoops.TryPop(out var close))
        {
            close();
        }
    }
}

/// <summary>How a delegate's method is called from emitted code.</summary>
internal readonly struct FunctionShape
{
    private readonly Type _delegateType;

    public FunctionShape(Delegate function)
    {
        _delegateType = function.GetType();
        Method = function.Method;
        Direct = Method is not DynamicMethod && function.HasSingleTarget && Method.DeclaringType is { IsValueType: false }
            && (Method.IsStatic || function.Target is not null);
        TargetType = !Direct ? _delegateType
            : function.Target is null ? null
            : Method.IsStatic ? Method.GetParameters()[0].ParameterType
            : Method.DeclaringType;
    }

    public MethodInfo Method { get; }

    /// <summary>Whether the method is called itself; otherwise the delegate is invoked.</summary>
    public bool Direct { get; }

    /// <summary>The type of what is loaded before the arguments; null for nothing.</summary>
    public Type? TargetType { get; }

    /// <summary>What the loop is handed at run time for this function.</summary>
    public object? TargetOf(Delegate function) => TargetType is null ? null : Direct ? function.Target : function;

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
