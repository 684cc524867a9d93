using System.Collections.Immutable;
using System.Reflection;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Runtime.CompilerServices;
using MicroSpark.Code;

namespace MicroSpark.Hashing;

/// <summary>Walks all paths of one Equals method with values that are known by where they come from.</summary>
/// <remarks>
/// Whatever is not understood is a value that may be anything, so an instruction that this does not know costs fields and never gives a
/// wrong one. A loop is walked once: what is known where it begins anew holds for all that follows. A method that catches exceptions is not
/// read at all.
/// </remarks>
internal sealed class EqualsReader
{
    private const int MostSteps = 5_000;
    private const int MostCalls = 8;

    private readonly IlCode _code;
    private readonly Type _type;
    private readonly int _depth;
    private readonly StrongBox<int> _steps;
    private readonly Dictionary<int, int> _indexOf = [];
    private readonly HashSet<int> _setLater;
    private ImmutableHashSet<FieldInfo>? _shared;

    private EqualsReader(Type type, IlCode code, int depth, StrongBox<int> steps)
    {
        (_type, _code, _depth, _steps, _setLater) = (type, code, depth, steps, FinallyBlocks.SetBy(code));
        for (var i = 0; i < code.Instructions.Count; i++)
        {
            _indexOf[code.Instructions[i].Offset] = i;
        }
    }

    /// <summary>The fields that are equal whenever the method says true; none for code that cannot be read.</summary>
    /// <param name="type">What the values are: which overrides a virtual call comes to.</param>
    public static HashSet<FieldInfo> Read(Type type, MethodBase method) => [.. Read(type, method, 0, new StrongBox<int>())];

    private static IEnumerable<FieldInfo> Read(Type type, MethodBase method, int depth, StrongBox<int> steps)
    {
        if (depth > MostCalls || IlCode.Of(method) is not { } code)
        {
            return [];
        }

        try
        {
            var reader = new EqualsReader(type, code, depth, steps);
            reader.Walk(0, [], [], []);
            return reader._shared ?? [];
        }
        catch (Exception error) when (error is NotUnderstoodException || IlTokens.IsUnreadable(error))
        {
            return [];
        }
    }

