using System.Collections.Immutable;
using System.Reflection;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using MicroSpark.Code;

namespace MicroSpark.Hashing;

/// <summary>Walks all paths of one Equals method with values that are known by where they come from.</summary>
/// <remarks>
/// Whatever is not understood is a value that may be anything, so an instruction that this does not know costs fields and never gives a
/// wrong one. A method with a loop or a try block is not read at all.
/// </remarks>
internal sealed class EqualsReader
{
    private const int MostSteps = 5_000;
    private const int MostCalls = 8;

    private static readonly FieldInfo[] s_none = [];

    private readonly IlCode _code;
    private readonly Type _type;
    private readonly int _depth;
    private readonly Dictionary<int, int> _indexOf = [];
    private ImmutableHashSet<FieldInfo>? _shared;
    private int _steps;

    private EqualsReader(Type type, IlCode code, int depth)
    {
        (_type, _code, _depth) = (type, code, depth);
        for (var i = 0; i < code.Instructions.Count; i++)
        {
            _indexOf[code.Instructions[i].Offset] = i;
        }
    }

    private enum Kind
    {
        Unknown,
        This,
        Other,
        FieldOfThis,
        FieldOfOther,

        /// <summary>A number.</summary>
        Number,

        /// <summary>True only if the fields are equal.</summary>
        Equal,

        /// <summary>False only if the fields are equal.</summary>
        Unequal,

        /// <summary>True only if both are one object.</summary>
        Same,

        /// <summary>EqualityComparer.Default.</summary>
        DefaultComparer,
    }

    /// <summary>The fields that are equal whenever the method says true.</summary>
    /// <param name="type">What the values are: which overrides a virtual call comes to.</param>
    public static HashSet<FieldInfo> Read(Type type, MethodBase method) => [.. Read(type, method, 0)];

    private static IEnumerable<FieldInfo> Read(Type type, MethodBase method, int depth)
    {
        if (depth > MostCalls || IlCode.Of(method) is not { } code || code.Body.ExceptionHandlingClauses.Count > 0)
        {
            return s_none;
        }

        var reader = new EqualsReader(type, code, depth);
        try
        {
            reader.Walk(0, [], [], []);
        }
        catch (NotUnderstoodException)
        {
            return s_none;
        }

        return reader._shared ?? (IEnumerable<FieldInfo>)s_none;
    }