    private void Walk(
        int at, ImmutableStack<EqualityValue> stack, ImmutableDictionary<int, EqualityValue> locals, ImmutableHashSet<FieldInfo> equal)
    {
        while (true)
        {
            if (++_steps.Value > MostSteps)
            {
                throw new NotUnderstoodException();
            }

            var il = _code.Instructions[at];
            var next = at + 1;
            switch (il.Code)
            {
                case ILOpCode.Nop or ILOpCode.Constrained or ILOpCode.Readonly or ILOpCode.Volatile or ILOpCode.Unaligned:
                case ILOpCode.Box or ILOpCode.Castclass or ILOpCode.Unbox or ILOpCode.Unbox_any or ILOpCode.Ldobj:
                case ILOpCode.Ldind_ref:
                    break;
                case ILOpCode.Isinst:
                    stack = stack.Pop(out var cast).Push(cast.AsAnother);
                    break;
                case ILOpCode.Ldarg_0 or ILOpCode.Ldarg_1 or ILOpCode.Ldarg_s or ILOpCode.Ldarg or ILOpCode.Ldarga or ILOpCode.Ldarga_s:
                    stack = stack.Push(Argument(il.Code is ILOpCode.Ldarg_0 ? 0 : il.Code is ILOpCode.Ldarg_1 ? 1 : il.Operand));
                    break;
                case ILOpCode.Ldloc_0 or ILOpCode.Ldloc_1 or ILOpCode.Ldloc_2 or ILOpCode.Ldloc_3 or ILOpCode.Ldloc or ILOpCode.Ldloc_s:
                    stack = stack.Push(locals.GetValueOrDefault(il.Local));
                    break;
                case ILOpCode.Ldloca or ILOpCode.Ldloca_s:
                    // Whoever has the address may change the local afterwards.
                    stack = stack.Push(locals.GetValueOrDefault(il.Local));
                    locals = locals.Remove(il.Local);
                    break;
                case ILOpCode.Stloc_0 or ILOpCode.Stloc_1 or ILOpCode.Stloc_2 or ILOpCode.Stloc_3 or ILOpCode.Stloc or ILOpCode.Stloc_s:
                    stack = stack.Pop(out var stored);
                    locals = locals.SetItem(il.Local, stored);
                    break;
                case ILOpCode.Dup:
                    stack = stack.Push(stack.Peek());
                    break;
                case >= ILOpCode.Ldc_i4_m1 and <= ILOpCode.Ldc_i4_8:
                    stack = stack.Push(EqualityValue.Of(il.Code - ILOpCode.Ldc_i4_0));
                    break;
                case ILOpCode.Ldc_i4 or ILOpCode.Ldc_i4_s:
                    stack = stack.Push(EqualityValue.Of(il.Operand));
                    break;
                case ILOpCode.Ldfld or ILOpCode.Ldflda:
                    stack = stack.Pop(out var owner);
                    stack = stack.Push(owner.FieldOf(_code.Field(il)));
                    break;
                case ILOpCode.Ceq:
                    stack = stack.Pop(out var right).Pop(out var left);
                    stack = stack.Push(EqualityValue.Compare(left, right));
                    break;
                case ILOpCode.And:
                    stack = stack.Pop(out right).Pop(out left);
                    stack = stack.Push(EqualityValue.And(left, right));
                    break;
                case ILOpCode.Call or ILOpCode.Callvirt:
                    stack = Call(_code.Method(il), il.Code == ILOpCode.Callvirt, stack);
                    break;
                case ILOpCode.Newobj:
                    stack = Drop(stack, _code.Method(il).GetParameters().Length).Push(default);
                    break;
                case ILOpCode.Br or ILOpCode.Br_s:
                    Jump(at, il.Operand, stack, locals, equal);
                    return;
                case ILOpCode.Leave or ILOpCode.Leave_s:
                    Jump(at, il.Operand, [], locals.RemoveRange(_setLater), equal);
                    return;
                case ILOpCode.Brtrue or ILOpCode.Brtrue_s or ILOpCode.Brfalse or ILOpCode.Brfalse_s:
                    stack = stack.Pop(out var test);
                    Fork(test, il.Code is ILOpCode.Brtrue or ILOpCode.Brtrue_s, at, il.Operand, stack, locals, equal);
                    return;
                case ILOpCode.Beq or ILOpCode.Beq_s or ILOpCode.Bne_un or ILOpCode.Bne_un_s:
                    stack = stack.Pop(out right).Pop(out left);
                    var whenEqual = il.Code is ILOpCode.Beq or ILOpCode.Beq_s;
                    Fork(EqualityValue.Compare(left, right), whenEqual, at, il.Operand, stack, locals, equal);
                    return;
                case ILOpCode.Ret:
                    Return(stack.Peek(), equal);
                    return;
                case ILOpCode.Throw:
                    return;
                case ILOpCode.Starg or ILOpCode.Starg_s or ILOpCode.Switch or ILOpCode.Calli or ILOpCode.Jmp or ILOpCode.Tail:
                    throw new NotUnderstoodException();
                default:
                    stack = Drop(stack, StackEffects.Pops(il.Op.StackBehaviourPop));
                    if (il.Op.FlowControl == FlowControl.Cond_Branch)
                    {
                        Jump(at, il.Operand, stack, locals, equal);
                        break;
                    }

                    for (var pushes = StackEffects.Pushes(il.Op.StackBehaviourPush); pushes > 0; pushes--)
                    {
                        stack = stack.Push(default);
                    }

                    break;
            }

            at = next;
        }
    }