    private void Walk(int at, ImmutableStack<Value> stack, ImmutableDictionary<int, Value> locals, ImmutableHashSet<FieldInfo> equal)
    {
        while (true)
        {
            if (++_steps > MostSteps)
            {
                throw new NotUnderstoodException();
            }

            var il = _code.Instructions[at];
            var next = at + 1;
            switch (il.Code)
            {
                case ILOpCode.Nop or ILOpCode.Constrained or ILOpCode.Readonly or ILOpCode.Volatile or ILOpCode.Unaligned:
                case ILOpCode.Box or ILOpCode.Castclass or ILOpCode.Isinst or ILOpCode.Unbox or ILOpCode.Unbox_any or ILOpCode.Ldobj:
                case ILOpCode.Ldind_ref:
                    break;
                case ILOpCode.Ldarg_0 or ILOpCode.Ldarg_1 or ILOpCode.Ldarg_s or ILOpCode.Ldarg or ILOpCode.Ldarga or ILOpCode.Ldarga_s:
                    stack = stack.Push(Argument(il.Code is ILOpCode.Ldarg_0 ? 0 : il.Code is ILOpCode.Ldarg_1 ? 1 : il.Operand));
                    break;
                case ILOpCode.Ldloc_0 or ILOpCode.Ldloc_1 or ILOpCode.Ldloc_2 or ILOpCode.Ldloc_3 or ILOpCode.Ldloc or ILOpCode.Ldloc_s:
                    stack = stack.Push(locals.GetValueOrDefault(Slot(il, ILOpCode.Ldloc_0, ILOpCode.Ldloc_3)));
                    break;
                case ILOpCode.Ldloca or ILOpCode.Ldloca_s:
                    // Whoever has the address may change the local afterwards.
                    stack = stack.Push(locals.GetValueOrDefault(il.Operand));
                    locals = locals.Remove(il.Operand);
                    break;
                case ILOpCode.Stloc_0 or ILOpCode.Stloc_1 or ILOpCode.Stloc_2 or ILOpCode.Stloc_3 or ILOpCode.Stloc or ILOpCode.Stloc_s:
                    stack = stack.Pop(out var stored);
                    locals = locals.SetItem(Slot(il, ILOpCode.Stloc_0, ILOpCode.Stloc_3), stored);
                    break;
                case ILOpCode.Dup:
                    stack = stack.Push(stack.Peek());
                    break;
                case >= ILOpCode.Ldc_i4_m1 and <= ILOpCode.Ldc_i4_8:
                    stack = stack.Push(new(Kind.Number, s_none, il.Code - ILOpCode.Ldc_i4_0));
                    break;
                case ILOpCode.Ldc_i4 or ILOpCode.Ldc_i4_s:
                    stack = stack.Push(new(Kind.Number, s_none, il.Operand));
                    break;
                case ILOpCode.Ldfld or ILOpCode.Ldflda:
                    stack = stack.Pop(out var owner);
                    stack = stack.Push(FieldOf(owner, _code.Field(il)));
                    break;
                case ILOpCode.Ceq:
                    stack = stack.Pop(out var right).Pop(out var left);
                    stack = stack.Push(Compare(left, right));
                    break;
                case ILOpCode.And:
                    stack = stack.Pop(out right).Pop(out left);
                    stack = stack.Push(And(left, right));
                    break;
                case ILOpCode.Call or ILOpCode.Callvirt:
                    stack = Call(_code.Method(il), il.Code == ILOpCode.Callvirt, stack);
                    break;
                case ILOpCode.Newobj:
                    stack = Drop(stack, _code.Method(il).GetParameters().Length).Push(default);
                    break;
                case ILOpCode.Br or ILOpCode.Br_s:
                    next = Target(il.Operand, at);
                    break;
                case ILOpCode.Brtrue or ILOpCode.Brtrue_s or ILOpCode.Brfalse or ILOpCode.Brfalse_s:
                    stack = stack.Pop(out var test);
                    Fork(test, il.Code is ILOpCode.Brtrue or ILOpCode.Brtrue_s, at, il.Operand, stack, locals, equal);
                    return;
                case ILOpCode.Beq or ILOpCode.Beq_s or ILOpCode.Bne_un or ILOpCode.Bne_un_s:
                    stack = stack.Pop(out right).Pop(out left);
                    Fork(Compare(left, right), il.Code is ILOpCode.Beq or ILOpCode.Beq_s, at, il.Operand, stack, locals, equal);
                    return;
                case ILOpCode.Ret:
                    Return(stack.Peek(), equal);
                    return;
                case ILOpCode.Throw:
                    return;
                case ILOpCode.Starg or ILOpCode.Starg_s or ILOpCode.Switch or ILOpCode.Calli or ILOpCode.Jmp or ILOpCode.Tail
                    or ILOpCode.Leave or ILOpCode.Leave_s:
                    throw new NotUnderstoodException();
                default:
                    stack = Drop(stack, StackEffects.Pops(il.Op.StackBehaviourPop));
                    if (il.Op.FlowControl == FlowControl.Cond_Branch)
                    {
                        Walk(Target(il.Operand, at), stack, locals, equal);
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
        Value test, bool whenTrue, int at, int offset, ImmutableStack<Value> stack, ImmutableDictionary<int, Value> locals,
        ImmutableHashSet<FieldInfo> equal)
    {
        foreach (var outcome in (ReadOnlySpan<bool>)[true, false])
        {
            if (test.Kind == Kind.Number && (test.Number != 0) != outcome)
            {
                continue;
            }

            // One object is equal to itself in every field, and says nothing of two.
            if (test.Kind == Kind.Same && outcome)
            {
                continue;
            }

            var known = test.Kind == (outcome ? Kind.Equal : Kind.Unequal) ? equal.Union(test.Fields) : equal;
            Walk(outcome == whenTrue ? Target(offset, at) : at + 1, stack, locals, known);
        }
    }

    private void Return(Value result, ImmutableHashSet<FieldInfo> equal)
    {
        if (result is { Kind: Kind.Number, Number: 0 } or { Kind: Kind.Same })
        {
            return;
        }

        var known = result.Kind == Kind.Equal ? equal.Union(result.Fields) : equal;
        _shared = _shared is null ? known : _shared.Intersect(known);
    }

    private ImmutableStack<Value> Call(MethodBase method, bool isVirtual, ImmutableStack<Value> stack)
    {
        var arguments = new Value[method.GetParameters().Length + (method.IsStatic ? 0 : 1)];
        for (var i = arguments.Length - 1; i >= 0; i--)
        {
            stack = stack.Pop(out arguments[i]);
        }

        return method is MethodInfo { ReturnType: var result } && result == typeof(void) ? stack
            : stack.Push(Result(method, isVirtual, arguments));
    }

    private Value Result(MethodBase method, bool isVirtual, Value[] arguments)
    {
        if (method is { Name: "get_Default", IsStatic: true } && IsEqualityComparer(method.DeclaringType!))
        {
            return new(Kind.DefaultComparer, s_none, 0);
        }

        if (method.Name == nameof(Equals) && arguments is [{ Kind: Kind.DefaultComparer }, var a, var b])
        {
            return Compare(a, b);
        }

        if (arguments is [var only])
        {
            return !method.IsStatic && BackingField(method) is { } field ? FieldOf(only, field) : default;
        }

        if (arguments is not [var left, var right])
        {
            return default;
        }

        if (method.Name == nameof(ReferenceEquals))
        {
            return Compare(left, right);
        }

        var isInequality = method.Name == "op_Inequality";
        if (!isInequality && method.Name is not ("op_Equality" or nameof(Equals)))
        {
            return default;
        }

        var outcome = IsPair(left, right)
            ? new Value(Kind.Equal, [.. Read(_type, EqualityOf(method, isInequality, isVirtual), _depth + 1)], 0)
            : Compare(left, right);
        return isInequality ? Not(outcome) : outcome;
    }

    private MethodBase EqualityOf(MethodBase method, bool isInequality, bool isVirtual) =>
        isInequality ? EqualityBeside(method) : isVirtual ? OverrideOf(method) : method;

    /// <summary>The field that a property without code of its own reads, unless a subclass may put another in its place.</summary>
    private static FieldInfo? BackingField(MethodBase method) =>
        (!method.IsVirtual || method.IsFinal || method.DeclaringType!.IsSealed) && IlCode.Of(method) is { } code
        && code.Instructions.Where(static i => i.Code != ILOpCode.Nop).ToArray() is
            [{ Code: ILOpCode.Ldarg_0 }, { Code: ILOpCode.Ldfld } load, { Code: ILOpCode.Ret }]
            ? code.Field(load) : null;

    /// <summary>What a virtual call comes to for a value of the type.</summary>
    private MethodBase OverrideOf(MethodBase method) =>
        method is MethodInfo { IsVirtual: true } called
            ? Array.Find(
                _type.GetMethods(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic),
                own => own.GetBaseDefinition() == called.GetBaseDefinition()) ?? method
            : method;

    private static MethodBase EqualityBeside(MethodBase inequality) =>
        inequality.DeclaringType!.GetMethod("op_Equality", [.. inequality.GetParameters().Select(static p => p.ParameterType)])
        ?? throw new NotUnderstoodException();

    private static bool IsEqualityComparer(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(EqualityComparer<>);

    private static bool IsPair(Value left, Value right) =>
        (left.Kind, right.Kind) is (Kind.This, Kind.Other) or (Kind.Other, Kind.This);

    private static Value Compare(Value left, Value right)
    {
        if (IsPair(left, right))
        {
            return new(Kind.Same, s_none, 0);
        }

        if ((left.Kind, right.Kind) is (Kind.FieldOfThis, Kind.FieldOfOther) or (Kind.FieldOfOther, Kind.FieldOfThis)
            && left.Fields[0] == right.Fields[0])
        {
            return new(Kind.Equal, left.Fields, 0);
        }

        var (value, number) = left.Kind == Kind.Number ? (right, left) : (left, right);
        return number.Kind != Kind.Number || value.Kind is not (Kind.Equal or Kind.Unequal) ? default
            : number.Number == 0 ? Not(value) : number.Number == 1 ? value : default;
    }

    private static Value Not(Value value) => value.Kind switch
    {
        Kind.Equal => value with { Kind = Kind.Unequal },
        Kind.Unequal => value with { Kind = Kind.Equal },
        _ => default,
    };

    private static Value And(Value left, Value right) => (left.Kind, right.Kind) switch
    {
        (Kind.Equal, Kind.Equal) => left with { Fields = [.. left.Fields, .. right.Fields] },
        (Kind.Equal, _) => left,
        (_, Kind.Equal) => right,
        _ => default,
    };

    private static Value FieldOf(Value owner, FieldInfo field) => owner.Kind switch
    {
        Kind.This => new(Kind.FieldOfThis, [Declared(field)], 0),
        Kind.Other => new(Kind.FieldOfOther, [Declared(field)], 0),
        _ => default,
    };

    /// <summary>A field as its own type reflects it: one that came through a subclass compares as another.</summary>
    private static FieldInfo Declared(FieldInfo field) => FieldInfo.GetFieldFromHandle(field.FieldHandle, field.DeclaringType!.TypeHandle);

    private static ImmutableStack<Value> Drop(ImmutableStack<Value> stack, int count)
    {
        for (; count > 0; count--)
        {
            stack = stack.Pop();
        }

        return stack;
    }

    private static int Slot(IlInstruction il, ILOpCode first, ILOpCode last) =>
        il.Code >= first && il.Code <= last ? il.Code - first : il.Operand;

    private Value Argument(int number) => number switch
    {
        0 => new(Kind.This, s_none, 0),
        1 => new(Kind.Other, s_none, 0),
        _ => throw new NotUnderstoodException(),
    };

    private int Target(int offset, int from)
    {
        var target = _indexOf[offset];
        return target > from ? target : throw new NotUnderstoodException();
    }

    private readonly record struct Value(Kind Kind, FieldInfo[] Fields, int Number);
}