    private void Fork(
        EqualityValue test, bool whenTrue, int at, int offset, ImmutableStack<EqualityValue> stack,
        ImmutableDictionary<int, EqualityValue> locals, ImmutableHashSet<FieldInfo> equal)
    {
        foreach (var outcome in (ReadOnlySpan<bool>)[true, false])
        {
            if (test.Kind == EqualityKind.Number && (test.Number != 0) != outcome)
            {
                continue;
            }

            // One object is equal to itself in every field, and says nothing of two.
            if (test.Kind == EqualityKind.Same && outcome)
            {
                continue;
            }

            var known = test.Kind == (outcome ? EqualityKind.Equal : EqualityKind.Unequal) ? equal.Union(test.Fields) : equal;
            if (outcome == whenTrue)
            {
                Jump(at, offset, stack, locals, known);
            }
            else
            {
                Walk(at + 1, stack, locals, known);
            }
        }
    }

    /// <summary>Goes on at a place. Behind a jump back there is nothing new: it may come to true, with what is known now.</summary>
    private void Jump(
        int from, int offset, ImmutableStack<EqualityValue> stack, ImmutableDictionary<int, EqualityValue> locals,
        ImmutableHashSet<FieldInfo> equal)
    {
        if (_indexOf[offset] is var target && target > from)
        {
            Walk(target, stack, locals, equal);
        }
        else
        {
            Return(default, equal);
        }
    }

    private void Return(EqualityValue result, ImmutableHashSet<FieldInfo> equal)
    {
        if (result is { Kind: EqualityKind.Number, Number: 0 } or { Kind: EqualityKind.Same })
        {
            return;
        }

        var known = result.Kind == EqualityKind.Equal ? equal.Union(result.Fields) : equal;
        _shared = _shared is null ? known : _shared.Intersect(known);
    }

    private ImmutableStack<EqualityValue> Call(MethodBase method, bool isVirtual, ImmutableStack<EqualityValue> stack)
    {
        var arguments = new EqualityValue[method.GetParameters().Length + (method.IsStatic ? 0 : 1)];
        for (var i = arguments.Length - 1; i >= 0; i--)
        {
            stack = stack.Pop(out arguments[i]);
        }

        return method is MethodInfo { ReturnType: var result } && result == typeof(void) ? stack
            : stack.Push(Result(method, isVirtual, arguments));
    }

    private EqualityValue Result(MethodBase method, bool isVirtual, EqualityValue[] arguments)
    {
        if (EqualityCalls.IsDefaultComparer(method))
        {
            return EqualityValue.DefaultComparer;
        }

        if (arguments is [var only] && !method.IsStatic)
        {
            return EqualityCalls.BackingField(method) is { } field ? only.FieldOf(field) : default;
        }

        if (EqualityCalls.Compared(method, arguments) is { } compared)
        {
            return method.Name == "op_Inequality" ? compared.Not() : compared;
        }

        if (arguments is not [var left, var right] || !EqualityValue.IsPair(left, right)
            || method is not MethodInfo { ReturnType: var result } || result != typeof(bool))
        {
            return default;
        }

        // A method of the program's own, whatever it is called, that is given both.
        var isInequality = method.Name == "op_Inequality";
        var code = isInequality ? EqualityCalls.EqualityBeside(method) : isVirtual ? EqualityCalls.OverrideOf(_type, method) : method;
        var outcome = code is null ? default
            : new EqualityValue(EqualityKind.Equal, [.. Read(_type, code, _depth + 1, _steps)]);
        return isInequality ? outcome.Not() : outcome;
    }

    private static ImmutableStack<EqualityValue> Drop(ImmutableStack<EqualityValue> stack, int count)
    {
        for (; count > 0; count--)
        {
            stack = stack.Pop();
        }

        return stack;
    }

    private static EqualityValue Argument(int number) => number switch
    {
        0 => EqualityValue.This,
        1 => EqualityValue.Other,
        _ => throw new NotUnderstoodException(),
    };
}
